/* SPDX-License-Identifier: GPL-2.0-only */
/* What happened on the nodes of a run, one after the other: sends, receives, and what else they
 * did. */
#ifndef CUTSET_REPORT_TIMELINE_H
#define CUTSET_REPORT_TIMELINE_H

#include "causal/graph.h"

enum moment_kind { MOMENT_SENT, MOMENT_HAPPENED, MOMENT_RECEIVED };

struct moment {
	uint64_t ts_ns;
	uint32_t index; /* of the message, or of the happening */
	uint16_t node;	/* where */
	enum moment_kind kind;
};

struct timeline {
	struct moment
		*v; /* by time; of one instant sends first: no effect stands before its cause */
	size_t cnt;
	uint64_t begin_ns; /* of the first one, or of the first phase; 0: nothing happened */
};

/* Messages between nodes, and happenings on nodes. Fills @ret, to be freed; 0 or -1 (memory). */
int timeline__of(const struct graph *graph, struct timeline *ret);
void timeline__free(struct timeline *timeline);

/* A happening in a few printable words: "log: ready to accept connections". Returns @buf. */
char *happening__caption(char *buf, size_t size, const struct graph *graph,
			 const struct happening *happening);

#endif
