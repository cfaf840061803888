// SPDX-License-Identifier: GPL-2.0-only
/*
 * At the sender's system call, before its bytes reach the stack: raises the run's clock when a
 * client sends after it has received, and notes where in the stream a step's bytes begin.
 */
#include "attempt.h"
#include "call.h"
#include "channel.h"
#include "gather.h"
#include "owner.h"
#include "sock.h"

static __always_inline int call_begins_message(const struct call *call)
{
	return (call->family >= SYS_SEND_BUF && call->family <= SYS_SPLICE) ||
	       call->family == SYS_CONNECT;
}

static __always_inline int may_begin_step(const struct task_state *state)
{
	__u32 id = state->node;
	struct node_state *node = bpf_map_lookup_elem(&node_states, &id);

	return node && node->received && control.counting;
}

/* A client that has received since it last sent begins a step. */
static __always_inline void step_begins(struct task_state *state)
{
	__u32 id = state->node;
	struct node_state *node = bpf_map_lookup_elem(&node_states, &id);
	struct record *record;

	if (!node || !(node->flags & NODE_IS_CLIENT) || !control.counting)
		return;
	if (!__sync_lock_test_and_set(&node->received, 0) || control.now >= NOW_CHECK - 1)
		return;
	__sync_fetch_and_add(&control.now, 1);
	record = record_begin(state, EV_STEP);
	if (record)
		record_submit(record);
}

/* What bytes go out by. Returns its kind. */
static __always_inline __u32 sends_on(struct call *call, struct channel *ret)
{
	if (call->family == SYS_SPLICE)
		call->fd = call->arg[1];
	return channel_of_fd(call->fd, ret);
}

#define MAX_IOV_SUM 16

/* How much an array of iovecs holds; 0: more of them than we look at. */
static __always_inline __u64 bytes_of_iov(const struct iovec *user, __u64 cnt)
{
	struct iovec iov;
	__u64 sum = 0;

	if (cnt > MAX_IOV_SUM)
		return 0;
	for (int i = 0; i < MAX_IOV_SUM && i < cnt; i++) {
		if (bpf_probe_read_user(&iov, sizeof(iov), user + i))
			return 0;
		sum += iov.iov_len;
	}
	return sum;
}

/* What a send is about to hand over. False: it is elsewhere (a file, a pipe), or not to be told. */
static __always_inline bool parcel_of_send(const struct call *call, struct parcel *parcel)
{
	struct user_msghdr msg;

	parcel->bytes = (const void *)call->arg[0];
	parcel->iov_cnt = 0;
	parcel->room = parcel->len = call->arg[1];
	switch (call->family) {
	case SYS_SEND_BUF:
		return true;
	case SYS_SEND_IOV:
		parcel->iov_cnt = call->arg[1];
		break;
	case SYS_SEND_MSG:
		if (bpf_probe_read_user(&msg, sizeof(msg), parcel->bytes))
			return false;
		parcel->bytes = msg.msg_iov;
		parcel->iov_cnt = msg.msg_iovlen;
		break;
	default:
		return false;
	}
	parcel->len = bytes_of_iov(parcel->bytes, parcel->iov_cnt);
	return parcel->len;
}

/* Into the scratch: the message's first bytes, and the parcel. */
static __noinline int gather_send(struct call *call)
{
	struct scratch *scratch = scratch_here();
	__u64 wanted;

	if (!call || !scratch)
		return 0;
	for (int i = 0; i < PRINT_BYTES / 8; i++)
		scratch->bytes[i] = 0;
	scratch->parcel.len = 0;
	if (!parcel_of_send(call, &scratch->parcel))
		return 0;
	wanted = scratch->parcel.len < SELECTOR_BYTES ? scratch->parcel.len : SELECTOR_BYTES;
	return gather(scratch, &scratch->parcel) >= wanted;
}

/* A send on a connection that rules look at; its bytes are in the scratch, if they are `read`. */
struct look {
	struct flow_key *key;
	__u32 rules, triggers, write_seq, onset;
	__u32 dst; /* its receiver's node */
	__u32 read;
	__u32 counts, awaits; /* bits: rules that mean it */
};

/* One rule's look at it. */
static long stall_look(__u32 index, struct look *look)
{
	struct scratch *scratch = scratch_here();
	struct stall *stall = stall_of(index);
	struct fired *f = bpf_map_lookup_elem(&fired, &index);

	if (!(look->rules >> (index & 31) & 1) || !scratch || !stall || !f ||
	    stall->selector.connect || !stall_is_open(stall, control.now) ||
	    !selector_has_port(&stall->selector, look->key))
		return 0;
	if (selector_asks_for_bytes(&stall->selector) && !look->read) {
		__sync_fetch_and_add(&f->unread, 1);
		return 0;
	}
	if (!selector_means(&stall->selector, scratch->bytes, scratch->parcel.len))
		return 0;
	look->counts |= 1U << (index & 31);
	if (stall_counts(stall, index, look->key, look->write_seq, scratch->parcel.len))
		stall_arm(look->key, index, look->write_seq, look->onset);
	return 0;
}

/* One trigger's look at it. */
static long trigger_look(__u32 index, struct look *look)
{
	struct scratch *scratch = scratch_here();
	struct trigger *trigger = trigger_of(index);
	struct flow_key key = *look->key;

	if (!(look->triggers >> (index & 31) & 1) || !scratch || !trigger ||
	    trigger->selector.connect || control.now < trigger->from ||
	    !selector_has_port(&trigger->selector, &key))
		return 0;
	if (selector_asks_for_bytes(&trigger->selector) && !look->read) {
		__sync_fetch_and_add(&trigger->unread, 1);
		return 0;
	}
	if (!selector_means(&trigger->selector, scratch->bytes, scratch->parcel.len))
		return 0;
	look->awaits |= 1U << (index & 31);
	if (!trigger_counts(trigger))
		return 0;
	if (look->dst == NODE_OUTSIDE)
		trigger_comes(index);
	else
		trigger_await(index, &key, look->write_seq + scratch->parcel.len);
	return 0;
}

/* Which rules mean what is about to be sent? */
static __noinline int rules_look(struct task_state *state, struct call *call, struct look *look,
				 struct cell *cell)
{
	struct scratch *scratch = scratch_here();

	if (!state || !call || !look || !scratch || !cell || !(cell->stalls | cell->triggers))
		return 0;
	look->rules = cell->stalls;
	look->triggers = cell->triggers;
	look->onset = flow_onset(cell);
	look->read = gather_send(call);
	if (!attempt_goes_on(look->key, look->write_seq, scratch->parcel.len)) {
		bpf_loop(MAX_FAULTS, stall_look, look, 0);
		if (look->triggers)
			bpf_loop(MAX_FAULTS, trigger_look, look, 0);
	}
	state->attempt.key = *look->key;
	state->attempt.seq = look->write_seq;
	state->attempt.len = scratch->parcel.len;
	state->attempt.counts = look->counts;
	state->attempt.awaits = look->awaits;
	return 0;
}

/* A connection's bytes are about to be sent. */
static __always_inline void bytes_begin(struct task_state *state, struct call *call,
					const struct sock *sk)
{
	struct flow_key key = {};
	struct look look = { .key = &key, .write_seq = sock_write_seq(sk) };
	struct cell *cell;
	__u32 src;

	flow_key_of(sk, &key);
	if (!nodes_of_connection(state, sk, &key, &src, &look.dst))
		return;
	cell = cell_between(src, look.dst);
	flow_note_send_enter(&key, look.write_seq, flow_onset(cell));
	if (control.stalls)
		rules_look(state, call, &look, cell);
}

static __always_inline int call_begins(const struct pt_regs *regs)
{
	struct task_state *state;
	struct channel channel = {};
	struct call call;

	if (!call_read(&call, regs) || !call_begins_message(&call))
		return 0;
	state = task_current();
	if (!state || call_is_compat())
		return 0;
	if ((control.recognise || may_begin_step(state)) &&
	    channel_is_network(sends_on(&call, &channel)))
		step_begins(state);
	state->entry = control.now + 1;
	if (!control.recognise)
		return 0;
	if (channel.kind == CHANNEL_UDP && is_shared(channel_sock(&channel)))
		claim(channel_sock(&channel), channel.inode, state->node);
	if (channel.kind == CHANNEL_TCP && call.family != SYS_CONNECT)
		bytes_begin(state, &call, channel_sock(&channel));
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(recognise_enter, const struct pt_regs *regs, long nr)
{
	return call_begins(regs);
}

/* The same by the functions of the system calls: functions.bpf.c jumps here. */
SEC("fentry/__x64_sys_write")
int BPF_PROG(recognise_function, const struct pt_regs *regs)
{
	return call_begins(regs);
}

SEC("fentry/__x64_sys_sendto")
int BPF_PROG(recognise_function_other, const struct pt_regs *regs)
{
	return call_begins(regs);
}

char LICENSE[] SEC("license") = "GPL";
