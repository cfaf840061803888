/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What holds packets: a device of the node's namespace that tc redirects them into, and from which
 * they come back. park.h chooses one and tells the tc programs of its devices.
 *
 *	tap	frames are read from a TAP, kept by us, and written back when they are due
 *	chamber	the packets themselves go round on a wire to a namespace that nobody else has
 *	edt	sch_fq on such a wire holds them until a time that is given to them at once
 */
#ifndef CUTSET_INJECT_ENGINE_H
#define CUTSET_INJECT_ENGINE_H

#include "inject/park.h"

struct engine {
	const char *name;
	bool early; /* it can let go before the time */

	/* What it needs for the faults of one run. NULL on error. */
	void *(*open)(struct cutset_bpf *skel, const struct park_term terms[MAX_FAULTS], struct err *err);

	/* A device in @netns_fd: *ret_ifindex, which no other of this process has. Returns 0 or -1. */
	int (*add)(void *self, int netns_fd, uint32_t *ret_ifindex, struct err *err);

	int (*start)(void *self, struct err *err);
	void (*end)(void *self);   /* let all go that is held; nothing more comes in */
	void (*close)(void *self); /* and the devices are gone */
};

extern const struct engine engine_tap, engine_chamber, engine_edt;

#endif
