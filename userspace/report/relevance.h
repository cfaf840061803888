/* SPDX-License-Identifier: GPL-2.0-only */
/* How much each message of a run has to do with its outcome: what drawings keep or leave out. */
#ifndef CUTSET_REPORT_RELEVANCE_H
#define CUTSET_REPORT_RELEVANCE_H

#include "causal/lineage.h"

/* Below it a message came before the outcome, and that is all. */
#define RELEVANCE_LISTED 0.01f

struct relevance {
	float *of; /* for each message of the graph: confidence that the outcome rested on it; 0..1
		    */
	bool has_outcome; /* false: no client did anything in the trace, and all of them are 0 */
};

/* The check's lineage joined with the workload's (the promise's), as far as the trace has them.
 * 0, or -1 and @ret is empty. */
int relevance__of(const struct graph *graph, const struct evidence *evidence, struct relevance *ret,
		  struct err *err);
void relevance__free(struct relevance *relevance);

/* From one traced node to another: what a fault could take. */
static inline bool message__is_between_nodes(const struct message *message)
{
	return message->src != message->dst && message->src != NODE_OUTSIDE &&
	       message->dst != NODE_OUTSIDE;
}

/* Is it worth a place where not everything has one? What the outcome rested on, and what was cut.
 */
bool relevance__lists(const struct relevance *relevance, const struct message *message);

#endif
