/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loop: baseline runs, then fault sets as the model (or chance) proposes them, each run judged
 * and learned from, until a promise is broken, no candidate is left, or time is up.
 */
#ifndef CUTSET_HUNT_HUNT_H
#define CUTSET_HUNT_HUNT_H

#include <limits.h>

#include "hunt/experiment.h"
#include "hunt/rate.h"

enum strategy_kind { STRATEGY_LINEAGE, STRATEGY_RANDOM, STRATEGY_EXHAUSTIVE };

/* 0, or -1 where there is no such name. */
int strategy__named(const char *name, enum strategy_kind *ret);
const char *strategy__name(enum strategy_kind kind);

enum hunt_end { HUNT_UNDECIDED, HUNT_VIOLATION, HUNT_TOLERANT };
const char *hunt_end__name(enum hunt_end end);

/* What a fault of a violation took: what came through in a run with all of the set but this one. */
struct near_miss {
	unsigned int run; /* 0: no such run is known to have kept the promise */
	char message[192];
};

struct hunt_result {
	enum hunt_end end;
	unsigned int experiments, runs;
	double seconds;
	struct fault_set faults; /* of a violation: minimal; empty: it breaks by itself */
	struct near_miss near_misses[MAX_FAULTS];
	bool minimal; /* without any one of them the promise was kept */
	struct rate with, without;
	size_t candidates_left;
	bool more_left; /* candidates_left is a lower bound */
	size_t parked, vacuous;
	char certificate[PATH_MAX]; /* empty: none */
	char why[512];		    /* of an undecided one, and what a violation rests on */
	char seen[PATH_MAX];	    /* the folder of a run that shows the violation */
};

/* Where a hunt stands: told when a phase of a run begins. */
struct hunt_progress {
	const struct experiment *experiment; /* which has no verdict yet */
	const char *phase;
	uint64_t left_ns;    /* of the scenario's time */
	long candidates;     /* that are left to try, this one included; -1: not known (yet) */
	bool more; /* candidates is a lower bound */
};

/* Whoever watches; each is told as it happens, and may be NULL. */
struct hunt_view {
	void *ctx;
	void (*began)(void *ctx, const struct session *session, const struct scenario *scenario);
	/* @learned: what the model made of it; may be empty */
	void (*experiment)(void *ctx, const struct session *session,
			   const struct experiment *experiment, const char *learned);
	void (*say)(void *ctx, const char *text);
	/* Costs a count of the candidates before each new set. */
	void (*progress)(void *ctx, const struct session *session,
			 const struct hunt_progress *progress);
	/* at the end, while names still can be told */
	void (*ended)(void *ctx, const struct session *session, const struct scenario *scenario,
		      const struct hunt_result *result);
};

struct hunt_opts {
	const char *dir;
	bool resume;
	unsigned int max; /* experiments; 0: as the scenario says */
	bool has_seed;	  /* else 1, or the resumed hunt's */
	uint64_t seed;
	bool has_strategy;
	enum strategy_kind strategy;
	struct hunt_view view;
};

/* 0 and @ret, also when it was interrupted (undecided); -1 on error. All is healed either way. */
int hunt__run(const struct scenario *scenario, const struct hunt_opts *opts,
	      struct hunt_result *ret, struct err *err);

/* The exit code that a result stands for. */
enum exit_code hunt_result__code(const struct hunt_result *result);

#endif
