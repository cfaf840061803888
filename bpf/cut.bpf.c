// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cutter: tc programs on the nodes' interfaces that drop or park what a fault covers.
 * A packet is judged once: at the egress of its sender, or at the ingress of its receiver where the
 * sender has no hook of ours (the client, the outside). What goes between a node and the namespace that
 * several share is judged there, where the sockets are.
 */
#include "party.h"
#include "stall.h"
#include "trigger.h"
#include "verdict.h"

#define NOWHERE 0x7fffffff    /* an interface that does not exist */
#define PARK_SLACK_NS 50000000 /* a parked packet that is not back by then was lost */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct park_port);
	__type(value, __u32);
	__uint(max_entries, 1024);
} park_ports SEC(".maps");

struct cut_config cut_config;

static __always_inline bool in_force(const struct window *w, __u32 now)
{
	return now >= w->from && now < w->until;
}

/* The window of the link's fault, unless the bytes were sent before it began. */
static __always_inline struct window *judge_will(struct cell *cell, const struct packet *p,
						 struct verdict *v)
{
	struct fired *f;

	if (!in_force(&cell->will, v->now) || !packet_carries_will(p))
		return NULL;
	if (p->proto != IPPROTO_TCP || p->headless ||
	    (p->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) ||
	    !flow_is_earlier(&p->key, p->seq + p->len, &v->arm_seq))
		return &cell->will;
	f = fired_of(cell->will.fault);
	if (f)
		__sync_fetch_and_add(&f->early, 1);
	return NULL;
}

static __always_inline struct window *judge_windows(struct cell *cell, const struct packet *p,
						    struct verdict *v)
{
	struct window *will;

	v->arm_seq = p->seq;
	if (!in_force(&cell->all, v->now))
		return judge_will(cell, p, v);
	if (!cell->all.delay_ns)
		return &cell->all;
	will = judge_will(cell, p, v);
	return will && !will->delay_ns ? will : &cell->all;
}

static __always_inline bool is_attempt(const struct packet *p)
{
	return p->proto == IPPROTO_TCP && !p->headless && p->tcp_flags & TCP_SYN;
}

/* A datagram's first bytes. */
static __always_inline void load_bytes(struct __sk_buff *skb, const struct packet *p,
				       __u64 bytes[SELECTOR_BYTES / 8])
{
	__u32 len = p->len < SELECTOR_BYTES ? p->len : SELECTOR_BYTES;

	for (int i = 0; i < SELECTOR_BYTES / 8; i++)
		bytes[i] = 0;
	if (p->proto != IPPROTO_UDP || !len)
		return;
	barrier_var(len); /* 1 to SELECTOR_BYTES; but the verifier has to see it */
	packet_load(skb, p->payload, bytes, ((len - 1) & (SELECTOR_BYTES - 1)) + 1);
}

/* Attempts to connect, and datagrams: there the packet is the message. */
static __always_inline bool selector_means_packet(const struct selector *selector,
						  const struct packet *p, const __u64 *bytes)
{
	if (!selector_has_port(selector, &p->key))
		return false;
	if (is_attempt(p))
		return selector->connect && !(p->tcp_flags & TCP_ACK);
	if (p->proto != IPPROTO_UDP || p->headless || selector->connect)
		return false;
	return selector_means(selector, bytes, p->len);
}

struct packet_look {
	const struct packet *p;
	const struct flow_key *key;
	const __u64 *bytes;
	__u32 rules;
	__u32 onset;
	__u32 dst; /* its receiver's node */
};

static __always_inline bool stall_means_packet(const struct stall *stall,
					       const struct packet_look *look)
{
	return (stall->every && is_attempt(look->p)) ||
	       selector_means_packet(&stall->selector, look->p, look->bytes);
}

static long stall_look_at_packet(__u32 index, struct packet_look *look)
{
	const struct packet *p = look->p;
	struct stall *stall = stall_of(index);

	if (look->rules >> (index & 31) & 1 && stall && stall_is_open(stall, control.now) &&
	    stall_means_packet(stall, look) &&
	    stall_counts(stall, index, look->key, p->seq, p->len))
		stall_arm(look->key, index, p->seq - 1, look->onset);
	return 0;
}

/* Look for a rule that means this packet; it then holds the flow. */
static __noinline int stall_packet(struct __sk_buff *skb, struct packet *p,
				   const struct flow_key *key, __u32 rules, __u32 onset)
{
	__u64 bytes[SELECTOR_BYTES / 8];
	struct packet_look look = {
		.p = p, .key = key, .bytes = bytes, .rules = rules, .onset = onset
	};

	if (!skb || !p || !key)
		return 0;
	load_bytes(skb, p, bytes);
	bpf_loop(MAX_FAULTS, stall_look_at_packet, &look, 0);
	return 0;
}

static long trigger_look_at_packet(__u32 index, struct packet_look *look)
{
	struct trigger *trigger = trigger_of(index);
	const struct packet *p = look->p;
	struct flow_key key;

	if (!(look->rules >> (index & 31) & 1) || !trigger || control.now < trigger->from ||
	    !selector_means_packet(&trigger->selector, p, look->bytes) || !trigger_counts(trigger))
		return 0;
	if (look->dst == NODE_OUTSIDE || p->proto != IPPROTO_UDP) {
		trigger_comes(index);
		return 0;
	}
	trigger_datagram_key(&key, look->dst, p->key.dport);
	trigger_await(index, &key, 0);
	return 0;
}

/* Is it what somebody waits for? Streams' messages are seen at their system calls. */
__noinline int trigger_packet(struct __sk_buff *skb, struct packet *p, __u32 dst, __u32 rules)
{
	__u64 bytes[SELECTOR_BYTES / 8];
	struct packet_look look = { .p = p, .bytes = bytes, .rules = rules, .dst = dst };

	if (!skb || !p || !(is_attempt(p) || p->proto == IPPROTO_UDP))
		return 0;
	load_bytes(skb, p, bytes);
	bpf_loop(MAX_FAULTS, trigger_look_at_packet, &look, 0);
	return 0;
}

/* A new connection's first packet is no part of an older one's; nor is it when it is sent again. */
static __always_inline void begin_connection(const struct packet *p)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, &p->key);

	if (!stall_holding(flow) || flow->stall_seq != p->seq - 1)
		flow_forget(&p->key);
}

/* A loss of datagrams is over with its window; a stream goes on waiting for what it lost. */
static __always_inline bool is_held(const struct stall *stall, const struct flow *flow,
				    const struct packet *p, __u32 now)
{
	if (now >= stall->heal || !packet_carries_will(p) || p->headless)
		return false;
	if (p->proto != IPPROTO_TCP)
		return !stall->every || now < stall->until;
	return seq_after(packet_seq_end(p), flow->stall_seq);
}

/* Is the hold over, and all that was parked on its way? What passes earlier would overtake it. */
static __always_inline bool is_over(const struct stall *stall, const struct flow *flow, __u64 ts_ns)
{
	struct trigger *trigger = trigger_of(flow->stall - 1);
	__u64 end_ns = flow->stall_ns + stall->delay_ns;

	if (trigger && trigger->came_ns)
		end_ns = trigger->came_ns;
	else if (!stall->delay_ns || ts_ns < end_ns)
		return false;
	return !flow->stall_held || (__s64)(ts_ns - end_ns) >= PARK_SLACK_NS;
}

/* What of the packet came before the message: each byte counts once, however often it is sent. */
static __always_inline void note_caught(const struct packet *p, struct flow *flow,
					struct verdict *v)
{
	struct fired *f = fired_of(v->fault);
	__u32 before = flow->stall_seq - p->seq;

	v->arm_seq = flow->stall_seq;
	if (!f || p->proto != IPPROTO_TCP || !seq_after(flow->stall_seq, p->seq) ||
	    before >= p->len || before <= flow->stall_caught)
		return;
	__sync_fetch_and_add(&f->caught, before - flow->stall_caught);
	flow->stall_caught = before;
}

/* A loss takes the datagrams of its window; then another may. */
static __always_inline bool is_spent(const struct stall *stall, const struct packet *p, __u32 now)
{
	return p->proto == IPPROTO_UDP && stall->every && now >= stall->until;
}

/*
 * Is the packet part of a message that is stalled, or behind one? Not static: the verifier looks at it
 * once, not from each place in its caller. Before 6.5 a key has to lie on the stack then.
 */
__noinline int judge_stalls(struct __sk_buff *skb, struct packet *p, struct verdict *v, __u32 rules)
{
	struct flow_key key;
	struct stall *stall;
	struct flow *flow;

	if (!skb || !p || !v)
		return 0;
	key = p->key;
	flow = bpf_map_lookup_elem(&flows, &key);
	stall = stall_holding(flow);
	if (stall && flow && is_spent(stall, p, v->now)) {
		flow->stall = 0;
		stall = NULL;
	}
	if (!stall && (is_attempt(p) || p->proto == IPPROTO_UDP)) {
		stall_packet(skb, p, &key, rules, flow_onset(cell_between(v->src, v->dst)));
		flow = bpf_map_lookup_elem(&flows, &key);
		stall = stall_holding(flow);
	}
	if (!stall || !flow || !is_held(stall, flow, p, v->now))
		return 0;
	if (!flow->stall_ns)
		flow->stall_ns = v->ts_ns;
	if (is_over(stall, flow, v->ts_ns))
		return 0;
	v->fault = flow->stall - 1;
	v->delay_ns = stall->delay_ns;
	v->since_ns = flow->stall_ns;
	note_caught(p, flow, v);
	return 1;
}

/* Which fault takes the packet, and for how long? */
static __always_inline bool judge(struct __sk_buff *skb, struct cell *cell, struct packet *p,
				  struct verdict *v)
{
	struct window *w = judge_windows(cell, p, v);

	v->since_ns = v->ts_ns;
	if (!w)
		return cell->stalls && judge_stalls(skb, p, v, cell->stalls);
	v->fault = w->next != FAULT_NONE && v->now >= w->next_from ? w->next : w->fault;
	v->delay_ns = w->delay_ns;
	return !trigger_has_come(v->fault);
}

/* Has the fault taken as much, or gone on for as long, as it may? */
static __always_inline bool is_used_up(const struct verdict *v)
{
	struct fired *f = fired_of(v->fault);
	__u64 most = cut_config.most_packets, longest_ns = cut_config.longest_ns;

	if (!f || !((most && f->dropped + f->parked >= most) ||
		    (longest_ns && f->first_ns && v->ts_ns - f->first_ns >= longest_ns)))
		return false;
	__sync_fetch_and_add(&f->over, 1);
	return true;
}

/* Never TC_DROP at egress: the sender would notice (ENOBUFS, probes instead of backoff). */
static __always_inline int drop_silently(const struct verdict *v)
{
	return v->ingress ? TC_DROP : bpf_redirect(NOWHERE, 0);
}

static __always_inline int drop(const struct packet *p, const struct verdict *v)
{
	struct fired *f = fired_of(v->fault);

	if (f) {
		note_fired(f, v);
		__sync_fetch_and_add(&f->dropped, 1);
	}
	emit(p, v, CUT_DROP);
	return drop_silently(v);
}

/* Is this a retransmission of what is parked? If not, what it carries is parked now. */
static __always_inline bool is_parked(const struct packet *p, const struct verdict *v)
{
	__u32 end = packet_seq_end(p);
	struct parked *parked;
	struct parked fresh = {
		.end = end,
		.released = p->seq,
		.until_ns = v->since_ns + v->delay_ns + PARK_SLACK_NS,
	};

	if (p->proto != IPPROTO_TCP || p->headless || end == p->seq)
		return false;
	parked = bpf_map_lookup_elem(&parked_flows, &p->key);
	if (!parked || v->ts_ns > parked->until_ns) {
		bpf_map_update_elem(&parked_flows, &p->key, &fresh, BPF_ANY);
		return false;
	}
	if (seq_after(end, parked->released) && !seq_after(end, parked->end))
		return true;
	if (seq_after(end, parked->end))
		parked->end = end;
	parked->until_ns = fresh.until_ns;
	return false;
}

static __always_inline int swallow(const struct packet *p, const struct verdict *v,
				   struct fired *f)
{
	__sync_fetch_and_add(&f->swallowed, 1);
	emit(p, v, CUT_SWALLOW);
	return drop_silently(v);
}

static __always_inline void stamp(__u8 *mac, const struct verdict *v)
{
	mac[0] = v->fault << 2 | 2;
#pragma unroll
	for (int i = 1; i < 6; i++)
		mac[i] = v->since_ns >> (PARK_STAMP_BITS - 8 * i);
}

static __always_inline int park(struct __sk_buff *skb, const struct packet *p,
				const struct verdict *v)
{
	struct park_port port = { v->place, skb->ifindex, v->ingress };
	__u32 *device = bpf_map_lookup_elem(&park_ports, &port);
	struct park_exit *exit = device ? bpf_map_lookup_elem(&park_exits, device) : NULL;
	struct fired *f = fired_of(v->fault);
	__u8 mac[6];

	if (!f)
		return TC_NEXT;
	if (!exit || bpf_skb_load_bytes(skb, 6, exit->mac, 6)) {
		__sync_fetch_and_add(&f->unparked, 1);
		return TC_NEXT;
	}
	note_fired(f, v);
	if (is_parked(p, v))
		return swallow(p, v, f);
	stamp(mac, v);
	if (bpf_skb_store_bytes(skb, 6, mac, 6, 0)) {
		__sync_fetch_and_add(&f->unparked, 1);
		return TC_NEXT;
	}
	__sync_fetch_and_add(&f->parked, 1);
	stall_note_held(&p->key, v->fault, 1);
	emit(p, v, CUT_PARK);
	return bpf_redirect(*device, 0);
}

/* Is it the other program, at the packet's sender, that judges what @node sends? */
static __always_inline bool judged_elsewhere(__u32 node, __u32 ingress)
{
	barrier_var(node); /* it is in bounds; but the verifier has to see it */
	return cut_config.hooked[node % MAX_NODES] == ingress;
}

/* False: nothing is to be done with this packet. */
static __always_inline bool begin(struct __sk_buff *skb, struct packet *p, struct verdict *v)
{
	if (cut_config.mark && skb->mark == cut_config.mark) {
		skb->mark = 0;
		return false;
	}
	if (!control.lease_ns)
		return false;
	v->ts_ns = bpf_ktime_get_ns();
	if (!lease_holds(v->ts_ns) || packet_read(skb, p) || packet_is_plumbing(p))
		return false;
	v->now = *(volatile __u32 *)&control.now;
	return true;
}

/* Its nodes are known. */
static __always_inline int cut(struct __sk_buff *skb, struct packet *p, struct verdict *v)
{
	struct cell *cell;

	if (p->tcp_flags & TCP_SYN)
		begin_connection(p);
	cell = cell_between(v->src, v->dst);
	if (!cell)
		return TC_NEXT;
	if (!judge(skb, cell, p, v) || is_used_up(v)) {
		if (cell->triggers)
			trigger_packet(skb, p, v->dst, cell->triggers);
		return TC_NEXT;
	}
	return v->delay_ns ? park(skb, p, v) : drop(p, v);
}

/* On an interface of one node. */
static __always_inline int cut_own(struct __sk_buff *skb, __u32 ingress)
{
	struct verdict v = { .ingress = ingress };
	struct packet p;

	if (!begin(skb, &p, &v))
		return TC_NEXT;
	v.src = node_at(&p.key.src);
	v.dst = p.multicast ? NODE_OUTSIDE : node_at(&p.key.dst);
	if (v.src == NODE_SHARED || v.dst == NODE_SHARED || judged_elsewhere(v.src, ingress))
		return TC_NEXT;
	v.place = ingress ? v.dst : v.src;
	return cut(skb, &p, &v);
}

SEC("tc")
int cut_egress(struct __sk_buff *skb)
{
	return cut_own(skb, 0);
}

SEC("tc")
int cut_ingress(struct __sk_buff *skb)
{
	return cut_own(skb, 1);
}

/* On an interface of the namespace that nodes share, lo too. Strangers' packets are left alone soon. */
static __always_inline int cut_shared(struct __sk_buff *skb, __u32 ingress)
{
	struct verdict v = { .ingress = ingress, .place = NODE_SHARED };
	struct packet p;

	if (!begin(skb, &p, &v))
		return TC_NEXT;
	if (ingress ? !parties_in(skb, &p, &v.src, &v.dst) :
		      !parties_out(skb, &p, cut_config.strangers, &v.src, &v.dst))
		return TC_NEXT;
	return v.src || v.dst ? cut(skb, &p, &v) : TC_NEXT;
}

SEC("tc")
int cut_shared_egress(struct __sk_buff *skb)
{
	return cut_shared(skb, 0);
}

SEC("tc")
int cut_shared_ingress(struct __sk_buff *skb)
{
	return cut_shared(skb, 1);
}

char LICENSE[] SEC("license") = "GPL";
