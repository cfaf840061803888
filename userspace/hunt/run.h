/* SPDX-License-Identifier: GPL-2.0-only */
/* One execution: reset, then workload and check under a fault set, traced (DESIGN: experiments). */
#ifndef CUTSET_HUNT_RUN_H
#define CUTSET_HUNT_RUN_H

#include <limits.h>

#include "hunt/scenario.h"
#include "hunt/session.h"
#include "hunt/verdict.h"

struct run {
	/* what to do */
	unsigned int number;
	char dir[PATH_MAX]; /* exists, absolute; gets trace, reset.out, workload.out, check.out */
	struct fault_set faults;
	uint64_t idle_ns; /* record that much of the system at rest before the workload */
	/* Called when a phase begins ("reset", "idle", "workload", ...); may be NULL. */
	void (*entered)(void *ctx, const char *phase);
	void *ctx;

	/* what came of it */
	struct facts facts; /* all but what the trace tells: leaked, lost, unsound */
	struct fault_report reports[MAX_FAULTS];
	struct ledger ledger;
	char trouble[400]; /* of a target that died, of roles that nobody has; else empty */
	uint64_t ns;
};

#define RUN_MAX_CASTS 3 /* resets until somebody must know the roles */

/* Its targets, clients and commands, and what a hunt does with them. */
struct session_opts scenario__session_opts(const struct scenario *scenario);

/* session__open with the scenario's targets. Where they are only there after a reset, it is run
 * first; where they have roles, reset and roles are. 0 or -1. */
int scenario__session(const struct scenario *scenario, struct session *session, struct err *err);

/*
 * In this order: reset, refresh, roles (together again where nobody knows them), trace, idle, arm, workload, hold, heal, settle, check, disarm, end
 * of trace. A promise that was not made ends the run after the workload. Whatever happens, nothing
 * is in force and no trace is open afterwards. Returns 0 (also for a run that is broken: see facts),
 * -1 where this machine failed us.
 */
int run__execute(struct session *session, const struct scenario *scenario, struct run *run,
		 struct err *err);

/*
 * Had the fault of that index an effect? One that cut something had. So had an endless silence, always: the
 * commands were told of it (CUTSET_SILENCED), and one that keeps away from a silent node leaves
 * nothing to cut.
 */
bool run__in_effect(const struct run *run, size_t index);

/* The path of a file in the run's folder. Returns @buf. */
char *run__path(const struct run *run, const char *file, char *buf, size_t size);

#endif
