/* SPDX-License-Identifier: GPL-2.0-only */
/* What a hunt would do, before it does anything: for --dry-run. Only looks. */
#ifndef CUTSET_HUNT_PLAN_H
#define CUTSET_HUNT_PLAN_H

#include "hunt/scenario.h"
#include "model/space.h"
#include "target/node.h"

struct plan {
	struct nodes nodes;
	uint64_t spare; /* bits, 1 << id */
	struct space space;
	double sets; /* within the budget, each fault as if it began at one step only */
	uint64_t run_ns;      /* a run under faults, at most */
	uint64_t baseline_ns; /* all runs without, at most */
};

/* Find the targets, and count. 0 or -1; @ret is then empty. */
int plan__make(const struct scenario *scenario, struct plan *ret, struct err *err);
void plan__free(struct plan *plan);

#endif
