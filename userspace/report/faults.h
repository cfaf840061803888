/* SPDX-License-Identifier: GPL-2.0-only */
/* The faults of a run of a hunt: what they are, and from when until when they were in force. */
#ifndef CUTSET_REPORT_FAULTS_H
#define CUTSET_REPORT_FAULTS_H

#include "model/fault.h"
#include "report/hunt_folder.h"
#include "report/names.h"

struct fault_span {
	struct fault fault;
	uint64_t begin_ns, end_ns; /* of the run's clock; ~0: that instant never came */
};

struct fault_spans {
	struct fault_span v[MAX_FAULTS];
	size_t cnt;
};

/* @heal: when links and partitions healed, NOW_HEALED or NOW_END. 0, or -1 where a fault does not
 * fit the trace. */
int fault_spans__of(const struct graph *graph, const struct told_run *run, uint32_t heal,
		    struct fault_spans *ret, struct err *err);

#endif
