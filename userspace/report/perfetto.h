/* SPDX-License-Identifier: GPL-2.0-only */
/* A run in the trace format of Chrome, which Perfetto reads: a process a node, an arrow a message.
 */
#ifndef CUTSET_REPORT_PERFETTO_H
#define CUTSET_REPORT_PERFETTO_H

#include <stdio.h>

#include "causal/graph.h"

/* Microseconds from the first event; phases have a process of their own. 0 or -1. */
int perfetto__write(const struct graph *graph, FILE *out, struct err *err);

#endif
