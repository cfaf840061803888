/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys: how a message is known again in the next run. Its class is link, server port, direction,
 * skeleton of the payload and length class; its key adds the step and which of the class in that
 * step it is. Names of nodes, never addresses, pids or client ports.
 */
#ifndef CUTSET_CAUSAL_KEY_H
#define CUTSET_CAUSAL_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct graph;

/*
 * The payload's form, hashed: the first 64 bytes with runs of digits collapsed, and words that look
 * like data (digits and letters, or very long). 0 where it is binary or unknown.
 */
uint64_t key__skeleton(const uint8_t *payload, size_t len);

/* Does a word look like data: letters and digits, or very long? */
bool key__is_data(const uint8_t *word, size_t len);

/* 0 for no bytes, else 1 + log2. */
unsigned int key__length_class(uint32_t len);

/* Is it none that has a skeleton? */
bool key__is_binary(const uint8_t *payload, size_t len);

/*
 * The form of a text, one word or mark after the other: returns the bytes of the next one (0: there is none) and goes
 * on with it from *form, 0 at first. Texts that are joined where a word ends have the forms of both, one after the other.
 */
size_t key__next_form(uint64_t *form, const uint8_t *text, size_t len);

/* The class of a message of @len bytes on @way: link, port, direction, carrier, hashed. */
uint64_t key__class(uint64_t way, uint32_t len, const uint8_t *payload, size_t payload_len);

/* Give every message its class and its key. 0 or -1 (memory). */
int keys__assign(struct graph *graph);

#endif
