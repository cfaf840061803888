/* SPDX-License-Identifier: GPL-2.0-only */
/* A run for ShiViz: a log with vector clocks; its first line is the regular expression that reads
 * it. */
#ifndef CUTSET_REPORT_SHIVIZ_H
#define CUTSET_REPORT_SHIVIZ_H

#include <stdio.h>

#include "causal/graph.h"

/* Each node is a host; its events are what it sent, received, logged, began and ended. 0 or -1. */
int shiviz__write(const struct graph *graph, FILE *out, struct err *err);

#endif
