/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lineage of an outcome: everything that happened before it, each member with the confidence of
 * its best path (DESIGN: causality). Over-approximates; ranks; never deletes.
 */
#ifndef CUTSET_CAUSAL_LINEAGE_H
#define CUTSET_CAUSAL_LINEAGE_H

#include "causal/graph.h"

/*
 * What runs without a workload (and other runs) taught about classes of messages: how often a class
 * comes by itself. Learned from the idle phase of traces, but for its beginning, where the reset may
 * still be heard; an empty one is allowed everywhere.
 */
struct evidence;
struct evidence *evidence__new(void);
/* Count the messages of @graph's idle phase, by class (link, port, direction, skeleton). 0 or -1 (memory). */
int evidence__learn_idle(struct evidence *evidence, const struct graph *graph);
void evidence__free(struct evidence *evidence);

struct lineage_member {
	uint32_t message; /* of the graph */
	float confidence; /* (0, 1] */
	bool idle; /* background: it comes without a workload too, and no more than its order, or a thread that took it
		    * some time before, ties it to the outcome; or nothing but such messages does */
};

struct lineage {
	struct lineage_member *v; /* by message id */
	size_t cnt;
	uint64_t logs; /* bits, 1 << node: nodes whose logs the outcome was read from, see below */
	bool sound; /* false: the trace lost events or its streams have holes in this lineage */
};

enum outcome { OUTCOME_WORKLOAD, OUTCOME_CHECK };

/*
 * Backward closure from the client's last receives of the phase and its exit status. Members are
 * messages between different traced nodes (clients are nodes), delivered, of any step. For
 * OUTCOME_CHECK the closure runs through the workload phase as well: it is the support of the
 * promise being kept.
 *
 * A node that tells the clients nothing, whatever way round, but logs (fd 1 or 2, files it appends to) may be
 * judged by its log: the outcome rests on each of its lines. Returns 0 and fills @ret (owned by the caller), or -1.
 */
int lineage__of(const struct graph *graph, enum outcome outcome, const struct evidence *evidence,
		struct lineage *ret, struct err *err);
void lineage__free(struct lineage *lineage);

#endif
