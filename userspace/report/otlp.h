/* SPDX-License-Identifier: GPL-2.0-only */
/* A run as OpenTelemetry's OTLP JSON: each step a trace, each message a span of who sent it. */
#ifndef CUTSET_REPORT_OTLP_H
#define CUTSET_REPORT_OTLP_H

#include <stdio.h>

#include "causal/graph.h"

/* A span's parent is its surest cause in its step; other causes are links. 0 or -1. */
int otlp__write(const struct graph *graph, FILE *out, struct err *err);

#endif
