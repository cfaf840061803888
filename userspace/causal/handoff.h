/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One thread made another of its node go on: by a futex, an eventfd, its own end, a signal, or by
 * making it. What the first had received may be why the second sent.
 */
#ifndef CUTSET_CAUSAL_HANDOFF_H
#define CUTSET_CAUSAL_HANDOFF_H

#include <stddef.h>
#include <stdint.h>

#include "../bpf/event.h"

struct handoff_edge {
	uint64_t ts_ns;
	uint32_t from, to;   /* threads */
	uint32_t activation; /* of the first, at that time */
	enum handoff kind : 8;
};

struct handoffs {
	struct handoff_edge *v; /* once they are indexed by `to`, then time */
	size_t cnt, cap;
	uint32_t *at; /* of thread t: v[at[t] .. at[t + 1]); NULL: not indexed */
};

/* 0 or -1 (memory). */
int handoffs__add(struct handoffs *handoffs, const struct handoff_edge *edge);
int handoffs__index(struct handoffs *handoffs, size_t thread_cnt);
void handoffs__free(struct handoffs *handoffs);

/* The latest to @thread at or before @ts_ns, at most @max, latest first. Returns how many. */
size_t handoffs__before(const struct handoffs *handoffs, uint32_t thread, uint64_t ts_ns, size_t max,
			const struct handoff_edge **ret);

#endif
