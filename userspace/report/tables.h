/* SPDX-License-Identifier: GPL-2.0-only */
/* A hunt in tables, for the report: parts of a page, as HTML. */
#ifndef CUTSET_REPORT_TABLES_H
#define CUTSET_REPORT_TABLES_H

#include <stdio.h>

#include "report/hunt_folder.h"

/* Each run: its faults, its verdict, what it taught. */
void tables__put_runs(const struct hunt_folder *folder, FILE *out);

/* What the hunt knows, and of a tolerant one the certificate's own words. */
void tables__put_model(const struct hunt_folder *folder, FILE *out);

/* Kernel, nodes, programs; delays that were asked for and achieved. @meta: of a trace; may be NULL.
 */
void tables__put_environment(const struct hunt_folder *folder, const json_t *meta, FILE *out);

#endif
