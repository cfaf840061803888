/* SPDX-License-Identifier: GPL-2.0-only */
/* A support: one way in which the system kept its promise, as the solver sees it. */
#ifndef CUTSET_MODEL_SUPPORT_H
#define CUTSET_MODEL_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Messages of one link and step that share their fate under every kind of fault. To NODE_OUTSIDE: that the
 * node's log is read in the end. */
struct support_member {
	uint16_t src, dst;
	uint32_t step;	     /* NOW_* when sent */
	float confidence;    /* the best of its messages; (0, 1] */
	float promise;	     /* confidence that the promise (the workload's outcome) rested on it; 0..1 */
	uint32_t messages;   /* how many it stands for */
	/* Where stalls are asked for; else 0, and no stall takes it. */
	uint16_t port;	/* of the side that listens, */
	uint16_t class; /* and its class as selector__number has it; 0: unknown */
};

struct support {
	struct support_member *v; /* sorted by step, src, dst, port, class; no duplicates */
	size_t cnt, cap;
};

/* Merge a member into the support (maximum of confidences, sum of messages). 0, or -1: memory. */
int support__add(struct support *support, const struct support_member *member);

/* All of @from, likewise. */
int support__join(struct support *support, const struct support *from);

/* The member of that link, step, port and class, or NULL; valid until the next add. */
struct support_member *support__same(const struct support *support, const struct support_member *member);

/* The same without port and class. */
struct support_member *support__find(const struct support *support, uint16_t src, uint16_t dst,
				     uint32_t step);
/* The index of the first member of that link and step, of whatever port and class, or of what comes after it. */
size_t support__place(const struct support *support, uint16_t src, uint16_t dst, uint32_t step);

/* Were nodes judged by their logs? */
bool support__has_logs(const struct support *support);
void support__free(struct support *support);

#endif
