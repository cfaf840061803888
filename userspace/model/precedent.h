/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What follows from earlier runs of a system in lockstep, without a run: there, what a node says in a step follows from
 * what it was handed in the steps before, what it has logged in the end likewise, and whether a connection is made in the step from its link alone. So each
 * node may be looked up by itself, in whatever run it was handed the same; when all were seen, and an end with the same
 * logs, the run is foretold. That a system is in lockstep is assumed; two runs that speak against it show that it is not.
 */
#ifndef CUTSET_MODEL_PRECEDENT_H
#define CUTSET_MODEL_PRECEDENT_H

#include "model/model.h"
#include "model/transcript.h"

struct precedents;

/* @opts is borrowed. NULL: memory. */
struct precedents *precedents__new(const struct model_opts *opts);
void precedents__free(struct precedents *precedents); /* takes NULL */

/*
 * A run under @faults that ended as @lesson says (survived, vacuous or violated). What is @said is sorted. Nothing is learned
 * under faults that delay or stall: what comes late is handed over in another step. 0 or -1 (memory). What it says against earlier runs, or that it cannot be used at all, precedents__doubt tells.
 */
int precedents__add(struct precedents *precedents, unsigned int run, const struct fault_set *faults,
		    enum lesson lesson, struct transcript *said);

/* How much is known: it grows with what runs show that none before did. */
size_t precedents__cnt(const struct precedents *precedents);

/* Why nothing is foretold; NULL: nothing speaks against it. */
const char *precedents__doubt(const struct precedents *precedents);

/*
 * How a run under @faults would end, and what it would rest on: *ret_support is added to, as sure as can be. Only that
 * the promise would be kept, or not made, is foretold. Returns 1, 0: nobody knows, or -1 (memory).
 */
int precedents__foretell(struct precedents *precedents, const struct fault_set *faults,
			 enum lesson *ret_lesson, struct support *ret_support);

#endif
