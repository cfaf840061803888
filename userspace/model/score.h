/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How promising a candidate is (DESIGN: which first):
 *
 *	score(C) = prior(C) x MIN over the largest tried sets within C of (1 - a_d (1 - h(d,C)))
 *		 x (geometric mean of the same over all other derivations) ^ ELSEWHERE
 *
 * A minimal set breaks because each of its faults matters where all the others are: the tried sets within it say most,
 * and the least of them decides. Ways that were seen under other faults say less.
 *
 * A derivation is what good runs under one fault set rested on: of several such runs, each member
 * with its best confidence. h(d,C), the chance that C blocks d, takes the best covered member of each
 * link and combines links as independent: a hundred heartbeats of one link are one piece of
 * evidence, not a hundred. a_d is the Beta posterior (prior 1/2, 1/2) of d's coming through where
 * nothing of it was cut: its own runs did; violated and vacuous runs that left it alone did not.
 * prior falls with cost, with the chance that C takes the promise itself away (promise.h), where C holds a set
 * that is known to be vacuous or was parked, and with what it leaves for the check to read (remains.h). What the
 * experiments say of confidences is in influence.h.
 */
#ifndef CUTSET_MODEL_SCORE_H
#define CUTSET_MODEL_SCORE_H

#include "model/clause.h"

struct score;

/* NULL: memory. Both are borrowed. */
struct score *score__new(const struct variables *vars, const struct record *records,
			 size_t record_cnt);
void score__free(struct score *score);

/* From here on ranks are known of the chains that @hitting joined, and of no others. 0 or -1 (memory). */
int score__join(struct score *score, const struct hitting *hitting);

double score__of(struct score *score, const struct hitting_lit *picks, size_t cnt);

/* No set of that cost has a greater score. */
double score__most(const struct score *score, size_t cost);

/* Does it rest on what experiments changed (influence.h)? */
bool score__watched(const struct score *score);

/* How the enumerator is steered by it: ctx is the score. The floor is the caller's. Bounds are good guesses. */
void score__enter(void *ctx, const struct hitting_lit *picks, size_t cnt, size_t more);
void score__rank(void *ctx, struct hitting_lit pick, double *ret_value, double *ret_bound);

#endif
