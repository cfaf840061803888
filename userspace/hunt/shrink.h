/* SPDX-License-Identifier: GPL-2.0-only */
/* Making a violation small, from inside: shared by shrink.c and shorten.c. */
#ifndef CUTSET_HUNT_SHRINK_H
#define CUTSET_HUNT_SHRINK_H

#include "hunt/state.h"

struct shrink {
	struct hunt *hunt;
	struct violation *violation; /* its faults are known to break */
	bool unsure;		     /* a set of fewer faults could not be judged */
	unsigned int first_run;	     /* runs of the hunt before it began */
	struct err *err;
};

/* Are no more runs to be spent on it? */
bool shrink__over(struct shrink *s);

/* As trial__run; *ret is NULL where it is over. 0 or -1. */
int shrink__try(struct shrink *s, const struct fault_set *set, struct tried **ret);

/* @set breaks, too, and is smaller: it has @fresh in place of @old (both may be NULL), or other delays. */
void shrink__becomes(struct shrink *s, const struct fault_set *set, const struct fault *old,
		     const struct fault *fresh);

/* The shortest delay of its faults that still breaks, all of them being as late. 0 or -1. */
int shorten__run(struct shrink *s);

#endif
