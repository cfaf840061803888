/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CUTSET_HUNT_RATE_H
#define CUTSET_HUNT_RATE_H

#include <stdbool.h>

struct rate {
	unsigned int broken, made; /* runs in which the promise was broken, of those that made it */
};

/* Were chance alone at work, would @with exceed @base so far in less than one case of 20 (Fisher's
 * exact test)? */
bool rate__exceeds(struct rate with, struct rate base);

/* Where the true rate lies, with 95 % confidence (Clopper and Pearson, Biometrika 26, 1934). 0 to 1 where
 * no run made the promise. */
void rate__interval(struct rate rate, double *ret_low, double *ret_high);

#endif
