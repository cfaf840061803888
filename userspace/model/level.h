/* SPDX-License-Identifier: GPL-2.0-only */
/* Candidates by their cost: a level keeps the best of one cost, and levels are merged in order. */
#ifndef CUTSET_MODEL_LEVEL_H
#define CUTSET_MODEL_LEVEL_H

#include "solve/hitting.h"

#define LEVELS (HITTING_PICKS + 1)

/* A higher level comes first when its best is so many times the best of the lower ones. */
#define LEVEL_FACTOR 10
#define LEVEL_FACTOR_WATCHED 1.5 /* where scores rest on what experiments changed (influence.h) */

struct scored {
	double score;
	struct hitting_lit picks[HITTING_PICKS];
	size_t cnt;
};

struct level {
	struct kept {
		double score;
		size_t order; /* of those that score alike, the first to be offered comes first */
		size_t at;    /* of its picks, in sets */
	} *v; /* a heap, the worst on top; from the first levels__take on sorted, best first */
	size_t cnt, cap, max;
	struct hitting_lit *picks; /* @cost a set */
	size_t pick_cap, cost;
	size_t offered;
	double best; /* score; 0 where there is none */
	size_t taken;
	bool sorted;
};

/* Keep @scored if it is among the @max best. All of a level are of one cost. 0 or -1 (memory). */
int level__offer(struct level *level, const struct scored *scored);

/* The score that one more must exceed to be kept; -1 while there is room. */
double level__floor(const struct level *level);

/* The next of all levels in order; false: there is none. No more can be offered then. */
bool levels__take(struct level *levels, double factor, struct scored *ret);

void levels__free(struct level *levels);

#endif
