/* SPDX-License-Identifier: GPL-2.0-only */
/* The runs without faults, before any other: what a good outcome looks like, if there is one. */
#ifndef CUTSET_HUNT_FAULTLESS_H
#define CUTSET_HUNT_FAULTLESS_H

#include "hunt/state.h"

/*
 * The baseline runs, more of them when one broke the promise. Fills hunt->baseline and ->last_step, the
 * latest step of the workload that was seen. 0 or -1 (also after three broken runs in a row).
 */
int faultless__run(struct hunt *hunt, struct err *err);

/*
 * Is there no point in going on? Then @ret tells: undecided and why, or the violation by the empty
 * set, where a check saw most of the runs broken.
 */
bool faultless__ends(struct hunt *hunt, struct hunt_result *ret);

#endif
