/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A send that rules have looked at, until it has returned: one of which nothing was taken (EAGAIN) is no
 * message, and what another left over is none of its own.
 */
#ifndef CUTSET_ATTEMPT_H
#define CUTSET_ATTEMPT_H

#include "stall.h"
#include "trigger.h"

/* How it ended. */
struct attempt_end {
	struct attempt *attempt;
	__u32 begin; /* where its bytes lie, as the socket's lock showed it */
	__u32 taken; /* 1: some were taken */
};

/* What others wrote to the stream after the rule looked, and before the message, is held with it. */
static __always_inline void attempt_begins_later(struct fired *f, const struct attempt_end *end)
{
	__u32 before = end->begin - end->attempt->seq;

	f->arm_seq = end->begin;
	__sync_fetch_and_add(&f->caught, before);
}

/* One rule that counted it. */
static long attempt_settle(__u32 index, struct attempt_end *end)
{
	struct attempt *attempt = end->attempt;
	struct fired *f = bpf_map_lookup_elem(&fired, &index);
	struct trigger *trigger = trigger_of(index);
	struct flow *flow = bpf_map_lookup_elem(&flows, &attempt->key);
	bool arms;

	if (trigger && !end->taken && attempt->awaits >> (index & 31) & 1)
		__sync_fetch_and_add(&trigger->matched, -1);
	if (!f || !(attempt->counts >> (index & 31) & 1))
		return 0;
	arms = stall_holding(flow) && flow->stall == index + 1 && flow->stall_seq == attempt->seq;
	if (arms && end->taken && f->arm_seq == attempt->seq)
		attempt_begins_later(f, end);
	if (end->taken)
		return 0;
	__sync_fetch_and_add(&f->matched, -1);
	if (arms && !flow->stall_ns) {
		flow->stall = 0;
		f->armed = 0;
	}
	return 0;
}

/* The send has returned. */
static __always_inline void attempt_ended(struct attempt *attempt, __u32 begin, long ret)
{
	struct attempt_end end = { .attempt = attempt, .begin = begin, .taken = ret > 0 };
	struct flow *flow;

	if (attempt->counts || attempt->awaits)
		bpf_loop(MAX_FAULTS, attempt_settle, &end, 0);
	flow = bpf_map_lookup_elem(&flows, &attempt->key);
	if (flow && ret > 0) {
		flow->rest_seq = begin + ret;
		flow->rest = attempt->len > ret ? attempt->len - ret : 0;
	}
	attempt->len = 0;
	attempt->counts = 0;
	attempt->awaits = 0;
}

/* Is this send what the one before left over? */
static __always_inline bool attempt_goes_on(const struct flow_key *key, __u32 seq, __u32 len)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	return flow && len && flow->rest_seq == seq && flow->rest == len;
}

#endif
