/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What nodes said in one run, word for word: what each sent to whom in which step, whether it came, and what it logged,
 * but for what commands print.
 * For systems in lockstep (precedent.h). A number of LONG_DIGITS or more is taken for a time or the name of a run:
 * all such are alike.
 */
#ifndef CUTSET_MODEL_TRANSCRIPT_H
#define CUTSET_MODEL_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define LONG_DIGITS 7

struct saying {
	uint16_t node, to; /* to NODE_OUTSIDE: it logged */
	bool opens;	   /* a connection is asked for, which came where it was made */
	bool came;
	uint32_t step;
	uint64_t words; /* hashed */
};

struct transcript {
	struct saying *v;
	size_t cnt, cap;
	uint32_t last_step; /* of the workload, whoever moved its clock */
	bool cut_off; /* something was longer than what was recorded of it */
};

struct graph;

uint64_t transcript__hash(const uint8_t *text, size_t len);

/* 0 or -1 (memory). */
int transcript__add(struct transcript *transcript, const struct saying *saying);

/* Of a traced run; @ret is owned by the caller. 0 or -1. */
int transcript__of_run(const struct graph *graph, struct transcript *ret, struct err *err);
void transcript__free(struct transcript *transcript); /* empties it */

#endif
