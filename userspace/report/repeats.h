/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was said more often in the bad run than in any good one: retries, questions that were asked anew, elections.
 * What is said in idle spans as well is not counted: there is more of it where a run takes longer.
 */
#ifndef CUTSET_REPORT_REPEATS_H
#define CUTSET_REPORT_REPEATS_H

#include "causal/graph.h"
#include "causal/intern.h"

/* Messages of one look (see report/align.h) in one phase. */
struct repeat {
	uint32_t first;	  /* a message of the bad run; UINT32_MAX: it has none */
	unsigned int bad; /* how many it sent, */
	unsigned int arrived; /* of those, delivered */
	unsigned int most;    /* how many the good run with the most of them sent */
	unsigned int here;    /* in the good run that is looked at */
	bool idle;
};

struct repeats { /* starts as { 0 } */
	struct repeat *v;
	size_t cnt, cap;
	struct intern of_kind;
};

/* One run, the bad one once. 0 or -1 (memory). */
int repeats__see(struct repeats *repeats, const struct graph *graph, bool bad);

/* When all were seen: only what was said more often is kept, the most excessive first. */
void repeats__pick(struct repeats *repeats);

void repeats__free(struct repeats *repeats);

#endif
