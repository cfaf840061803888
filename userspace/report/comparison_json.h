/* SPDX-License-Identifier: GPL-2.0-only */
/* What a report tells of the two runs, for programs: docs/json.md, explain. */
#ifndef CUTSET_REPORT_COMPARISON_JSON_H
#define CUTSET_REPORT_COMPARISON_JSON_H

#include <jansson.h>

#include "report/comparison.h"

/* NULL: out of memory. */
json_t *comparison__to_json(const struct comparison *comparison);

#endif
