// SPDX-License-Identifier: GPL-2.0-only
/*
 * How parked packets come back, by engine:
 *
 *	tap	userspace writes them to the TAP that they went into: cut_release
 *	edt	fq holds them on the near end of a wire until the time that cut_schedule gives them; the
 *		far end sends them back (cut_return) and the near end lets them go (cut_release)
 *	chamber	they go round between the two ends of a wire, paced, until they are due (cut_chamber)
 */
#include "party.h"
#include "stall.h"
#include "trigger.h"
#include "verdict.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, MAX_FAULTS * PARK_SAMPLES);
} park_delays SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct park_term);
	__uint(max_entries, MAX_FAULTS);
} park_terms SEC(".maps");

#define PACKET_HOST 0

extern struct cut_config cut_config;

/* Whose packet it is, and how long it has been here. */
static __always_inline int read_stamp(struct __sk_buff *skb, struct verdict *v)
{
	__u64 then = 0;
	__u8 mac[6];

	if (bpf_skb_load_bytes(skb, 6, mac, 6))
		return -1;
#pragma unroll
	for (int i = 1; i < 6; i++)
		then = then << 8 | mac[i];
	v->ts_ns = bpf_ktime_get_ns();
	v->now = *(volatile __u32 *)&control.now;
	v->fault = mac[0] >> 2;
	v->delay_ns = (v->ts_ns - then) & ((1ULL << PARK_STAMP_BITS) - 1);
	return 0;
}

/* What lets it go now; LET_GO_NOT: nothing yet. */
static __always_inline __u8 let_go_by(const struct verdict *v)
{
	__u32 fault = v->fault;
	struct park_term *term = bpf_map_lookup_elem(&park_terms, &fault);

	if (!term || v->delay_ns >= term->delay_ns)
		return LET_GO_DUE;
	if ((term->message && trigger_has_come(fault)) || (term->step && v->now >= term->step))
		return LET_GO_EVENT;
	return *(volatile __u64 *)&control.lease_ns ? LET_GO_NOT : LET_GO_END;
}

static __always_inline void note_released(const struct packet *p, struct fired *f,
					  const struct verdict *v)
{
	__u32 end = packet_seq_end(p);
	__u32 index = v->fault * PARK_SAMPLES + (f->released % PARK_SAMPLES);
	struct parked *parked = bpf_map_lookup_elem(&parked_flows, &p->key);

	if (parked && seq_after(end, parked->released))
		parked->released = end;
	__sync_fetch_and_add(&f->released, 1);
	stall_note_held(&p->key, v->fault, -1);
	if (v->by == LET_GO_EVENT)
		__sync_fetch_and_add(&f->by_event, 1);
	if (v->by == LET_GO_END)
		__sync_fetch_and_add(&f->by_end, 1);
	bpf_map_update_elem(&park_delays, &index, &v->delay_ns, BPF_ANY);
}

/* On to where it was taken from. */
static __always_inline int let_go(struct __sk_buff *skb, struct verdict *v)
{
	__u32 device = skb->ifindex;
	struct park_exit *exit = bpf_map_lookup_elem(&park_exits, &device);
	struct fired *f = fired_of(v->fault);
	struct packet p;
	__u8 mac[6];

	if (!exit || !f || packet_read(skb, &p))
		return TC_DROP;
	v->src = exit->shared ? party_at(skb, &p, 1) : node_at(&p.key.src);
	v->dst = exit->shared ? party_at(skb, &p, 0) : node_at(&p.key.dst);
	v->arm_seq = p.seq;
	if (control.lapsed_ns || (control.lease_ns && !lease_holds(v->ts_ns))) {
		__sync_fetch_and_add(&f->lapsed, 1);
		emit(&p, v, CUT_LAPSE);
		return TC_DROP;
	}
	__builtin_memcpy(mac, exit->mac, 6);
	if (bpf_skb_store_bytes(skb, 6, mac, 6, 0))
		return TC_DROP;
	note_released(&p, f, v);
	emit(&p, v, CUT_RELEASE);
	skb->mark = cut_config.mark;
	if (exit->routed) { /* lo leaves the type as it is: our device saw another's address */
		bpf_skb_change_type(skb, PACKET_HOST);
		return bpf_redirect_neigh(exit->ifindex, NULL, 0, 0);
	}
	return bpf_redirect(exit->ifindex, exit->ingress ? BPF_F_INGRESS : 0);
}

/* At the device's ingress: it is not our business here whether it is time. */
SEC("tc")
int cut_release(struct __sk_buff *skb)
{
	struct verdict v = {};

	if (read_stamp(skb, &v))
		return TC_DROP;
	v.by = let_go_by(&v);
	if (v.by == LET_GO_NOT)
		v.by = LET_GO_DUE;
	return let_go(skb, &v);
}

/* At the near end's ingress: out, or once more round. */
SEC("tc")
int cut_chamber(struct __sk_buff *skb)
{
	struct verdict v = {};

	if (read_stamp(skb, &v))
		return TC_DROP;
	v.by = let_go_by(&v);
	if (v.by == LET_GO_NOT && !control.lapsed_ns)
		return bpf_redirect(skb->ifindex, 0);
	return let_go(skb, &v);
}

/* At the far end's ingress: back to the near one. */
SEC("tc")
int cut_return(struct __sk_buff *skb)
{
	return bpf_redirect(skb->ifindex, 0);
}

/* At the near end's egress, before fq sees it. */
SEC("tc")
int cut_schedule(struct __sk_buff *skb)
{
	struct park_term *term;
	struct verdict v = {};
	__u32 fault;

	if (read_stamp(skb, &v))
		return TC_DROP;
	fault = v.fault;
	term = bpf_map_lookup_elem(&park_terms, &fault);
	if (term && v.delay_ns < term->delay_ns)
		bpf_skb_set_tstamp(skb, v.ts_ns + term->delay_ns - v.delay_ns,
				   BPF_SKB_TSTAMP_DELIVERY_MONO);
	return TC_NEXT;
}

char LICENSE[] SEC("license") = "GPL";
