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

#endif
