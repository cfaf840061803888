/* SPDX-License-Identifier: GPL-2.0-only */
/* Supports out of a traced run. Messages with an end outside the nodes cannot be cut: left out. */
#ifndef CUTSET_MODEL_SUPPORT_TRACE_H
#define CUTSET_MODEL_SUPPORT_TRACE_H

#include "causal/graph.h"
#include "causal/lineage.h"
#include "model/course.h"
#include "model/support.h"

/* How finely messages are told apart. */
enum support_detail {
	SUPPORT_LINKS,	 /* by link and step */
	SUPPORT_STREAMS, /* by port and class, too: for stalls */
	SUPPORT_HEALED,	 /* the same of a run in which a stall was healed: what it had cut came after that */
};

/*
 * The support of a good outcome: the lineage of the check, or of the workload where there is no
 * check. A member's promise is the best confidence that the workload's own lineage (may be NULL)
 * gives to a message of its link and step. Returns 0 and fills @ret (owned by the caller; what it
 * held is lost), or -1.
 *
 * A stream delivers in order: what came before a member on its TCP stream had to arrive as well, so it is
 * one too, as sure. That is why retries on one stream are no redundancy.
 *
 * @spare_idle: members that are idle (lineage.h) are left out.
 */
int support__from_lineage(const struct graph *graph, const struct lineage *of_check,
			  const struct lineage *of_workload, bool spare_idle,
			  enum support_detail detail, struct support *ret, struct err *err);

/* All delivered messages between different nodes, each with confidence 1: for vacuous runs. */
int support__of_delivered(const struct graph *graph, enum support_detail detail, struct support *ret,
			  struct err *err);

/* What the nodes did in the run, sends that were cut among it: @course gets one run more. */
int course__of_run(const struct graph *graph, struct course *course, struct err *err);

#endif
