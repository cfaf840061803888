/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tokens: words in payloads, and which messages carry them. A word that is rare and looks like data
 * shows where a value went, across threads, event loops and however long it was kept.
 */
#ifndef CUTSET_CAUSAL_TOKEN_H
#define CUTSET_CAUSAL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "causal/intern.h"

struct graph;

#define TOKEN_MIN_BYTES 6
#define TOKEN_MAX_BYTES 64

struct token {
	float weight;	/* 0: says nothing; 1: whoever sends it has it from whom he received it */
	bool number;	/* digits only */
	uint32_t begin, cnt; /* its messages: carriers[begin .. begin + cnt), ascending */
};

/* Empty (all NULL) where the trace holds no payloads. */
struct tokens {
	struct token *v;
	size_t cnt, cap;
	struct intern by_hash;
	uint32_t *carriers;
	uint32_t *at;	/* message's tokens: of_message[at[message] .. at[message + 1]) */
	uint32_t *of_message;
};

/* After messages were built. 0 or -1 (memory). */
int tokens__build(struct graph *graph);
void tokens__free(struct tokens *tokens);

/* The next word of text[*at..len), 6 to 64 bytes; a longer one gives its first 64. Returns its
 * length and moves *at behind it; 0: no more. */
size_t token__next(const uint8_t *text, size_t len, size_t *at, const uint8_t **ret);

/* Is it digits only: a counter, an offset, a time, or a value? */
bool token__is_number(const uint8_t *word, size_t len);

/* How much a word looks like data rather than vocabulary: 0 to 1. */
float token__strength(const uint8_t *word, size_t len);

#endif
