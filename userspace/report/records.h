/* SPDX-License-Identifier: GPL-2.0-only */
/* Every record of a trace as JSON lines: docs/json.md, export. */
#ifndef CUTSET_REPORT_RECORDS_H
#define CUTSET_REPORT_RECORDS_H

#include <stdio.h>

#include "trace/trace.h"

/*
 * Read @reader to its end and write one object a line: the file's own description, its records in
 * their order, its ledger. 0, or -1: the trace cannot be read, or @out not be written.
 */
int records__to_json(struct trace_reader *reader, FILE *out, struct err *err);

#endif
