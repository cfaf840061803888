/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Good minus bad: of what a good outcome rested on, the earliest that is missing in the bad run
 * although all that led to it is there. Where one would look first.
 */
#ifndef CUTSET_REPORT_FRONTIER_H
#define CUTSET_REPORT_FRONTIER_H

#include "causal/ancestry.h"
#include "report/align.h"
#include "report/relevance.h"

/* Confidence from which something counts as what the outcome rested on, or as a cause. */
#define FRONTIER_SURE 0.3f

/* A run with what is known of it. */
struct account {
	struct graph *graph;
	struct relevance relevance;
};

struct frontier_item {
	uint32_t good; /* the message of the good run */
	uint32_t bad;  /* its partner, that was sent and did not arrive; ALIGN_NONE: it was not sent
			*/
};

struct frontier {
	struct frontier_item *v; /* from frontier__of: as they were sent in the good run */
	size_t cnt;
	size_t missing; /* of what the good outcome rested on, these and all that came after */
};

/* @alignment: of the good run (a) and the bad one (b). Fills @ret, to be freed; 0 or -1 (memory).
 */
int frontier__of(const struct account *good, const struct account *bad,
		 const struct alignment *alignment, const struct evidence *evidence,
		 struct frontier *ret);
void frontier__free(struct frontier *frontier);

/* The number of the item that is about this message of the good run, from 1; 0: none. */
size_t frontier__number(const struct frontier *frontier, uint32_t good);

#endif
