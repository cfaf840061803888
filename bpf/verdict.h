/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of one packet, and how it is told. */
#ifndef CUTSET_VERDICT_H
#define CUTSET_VERDICT_H

#include "packet.h"

#define TC_NEXT -1
#define TC_DROP 2

/* One packet on its way through judge(). */
struct verdict {
	__u64 ts_ns;
	__u64 since_ns; /* its delay counts from here */
	__u64 delay_ns;
	__u32 now;
	__u32 src; /* nodes */
	__u32 dst;
	__u32 place; /* whose interface it is: as in struct park_port */
	__u32 arm_seq;
	__u32 ingress;
	__u8 fault;
	__u8 by; /* enum let_go */
};

static __always_inline void emit(const struct packet *p, const struct verdict *v, __u8 action)
{
	__u32 zero = 0;
	struct ledger *ledger = bpf_map_lookup_elem(&ledgers, &zero);
	struct event *e;

	if (!ledger)
		return;
	__sync_fetch_and_add(&ledger->seen, 1);
	e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);
	if (!e) {
		__sync_fetch_and_add(&ledger->failed, 1);
		return;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->ts_ns = v->ts_ns;
	e->kind = EV_CUT;
	e->node = v->src;
	e->now = v->now;
	e->cut.action = action;
	e->cut.fault = v->fault;
	e->cut.peer = v->dst;
	e->cut.seq = p->seq;
	e->cut.len = p->len;
	e->cut.arm_seq = v->arm_seq;
	e->cut.sport = p->key.sport;
	e->cut.dport = p->key.dport;
	e->cut.tcp_flags = p->tcp_flags;
	e->cut.family = p->family;
	e->cut.proto = p->proto;
	e->cut.by = v->by;
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
	__sync_fetch_and_add(&ledger->emitted, 1);
}

static __always_inline struct fired *fired_of(__u32 fault)
{
	return bpf_map_lookup_elem(&fired, &fault);
}

static __always_inline void note_fired(struct fired *f, const struct verdict *v)
{
	if (!f->first_ns) {
		f->first_now = v->now;
		f->first_ns = v->ts_ns;
	}
	f->last_ns = v->ts_ns;
}

/* Are faults in force at @ts_ns? A lease that ran out is latched: never again in this run. */
static __always_inline bool lease_holds(__u64 ts_ns)
{
	__u64 lease_ns = *(volatile __u64 *)&control.lease_ns;

	if (control.lapsed_ns)
		return false;
	if ((__s64)(ts_ns - lease_ns) <= (__s64)LEASE_NS)
		return true;
	control.lapsed_ns = ts_ns;
	return false;
}

#endif
