/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages that let go what faults hold: seen at the sender, come when the receiver has taken them.
 * The contract is with struct trigger in rule.h.
 */
#ifndef CUTSET_TRIGGER_H
#define CUTSET_TRIGGER_H

#include "flow.h"
#include "selector.h"

static __always_inline struct trigger *trigger_of(__u32 index)
{
	return bpf_map_lookup_elem(&triggers, &index);
}

static __always_inline bool trigger_has_come(__u32 index)
{
	return *(volatile __u32 *)&control.came >> (index & 31) & 1;
}

static __always_inline void trigger_comes(__u32 index)
{
	struct trigger *trigger = trigger_of(index);

	if (!trigger || trigger->came_ns)
		return;
	trigger->came_ns = bpf_ktime_get_ns();
	__sync_fetch_and_or(&control.came, 1U << (index & 31));
}

/* A message that is meant: is it the one? */
static __always_inline bool trigger_counts(struct trigger *trigger)
{
	return __sync_fetch_and_add(&trigger->matched, 1) + 1 == trigger->selector.nth;
}

/* Has to lie on the stack: @key. */
static __always_inline void trigger_await(__u32 index, const struct flow_key *key, __u32 seq_end)
{
	struct awaited *known = bpf_map_lookup_elem(&awaited, key);
	struct awaited fresh = {.epoch = control.epoch, .seq_end = seq_end};

	if (known && known->epoch == control.epoch)
		fresh.faults = known->faults;
	fresh.faults |= 1U << (index & 31);
	bpf_map_update_elem(&awaited, key, &fresh, BPF_ANY);
	control.awaiting = 1;
}

static long trigger_comes_if_awaited(__u32 index, const __u32 *faults)
{
	if (*faults >> (index & 31) & 1)
		trigger_comes(index);
	return 0;
}

/* The receiver has taken all up to @seq of what came by @key. */
static __always_inline void trigger_taken(const struct flow_key *key, __u32 seq)
{
	struct awaited *known = bpf_map_lookup_elem(&awaited, key);
	__u32 faults;

	if (!known || known->epoch != control.epoch || seq_after(known->seq_end, seq))
		return;
	faults = known->faults;
	bpf_map_delete_elem(&awaited, key);
	bpf_loop(MAX_FAULTS, trigger_comes_if_awaited, &faults, 0);
}

/* How datagrams to @port of @node are awaited. */
static __always_inline void trigger_datagram_key(struct flow_key *key, __u32 node, __u16 port)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->sport = node;
	key->dport = port;
}

#endif
