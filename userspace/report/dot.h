/* SPDX-License-Identifier: GPL-2.0-only */
/* The graph of a run for graphviz: messages, and which led to which. */
#ifndef CUTSET_REPORT_DOT_H
#define CUTSET_REPORT_DOT_H

#include <stdbool.h>
#include <stdio.h>

#include "causal/graph.h"

/* @all: every message between nodes; else what the outcome rested on, and what was cut. 0 or -1. */
int dot__write(const struct graph *graph, bool all, FILE *out, struct err *err);

#endif
