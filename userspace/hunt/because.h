/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a fault of a violation is needed: in the run with all of the set but this one the promise was
 * kept; which message, among those that the fault would have taken, carried it?
 */
#ifndef CUTSET_HUNT_BECAUSE_H
#define CUTSET_HUNT_BECAUSE_H

#include "hunt/judge.h"

/*
 * @near_miss: the judge of the run without @fault. Returns 1 and fills @buf ("redis1>redis2:6379
 * *3 $3 SET $16 key_1"), 0 where the fault covers nothing of that run's lineage, -1 where the trace
 * cannot be read.
 */
int because__find(const struct judge *near_miss, const struct fault *fault, char *buf, size_t size,
		  struct err *err);

#endif
