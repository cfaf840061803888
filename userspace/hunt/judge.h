/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run's trace adds: did a fault leak, is the lineage sound, which support did the run show. */
#ifndef CUTSET_HUNT_JUDGE_H
#define CUTSET_HUNT_JUDGE_H

#include "causal/lineage.h"
#include "hunt/verdict.h"
#include "model/course.h"
#include "model/fault.h"
#include "model/support.h"
#include "model/transcript.h"

struct judge {
	const char *trace;
	const struct fault_set *faults;
	uint32_t heal;
	enum outcome outcome; /* what the promise's keeping is: OUTCOME_WORKLOAD without a check */
	const struct evidence *evidence;
	bool spare_idle; /* background is left out of supports, see causal/lineage.h */
	bool streams; /* supports tell ports and classes apart: stalls are in the budget */
};

/* Fill .leaked, .lost and .unsound of @facts. 0, or -1 where the trace cannot be read. */
int judge__facts(const struct judge *judge, struct facts *facts, struct err *err);

/*
 * The support of the outcome, none of whose members @faults covers. @ret is added to; @course (may be NULL) gets
 * one run more.
 */
int judge__support(const struct judge *judge, struct support *ret, struct course *course, struct err *err);

/* The same of everything that was delivered: what a vacuous run teaches. */
int judge__delivered(const struct judge *judge, struct support *ret, struct course *course,
		     struct err *err);

/* What the nodes said. @ret is owned by the caller. 0 or -1. */
int judge__transcript(const struct judge *judge, struct transcript *ret, struct err *err);

/* Let the evidence learn from the trace's idle phase. @ret_run_ns (may be NULL): how long the run took from there on. */
int judge__learn_idle(const char *trace, struct evidence *evidence, uint64_t *ret_run_ns, struct err *err);

/* The latest step of the workload in which a message was sent (NOW_*). 0 or -1. */
int judge__last_step(const char *trace, uint32_t *ret, struct err *err);

#endif
