/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two runs laid side by side: which message of one is which of the other. In passes, the surest
 * first: the same key; else the same look and a neighbour on the link that is known already; else
 * the same look and phase, in their order.
 */
#ifndef CUTSET_REPORT_ALIGN_H
#define CUTSET_REPORT_ALIGN_H

#include "causal/graph.h"

#define ALIGN_NONE UINT32_MAX

struct alignment {
	uint32_t *a_to_b; /* for each message of a its partner in b, or ALIGN_NONE */
	uint32_t *b_to_a;
	size_t by_key, by_neighbour, by_order; /* pairs that each pass found */
};

/* Fills @ret, to be freed; 0 or -1 (memory). */
int alignment__of(const struct graph *a, const struct graph *b, struct alignment *ret);
void alignment__free(struct alignment *alignment);

/*
 * What a message looks like, the same in every run: link by the nodes' names, port, direction,
 * class and the payload's skeleton; of one that has none the length class.
 */
uint64_t align__look(const struct graph *graph, const struct message *message);

/* 0 idle, 1 workload, 2 check. */
unsigned int align__phase(const struct message *message);

#endif
