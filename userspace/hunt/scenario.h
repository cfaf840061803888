/* SPDX-License-Identifier: GPL-2.0-only */
/* A scenario: the YAML file that says what to test (DESIGN: experiments and verdicts). */
#ifndef CUTSET_HUNT_SCENARIO_H
#define CUTSET_HUNT_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/model.h"

struct scenario {
	char *path; /* as given; for messages */
	char *dir;  /* where it lies; commands run there */
	char *name;
	char **targets; /* files of pids are absolute */
	size_t target_cnt;
	char **clients;
	size_t client_cnt;
	char *reset;	/* NULL: nothing to reset */
	char *roles;	/* NULL: nodes go by their names; else lines ROLE NODE, see target/role.h */
	char *workload;
	char *check;	/* NULL: liveness, the workload itself is the outcome */
	uint64_t hold_ns, settle_ns, idle_ns;
	uint64_t reset_timeout_ns, workload_timeout_ns, check_timeout_ns;
	struct budget budget;
	uint64_t delay_ns; /* what a fault takes comes so late; 0: never */
	bool shorten;	 /* in what breaks, look for the shortest delay that still does */
	bool spare_idle; /* what comes by itself too, and only its order ties to the outcome, is not cut (default) */
	bool monotone;	 /* what worked is assumed to work whatever else is cut */
	bool lockstep;	 /* what a node says in a step follows from what it was handed before: model/precedent.h */
	uint32_t from;	 /* NOW_* */
	uint32_t until;	 /* NOW_*; NOW_CHECK for `end` */
	uint32_t heal;	 /* NOW_HEALED for `check`, NOW_END for `end` */
	char **spare;	 /* names of nodes */
	size_t spare_cnt;
	unsigned int baseline_runs, repeat_runs, max_experiments;
	unsigned int shrink_runs; /* to make a violation small; 0: it stays as it was found */
	uint64_t max_time_ns;
};

/* NULL on error: EXIT_USAGE with file:line, what, and how to mend it. */
struct scenario *scenario__load(const char *path, struct err *err);

/* The same from memory; commands and files are looked for in the folder of @path. */
struct scenario *scenario__parse(const char *path, const char *text, size_t len, struct err *err);

void scenario__free(struct scenario *scenario); /* takes NULL */

#endif
