/* SPDX-License-Identifier: GPL-2.0-only */
/* The supports of good runs without faults, out of their traces; nodes are the same by their names. */
#ifndef CUTSET_MODEL_BASELINE_H
#define CUTSET_MODEL_BASELINE_H

#include "model/fault.h"
#include "model/support.h"

struct baseline {
	char **paths;		  /* borrowed */
	struct support *supports; /* by path: of the check, or of the workload where there is none */
	size_t cnt;
	char *node[MAX_NODES]; /* names, by id */
	uint16_t node_cnt;     /* ids 1 .. node_cnt */
	uint64_t spare;	       /* bit 1 << id: clients and proxies, whose own links are no faults */
	struct name_table names;
	const char *unsound; /* a path whose lineage has losses or holes; NULL: none */
};

/*
 * Read @cnt traces. What comes in their idle phases by itself counts for less in all of them; with
 * @spare_idle nothing of it is in a support where no more than its order ties it to the outcome. Returns 0, or -1: EXIT_USAGE where one is no trace, or shows no message that its outcome rested on.
 * @ret stays where it is until baseline__free: its names point into it.
 */
int baseline__load(struct baseline *ret, char **paths, size_t cnt, bool spare_idle, struct err *err);
void baseline__free(struct baseline *baseline);

#endif
