/* SPDX-License-Identifier: GPL-2.0-only */
/* A run as W3C PROV-JSON: messages are entities, a node's part of a step is an activity. */
#ifndef CUTSET_REPORT_PROV_H
#define CUTSET_REPORT_PROV_H

#include <stdbool.h>
#include <stdio.h>

#include "causal/graph.h"

/* @all: every message between nodes; else what the outcome rested on, and what was cut. 0 or -1. */
int prov__write(const struct graph *graph, bool all, FILE *out, struct err *err);

#endif
