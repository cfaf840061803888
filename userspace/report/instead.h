/* SPDX-License-Identifier: GPL-2.0-only */
/* What happened instead of what is missing: retries and elections, log lines, the last answer. */
#ifndef CUTSET_REPORT_INSTEAD_H
#define CUTSET_REPORT_INSTEAD_H

#include <stdio.h>

#include "report/comparison.h"

/* As HTML, a part of the story of a violation. */
void instead__put(const struct comparison *comparison, FILE *out);

#endif
