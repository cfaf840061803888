/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which messages of a link a stall is about, as people write it:
 *
 *	/PORT	    of the side that listens; without: any
 *	#CLASS	    `connect`, or how the message begins, up to 32 bytes, and ~LEN or ~MIN-MAX for its
 *		    length; `?` is any byte, %xx a byte in hexadecimal; without: any message
 *	.N	    behind one of these: the first that is held, from 1; without: the first
 *
 *	/6379#*3%0d%0a$3%0d%0aSET.2    #?~40-80    #connect
 */
#ifndef CUTSET_MODEL_SELECTOR_H
#define CUTSET_MODEL_SELECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "../bpf/rule.h"

/* @text[0..len). Returns NULL, or what is wrong. */
const char *selector__parse(const char *text, size_t len, struct selector *ret);

/* As it is parsed. Returns @buf; 160 bytes fit all. */
char *selector__print(char *buf, size_t size, const struct selector *selector);

/* Numbers for selectors, the same for the same one, from 1; for the process's life. 0: there are too many. */
uint16_t selector__number(const struct selector *selector);
const struct selector *selector__numbered(uint16_t number); /* NULL for 0 */

int selector__compare(const struct selector *x, const struct selector *y);

#endif
