/* SPDX-License-Identifier: GPL-2.0-only */
/* A run as a history in the form of Jepsen's: EDN maps, a line each. */
#ifndef CUTSET_REPORT_HISTORY_H
#define CUTSET_REPORT_HISTORY_H

#include "report/hunt_folder.h"

/*
 * Workload and check are operations of process 0, the beginning and the end of each fault are told
 * by :nemesis, each as an invocation and a completion. Times are nanoseconds from the workload's
 * beginning. 0, or -1 where the run's trace cannot be read.
 */
int history__write(const struct hunt_folder *folder, const struct told_run *run, FILE *out,
		   struct err *err);

#endif
