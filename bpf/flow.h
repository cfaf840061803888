/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a fault begins in a TCP stream: kept by the recogniser at the sender's system calls, asked
 * by the tc programs. The contract is with struct flow in rule.h.
 */
#ifndef CUTSET_FLOW_H
#define CUTSET_FLOW_H

#include "maps.h"

static __always_inline bool seq_after(__u32 x, __u32 y)
{
	return (__s32)(x - y) > 0;
}

/* Of the same connection, the other way. */
static __always_inline struct flow_key flow_key_back(const struct flow_key *key)
{
	struct flow_key back = {
		.src = key->dst, .dst = key->src, .sport = key->dport, .dport = key->sport
	};

	return back;
}

/* The node of an address, or NODE_SHARED; what is nobody's is the client's, or outside. */
static __always_inline __u32 node_at(const struct address *address)
{
	__u16 *node = bpf_map_lookup_elem(&addresses, address);
	__u32 id = node ? *node : control.outside_node;

	return id <= NODE_SHARED ? id : NODE_OUTSIDE;
}

static __always_inline struct cell *cell_between(__u32 src, __u32 dst)
{
	__u32 index = src * MAX_NODES + dst;

	return bpf_map_lookup_elem(&cells, &index);
}

static __always_inline __u32 flow_onset(const struct cell *cell)
{
	return cell && cell->will.until ? cell->will.from : NOW_NEVER;
}

/* The flow as it is in this run; NULL: its table is full. Of one that is new in it, @seq: where it is,
 * @onset: of the fault on its link. */
static __always_inline struct flow *flow_now(const struct flow_key *key, __u32 seq, __u32 onset)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (!flow) {
		struct flow fresh = { .epoch = control.epoch - 1 };

		bpf_map_update_elem(&flows, key, &fresh, BPF_ANY);
		flow = bpf_map_lookup_elem(&flows, key);
	}
	if (flow && flow->epoch != control.epoch) {
		flow->from = onset;
		flow->armed = 0;
		flow->end_seq = seq;
		flow->stall = 0;
		flow->rest = 0;
		flow->epoch = control.epoch;
	}
	return flow;
}

/* Before the bytes of a send reach the stack; @write_seq: tcp_sock.write_seq at that moment. */
static __always_inline void flow_note_send_enter(const struct flow_key *key, __u32 write_seq,
						 __u32 onset)
{
	struct flow *flow = flow_now(key, write_seq, onset);

	if (!flow)
		return;
	if (seq_after(write_seq, flow->end_seq))
		flow->end_seq = write_seq;
	if (!flow->armed && control.now >= flow->from) {
		flow->arm_seq = write_seq;
		flow->armed = 1;
	}
}

/* After a send returned; @write_seq: tcp_sock.write_seq now. */
static __always_inline void flow_note_send_exit(const struct flow_key *key, __u32 write_seq)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (flow && seq_after(write_seq, flow->end_seq))
		flow->end_seq = write_seq;
}

/* A handshake: what was known of these ports belongs to another connection. */
static __always_inline void flow_forget(const struct flow_key *key)
{
	bpf_map_delete_elem(&flows, key);
}

/*
 * Were the bytes that end before @end_seq sent before the fault of this link began?
 * *arm_seq: where it begins in this stream, where that is known, else untouched.
 */
static __always_inline bool flow_is_earlier(const struct flow_key *key, __u32 end_seq,
					    __u32 *arm_seq)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (!flow)
		return false;
	*arm_seq = flow->epoch == control.epoch && flow->armed ? flow->arm_seq : flow->end_seq;
	return !seq_after(end_seq, *arm_seq);
}

#endif
