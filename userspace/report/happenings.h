/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines that nodes logged, programs begun and ended, signals: for people, and as JSON. */
#ifndef CUTSET_REPORT_HAPPENINGS_H
#define CUTSET_REPORT_HAPPENINGS_H

#include <jansson.h>
#include <stdio.h>

#include "causal/graph.h"

/* A line each, a logged text of several lines one for each of them; times are from @begin_ns. */
void happenings__print(const struct graph *graph, uint64_t begin_ns, FILE *out);

/* A list, see docs/json.md. NULL: out of memory. */
json_t *happenings__to_json(const struct graph *graph);

#endif
