/* SPDX-License-Identifier: GPL-2.0-only */
/* Times of day for a run's records, which bear CLOCK_MONOTONIC: right to about a second, as a trace
 * says to the second when it was begun; spans are exact. */
#ifndef CUTSET_REPORT_WALL_CLOCK_H
#define CUTSET_REPORT_WALL_CLOCK_H

#include "causal/graph.h"

/* Add it to a record's time to have nanoseconds since 1970. @begin_ns: the trace's first time. */
int64_t wall_clock__offset_ns(const struct graph *graph, uint64_t begin_ns);

/* "2026-01-31T12:00:00.123456Z". Returns @buf. */
char *wall_clock__print(char *buf, size_t size, int64_t unix_ns);

#endif
