/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What faults leave for a check to read: the lines that nodes logged, kind by kind, as far as runs tell. Each fault
 * is taken to leave what it left when it was tried, of whatever the others leave; a silent node's log is gone. The
 * fewer lines behind a promise that still shows (mark.h), the nearer it is to breaking.
 */
#ifndef CUTSET_MODEL_REMAINS_H
#define CUTSET_MODEL_REMAINS_H

#include "model/clause.h"

struct remains;

/* NULL: memory. @records are borrowed. */
struct remains *remains__new(const struct record *records, size_t cnt);
void remains__free(struct remains *remains);

/*
 * Of a set: the part of the lines, for each time that the promise shows; *ret_promise: how much of that is left.
 * Both are 1 where nothing is known.
 */
double remains__under(const struct remains *remains, const struct fault *faults, size_t cnt,
		      double *ret_promise);

#endif
