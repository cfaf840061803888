// SPDX-License-Identifier: GPL-2.0-only
/*
 * At the sender's system call, before its bytes reach the stack: raises the run's clock when a
 * client sends after it has received, and notes where in the stream a step's bytes begin.
 */
#include "call.h"
#include "flow.h"
#include "channel.h"
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

static __always_inline int call_begins(const struct pt_regs *regs)
{
	struct task_state *state;
	struct flow_key key = {};
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
	if (channel.kind != CHANNEL_TCP || !control.recognise || call.family == SYS_CONNECT)
		return 0;
	flow_key_of(channel_sock(&channel), &key);
	flow_note_send_enter(&key, sock_write_seq(channel_sock(&channel)));
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
