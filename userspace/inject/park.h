/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finite delays: packets are taken out, held, and let go when they are due. The engine is `tap`:
 * tc redirects into a TAP device of the same namespace, a thread of ours holds the frames and writes
 * them back, and a program on the TAP sends them on from where they were taken.
 */
#ifndef CUTSET_INJECT_PARK_H
#define CUTSET_INJECT_PARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "../bpf/rule.h"

struct cutset_bpf;
struct park;

/* One side of one interface. */
struct park_place {
	int netns_fd; /* lent for the call */
	uint16_t node;
	uint32_t ifindex;
	bool ingress;
};

/* @delay_ns: of each fault; 0 where it parks nothing. NULL on error. */
struct park *park__open(struct cutset_bpf *skel, const uint64_t delay_ns[MAX_FAULTS],
			struct err *err);

/* A device for this place. Before park__start. */
int park__add(struct park *park, const struct park_place *place, struct err *err);

int park__start(struct park *park, struct err *err);

/* Lets all go at once, removes the devices. Call when nothing is parked any more (the lease has
 * ended), else packets are lost. Takes NULL. */
void park__close(struct park *park);

#endif
