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

/* How long a fault holds what it takes. */
struct park_term {
	uint64_t delay_ns; /* at most; 0: it parks nothing */
	uint32_t step;	   /* or until the run's clock stands here; 0: none */
	bool message;	   /* or until its trigger has come (control.came) */
};

/* Of one fault, by what let its packets go. */
struct park_count {
	uint64_t due;	/* their time */
	uint64_t event; /* the step or the message that they were held for */
	uint64_t end;	/* healing, or the end of the run */
};

/* @terms: of each fault. NULL on error. */
struct park *park__open(struct cutset_bpf *skel, const struct park_term terms[MAX_FAULTS],
			struct err *err);

/* A device for this place. Before park__start. */
int park__add(struct park *park, const struct park_place *place, struct err *err);

int park__start(struct park *park, struct err *err);

/* Lets all go at once. Call when nothing is parked any more (the lease has ended), else packets are
 * lost. @counts: by fault. */
void park__end(struct park *park, struct park_count counts[MAX_FAULTS]);

/* As park__end, and removes the devices. Takes NULL. */
void park__close(struct park *park);

#endif
