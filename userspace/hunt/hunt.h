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
#include "hunt/shortest.h"

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

/* A set that breaks the promise, made as small as it goes. */
struct violation {
	struct fault_set faults; /* empty: it breaks by itself */
	bool minimal;		 /* without any one of them the promise was kept */
	struct rate with;
	unsigned int run; /* the last that shows it */
	struct shortest shortest;
	struct fault_set late; /* the set with that delay; empty: none was found */
	unsigned int shrink_runs; /* that it took to make it so small, or */
	bool unshrunk;		  /* that were too few: it may be smaller */
	const struct tried *rest[MAX_FAULTS]; /* by fault: the set without it that kept; NULL: none. While it hunts */
};

struct hunt_result {
	enum hunt_end end;
	uint64_t delay_ns; /* of the faults that were tried; 0: endless */
	unsigned int foretold; /* fault sets whose runs followed from those of others */
	unsigned int experiments, runs;
	double seconds;
	unsigned int first; /* fault sets that were run until the first broke; 0: none did, or by itself */
	struct violation *violations; /* as they were found; owned, see hunt_result__free */
	size_t violation_cnt;
	bool all; /* within the budget there is no other minimal one */
	struct near_miss near_misses[MAX_FAULTS]; /* of the first's faults */
	struct rate without;
	double candidates; /* fault sets that the budget holds, see model/space.h; 0: not known */
	size_t candidates_left;
	bool more_left; /* candidates_left is a lower bound */
	size_t parked, vacuous;
	char certificate[PATH_MAX]; /* empty: none */
	char why[512];		    /* of an undecided one, and what a violation rests on */
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
	bool all; /* go on until every minimal set is known */
	bool has_strategy;
	enum strategy_kind strategy;
	struct hunt_view view;
};

/* 0 and @ret, also when it was interrupted (undecided); -1 on error. All is healed either way. @ret is to
 * be freed in either case. */
int hunt__run(const struct scenario *scenario, const struct hunt_opts *opts,
	      struct hunt_result *ret, struct err *err);

/* Its first violation; NULL: there is none. */
const struct violation *hunt_result__first(const struct hunt_result *result);

void hunt_result__free(struct hunt_result *result);

/* The exit code that a result stands for. */
enum exit_code hunt_result__code(const struct hunt_result *result);

#endif
