/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stalls and losses: which messages are meant, and what of their stream is held. The contract is with
 * struct stall in rule.h.
 */
#ifndef CUTSET_STALL_H
#define CUTSET_STALL_H

#include "flow.h"
#include "selector.h"

static __always_inline struct stall *stall_of(__u32 index)
{
	return bpf_map_lookup_elem(&stalls, &index);
}

static __always_inline bool stall_is_open(const struct stall *stall, __u32 now)
{
	return now >= stall->from && now < stall->until;
}

/* A message that is meant: is it one to be held? @seq: where it begins; the first is reported. */
static __always_inline bool stall_counts(const struct stall *stall, __u32 index,
					 const struct flow_key *key, __u32 seq, __u32 len)
{
	struct fired *f = bpf_map_lookup_elem(&fired, &index);
	__u64 nth;

	if (!f)
		return false;
	nth = __sync_fetch_and_add(&f->matched, 1) + 1;
	if ((!stall->every && nth < stall->selector.nth) || __sync_lock_test_and_set(&f->armed, 1))
		return stall->every;
	f->arm_seq = seq;
	f->arm_len = len;
	f->arm_sport = key->sport;
	f->arm_dport = key->dport;
	return true;
}

/* The rule that holds @flow in this run; NULL: none. */
static __always_inline struct stall *stall_holding(const struct flow *flow)
{
	if (!flow || flow->epoch != control.epoch || !flow->stall)
		return NULL;
	return stall_of(flow->stall - 1);
}

static __always_inline void stall_arm(const struct flow_key *key, __u32 index, __u32 seq, __u32 onset)
{
	struct flow *flow = flow_now(key, seq, onset);

	if (!flow || flow->stall)
		return;
	flow->stall_seq = seq;
	flow->stall_ns = 0;
	flow->stall_held = 0;
	flow->stall_caught = 0;
	flow->stall = index + 1;
}

/* One packet more, or less, of a flow that @fault stalls is parked. */
static __always_inline void stall_note_held(const struct flow_key *key, __u32 fault, __s32 change)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (stall_holding(flow) && flow->stall == fault + 1)
		__sync_fetch_and_add(&flow->stall_held, change);
}

#endif
