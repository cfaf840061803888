/* SPDX-License-Identifier: GPL-2.0-only */
/* A hunt from inside: shared by hunt.c, faultless.c, found.c, trial.c and shrink.c, and by nothing else. */
#ifndef CUTSET_HUNT_STATE_H
#define CUTSET_HUNT_STATE_H

#include "hunt/hunt.h"
#include "hunt/strategy.h"
#include "hunt/tried.h"
#include "model/closure.h"
#include "model/model.h"
#include "model/precedent.h"

enum stop { STOP_NONE, STOP_INTERRUPTED, STOP_TIME, STOP_MAX, STOP_UNSETTLED };

struct hunt {
	const struct scenario *scenario;
	const struct hunt_opts *opts;
	struct session *session;
	struct journal *journal;
	struct lab lab;
	struct model *model;
	struct model_opts model_opts;
	struct precedents *precedents; /* NULL: nothing is foretold */
	struct closure *closure;
	size_t committed, noted; /* of what it has foretold: in the model, in the journal */
	bool checked_foretold;
	struct strategy *strategy; /* random, exhaustive; NULL for lineage */
	enum strategy_kind kind;
	uint64_t seed, spare;
	unsigned int max;
	uint64_t begin_ns;
	struct tried_table tried;
	struct tried *baseline; /* the empty set */
	uint64_t rested_ns, longest_ns; /* the longest rest, and run, of it */
	unsigned int broken_row;
	enum stop stop;
	enum clause_mode mode;
	long left; /* candidates, for whoever watches; -1: not known */
	bool more_left;
	uint32_t last_step; /* of the workload, without faults */
	struct support seen; /* all that was delivered without faults */
	struct support ever; /* what any outcome rested on */
	unsigned int unsettled; /* so many sets, one after the other, rested on what none had before */
};

/* The model, from what is known of each set. Supports are unions over a set's runs. 0 or -1. */
int hunt__rebuild_model(struct hunt *hunt, struct err *err);

/* A set was judged that rests on this: does any of it stand nowhere before? Stops a hunt that does not settle. 0 or -1
 * (memory). */
int hunt__note_support(struct hunt *hunt, const struct support *support);

/* Has something come up that ends the hunt? Looks at the interrupt flag and the clock. */
bool hunt__stopped(struct hunt *hunt);

void hunt__say(const struct hunt *hunt, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Run @faults until there is a judgement: bounded retries of what says nothing, a violation
 * confirmed by repeats. What was learned is in the model. *ret is valid as long as the hunt; its
 * standing is OPEN when the hunt was stopped. Faults that never fired are not part of a violation:
 * *ret is then the set of those that did. 0 or -1.
 */
int trial__run(struct hunt *hunt, const struct fault_set *faults, const char *purpose,
	       struct tried **ret, struct err *err);

/* What a good run told, for what is foretold. 0 or -1. */
int foretold__hear(struct hunt *hunt, const struct experiment *experiment, struct err *err);

/* If it follows from what was heard how a run under @faults would end, it is learned without one. *ret_taken: look for
 * the next candidate. 0 or -1. */
int foretold__take(struct hunt *hunt, const struct fault_set *faults, bool *ret_taken, struct err *err);

/* Exact candidates by following what is foretold (model/closure.h), which takes no solver. 1 and *ret, 0: none that way; the
 * model has learned what was foretold and decides. -1 */
int foretold__next(struct hunt *hunt, struct fault_set *ret, struct err *err);

/* The model learns what was foretold so far. 0 or -1. */
int foretold__settle(struct hunt *hunt, struct err *err);

size_t foretold__cnt(const struct hunt *hunt);

/* Nothing is left: run some of what was foretold. Where one ends otherwise, nothing that was foretold stands any more, and
 * *ret_more is set. *ret_violated is set for one that broke, and confirmed, only. 0 or -1. */
int foretold__check(struct hunt *hunt, struct tried **ret_violated, bool *ret_more, struct err *err);

/* Once more, for a set that survived: its support grows (the model must be rebuilt), or it stands
 * otherwise from here on. 0 or -1. */
int trial__repeat(struct hunt *hunt, struct tried *tried, struct err *err);

/* Add the run's support to what is known of its set. 0 or -1. */
int trial__add_support(struct hunt *hunt, struct tried *tried, const struct experiment *experiment,
		       struct err *err);

/* Tell the model what is known of a set. 0 or -1. */
int trial__learn(struct hunt *hunt, const struct tried *tried, struct err *err);

/* The same until it has survived as often as the scenario asks for; it may stand otherwise then. 0 or -1. */
int trial__make_sure(struct hunt *hunt, struct tried *tried, struct err *err);

/*
 * Make the violation's faults small, in as many runs as the scenario allows: drop faults that are not needed,
 * one at a time, look for the shortest delay that still breaks, let each begin as late as it still
 * breaks, then put narrower ones in their places: a stall or a loss for a link for a partition for a silence. Where all sets
 * are asked for, neither delays nor kinds are looked at.
 */
int shrink__run(struct hunt *hunt, struct violation *violation, struct err *err);

/* A set that broke, and what is left of it: one more violation. 0 or -1. */
int found__take(struct hunt *hunt, const struct tried *violated, struct hunt_result *ret,
		struct err *err);

/* The promise breaks without any fault. 0 or -1. */
int found__by_itself(struct hunt_result *ret, struct err *err);

/* At the end: rates, and near misses of the first. 0 or -1. */
int found__describe(const struct hunt *hunt, struct hunt_result *ret, struct err *err);

/* Does @faults hold one that is known? */
bool found__within(const struct hunt_result *result, const struct fault_set *faults);

#endif
