/* SPDX-License-Identifier: GPL-2.0-only */
/* What a hunt knows of each fault set that it ran. */
#ifndef CUTSET_HUNT_TRIED_H
#define CUTSET_HUNT_TRIED_H

#include "hunt/verdict.h"
#include "model/course.h"
#include "model/fault.h"
#include "model/support.h"

enum standing {
	STANDING_OPEN,	   /* not judged yet */
	STANDING_SURVIVED,
	STANDING_VACUOUS,
	STANDING_VIOLATED, /* and confirmed */
	STANDING_PARKED,   /* see why */
};

struct tried {
	struct fault_set faults;
	enum standing standing;
	unsigned int seen[VERDICTS]; /* runs that ended so */
	bool foretold;		     /* it follows from the runs of others, and was never run itself */
	unsigned int unfired_kept;   /* runs in which nothing was there to cut and the promise was kept */
	bool was_lost; /* parked since its runs did not count, and not run again since */
	unsigned int mute;	   /* repeats that said neither kept nor broken */
	unsigned int last_run, broken_run; /* broken_run: the last that broke; 0: none did */
	uint64_t longest_ns; /* that a run of it took */
	char why[256];
	struct support support; /* union over its good (or vacuous) runs */
	struct course course;	/* of the same */
};

struct tried_table {
	struct tried **v; /* pointers stay valid */
	size_t cnt, cap;
};

/* NULL where it was never run. */
struct tried *tried__find(const struct tried_table *table, const struct fault_set *faults);
/* Found or added; NULL: memory. */
struct tried *tried__get(struct tried_table *table, const struct fault_set *faults);
void tried__free(struct tried_table *table);

/* Sets that were run, or parked without, the empty one not counted. */
size_t tried__cnt(const struct tried_table *table);
size_t tried__standing_cnt(const struct tried_table *table, enum standing standing);
/* And those that were foretold. */
size_t tried__foretold_cnt(const struct tried_table *table);

/* Runs in which the promise was made, and in how many of those it was broken. */
unsigned int tried__made(const struct tried *tried);
unsigned int tried__broken(const struct tried *tried);

/* Is @sub a subset of @set? */
bool fault_set__within(const struct fault_set *sub, const struct fault_set *set);

#endif
