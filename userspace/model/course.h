/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the nodes did under one fault set: what each sent to whom in which step, cut or not, and what it
 * logged. Of several runs, how often at least and at most: two sets differ where no run of one did what the
 * runs of the other did.
 */
#ifndef CUTSET_MODEL_COURSE_H
#define CUTSET_MODEL_COURSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deed {
	uint16_t node, to; /* to NODE_OUTSIDE: it logged */
	uint32_t step;	   /* 0 where it logged: when does not matter */
	uint64_t what;	   /* the form of what was sent or logged, hashed */
	uint32_t least, most;
};

struct course {
	struct deed *v; /* sorted; no duplicates, once it was joined */
	size_t cnt, cap;
	unsigned int runs; /* 0: nothing is known */
};

/* One deed of a run; @course is of this run alone. 0 or -1 (memory). */
int course__add(struct course *course, uint16_t node, uint16_t to, uint32_t step, uint64_t what);

/* Another run under the same faults, which becomes empty. 0 or -1 (memory). */
int course__join(struct course *course, struct course *run);

int course__copy(const struct course *course, struct course *ret);
void course__free(struct course *course); /* empties it */

/* What it knows of that deed, however often it was done, or NULL; of what was joined. */
const struct deed *course__find(const struct course *course, const struct deed *deed);

/* Call @differs in order, for each deed that @a's runs did more or less often than all of @b's; either may be NULL
 * there: it did not do it at all. */
void course__compare(const struct course *a, const struct course *b,
		     void (*differs)(void *ctx, const struct deed *deed), void *ctx);

#endif
