/* SPDX-License-Identifier: GPL-2.0-only */
/* The nodes of a trace as names of faults: fault__parse and fault__print take them from here. */
#ifndef CUTSET_REPORT_NAMES_H
#define CUTSET_REPORT_NAMES_H

#include "causal/graph.h"
#include "model/fault.h"

/* Valid as long as @graph. */
struct name_table names__of(const struct graph *graph);

/* The same, and who has a role is named beside it: for sentences. */
struct name_table names__titled(const struct graph *graph);

#endif
