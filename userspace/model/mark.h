/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Marks of the promise: what was sent or logged in every run that made it, and in none that did not. A mark shows
 * the promise; what faults do to the marks, they do to the promise.
 */
#ifndef CUTSET_MODEL_MARK_H
#define CUTSET_MODEL_MARK_H

#include "model/clause.h"

struct mark {
	uint16_t node, to;
	uint64_t what;
};

struct marks {
	struct mark *v; /* sorted */
	size_t cnt, cap;
};

/* 0 or -1 (memory). Without a run that did not make the promise there are none. */
int marks__find(const struct record *records, size_t cnt, struct marks *ret);
void marks__free(struct marks *marks);

bool marks__has(const struct marks *marks, const struct deed *deed);

#endif
