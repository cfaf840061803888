/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finite delays: packets are taken out, held, and let go when they are due, or before. tc redirects
 * them into a device of the same namespace, and a program on it sends them on from where they were taken;
 * what holds them in between is the engine (engine.h).
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
	uint16_t node; /* NODE_SHARED: in the namespace that nodes share */
	uint32_t ifindex;
	bool ingress;
	bool loopback;
};

enum park_engine {
	PARK_AUTO, /* tap; where that cannot be had, chamber */
	PARK_TAP,
	PARK_CHAMBER,
	PARK_EDT,
	PARK_ENGINES
};

const char *park__engine_name(enum park_engine engine); /* "auto", "tap", ... */
int park__parse_engine(const char *name, enum park_engine *ret); /* 0 or -EINVAL */

/* @engine: not PARK_AUTO. @terms: of each fault. NULL on error; EXIT_USAGE where the engine cannot do what they ask. */
struct park *park__open(struct cutset_bpf *skel, enum park_engine engine,
			const struct park_term terms[MAX_FAULTS], struct err *err);

enum park_engine park__engine(const struct park *park);

/* A device for this place. Before park__start. */
int park__add(struct park *park, const struct park_place *place, struct err *err);

int park__start(struct park *park, struct err *err);

/* Lets all go at once, removes the devices. Call when nothing is parked any more (the lease has
 * ended), else packets are lost. Takes NULL. */
void park__close(struct park *park);

#endif
