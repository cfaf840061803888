/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run that a report shows, and beside it the good run that is nearest: of a violation by
 * several faults the near miss, the run with all of them but one that kept the promise.
 */
#ifndef CUTSET_REPORT_COMPARISON_H
#define CUTSET_REPORT_COMPARISON_H

#include "report/faults.h"
#include "report/layout.h"
#include "report/repeats.h"

/* One of the two runs. */
struct side_of_page {
	const struct told_run *run; /* NULL: there is none */
	struct account account;
	struct fault_spans faults;
	struct scene scene;
};

/* What the bad run lacks that a near miss has, for the sentence on the fault between them. */
struct near {
	const struct told_run *run; /* NULL: none is known, or its trace cannot be read */
	struct frontier_item first; /* of its frontier; .good is ALIGN_NONE where that is empty */
	char text[256];		    /* the message, "redis1>redis2:6379 SET key value" */
	bool cut;		    /* it was sent in the bad run, and cut */
};

struct comparison {
	struct evidence *evidence;
	struct side_of_page bad, good; /* of a hunt without a violation .bad has no run */
	struct near near[MAX_FAULTS];  /* for each fault of the violation */
	struct alignment alignment;    /* good to bad */
	struct frontier frontier;	/* what was cut first, then what most good runs had */
	unsigned int *present;	/* for each item of the frontier: good runs in which it arrived */
	struct repeats repeats; /* of the bad run against the good ones */
	unsigned int good_runs; /* whose traces were looked at */
	struct layout layout;	/* a: bad, b: good; a: good where there is no bad one */
};

/* Fills @ret, to be freed. 0, or -1: a trace that must be there cannot be read, or memory. A hunt
 * of which no run can be shown is none: both sides are empty then. */
int comparison__of(const struct hunt_folder *folder, struct comparison *ret, struct err *err);
/* Of an item of the frontier: was it sent in the bad run, and cut? Is it one of those that few good runs had? */
bool comparison__is_cut(const struct comparison *comparison, size_t item);
bool comparison__is_rare(const struct comparison *comparison, size_t item);

void comparison__free(struct comparison *comparison);

#endif
