/* SPDX-License-Identifier: GPL-2.0-only */
/* The fault set that a hunt found, run again outside the hunt: its journal does not change. */
#ifndef CUTSET_HUNT_REPLAY_H
#define CUTSET_HUNT_REPLAY_H

#include "hunt/experiment.h"

struct replay_result {
	unsigned int runs, made, broken;
	char dir[PATH_MAX]; /* DIR/replay/NNNN, a hunt's folder but for result.json */
};

/* Run it @times times; @show is told of each. Stops early when interrupted. 0 or -1. */
int replay__run(const char *dir, unsigned int times,
		void (*show)(void *ctx, const struct session *session,
			     const struct experiment *experiment),
		void *ctx, struct replay_result *ret, struct err *err);

#endif
