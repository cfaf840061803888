/* SPDX-License-Identifier: GPL-2.0-only */
/* A hunt told in sentences, for the report: parts of a page, as HTML. */
#ifndef CUTSET_REPORT_STORY_H
#define CUTSET_REPORT_STORY_H

#include <stdio.h>

#include "report/comparison.h"

/* The heading, plain text. Returns @buf. */
char *story__title(char *buf, size_t size, const struct hunt_folder *folder);

/* What was promised, what broke it, how surely; and the command that does it again. */
void story__put_lead(const struct hunt_folder *folder, const struct comparison *comparison,
		     FILE *out);

/* Each fault of a violation in words, and what it took. */
void story__put_faults(const struct hunt_folder *folder, const struct comparison *comparison,
		       FILE *out);

/* Of a hunt that went on after its first violation: the others. */
void story__put_others(const struct hunt_folder *folder, const struct comparison *comparison,
		       FILE *out);

/* The frontier: what is missing first, and what the commands said in both runs. */
void story__put_frontier(const struct hunt_folder *folder, const struct comparison *comparison,
			 FILE *out);

#endif
