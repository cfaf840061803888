// SPDX-License-Identifier: GPL-2.0-only
/* What moves bytes: one record for each system call that sent, received, connected or waited. */
#include "call.h"
#include "flow.h"
#include "sock.h"

#define EINPROGRESS 115
#define MAX_IOV 4

/* The first @len bytes of an iovec array of @cnt elements, as far as they fit. */
static __always_inline void payload_of_iov(struct record *record, const void *user, __u64 cnt,
					   __u64 len)
{
	struct iovec iov;

	for (int i = 0; i < MAX_IOV && i < cnt && len; i++) {
		__u64 part;

		if (bpf_probe_read_user(&iov, sizeof(iov), (const struct iovec *)user + i))
			return;
		part = iov.iov_len < len ? iov.iov_len : len;
		if (record_append(record, iov.iov_base, part) < part)
			return;
		len -= part;
	}
}

static __noinline int payload_of_call(struct record *record, struct call *call)
{
	struct user_msghdr msg;
	__u64 len;

	if (!record || !call || !payload_max || call->ret <= 0)
		return 0;
	if (call->family >= SYS_RECV_BUF && call_flags(call) & MSG_TRUNC)
		return 0; /* thrown away: the buffer holds something else */
	len = call->ret;
	switch (call->family) {
	case SYS_SEND_BUF:
	case SYS_RECV_BUF:
		record_append(record, (const void *)call->arg[0], len);
		break;
	case SYS_SEND_IOV:
	case SYS_RECV_IOV:
		payload_of_iov(record, (const void *)call->arg[0], call->arg[1], len);
		break;
	case SYS_SEND_MSG:
	case SYS_RECV_MSG:
		if (!bpf_probe_read_user(&msg, sizeof(msg), (const void *)call->arg[0]))
			payload_of_iov(record, msg.msg_iov, msg.msg_iovlen, len);
		break;
	default: /* sendfile, splice and mmsg: the bytes are elsewhere */
		record->event.flags |= EVENT_PAYLOAD_FAULT;
	}
	return 0;
}

/* A message belongs to the step in which its system call began: there the cutter's windows begin. */
static __always_inline struct record *record_of_call(struct task_state *state, __u16 kind,
						     const struct call *call, __u32 socket)
{
	struct record *record = record_begin(state, kind);

	if (!record)
		return NULL;
	if ((kind == EV_SEND || kind == EV_CONNECT) && state->entry)
		record->event.now = state->entry - 1;
	state->entry = 0;
	record->event.io.socket = socket;
	record->event.io.fd = call->fd;
	record->event.io.ret = call->ret;
	record->event.io.syscall = call->nr;
	return record;
}

/* mmsg calls return how many messages: the bytes are in each mmsghdr. */
struct mmsg_sum {
	const struct mmsghdr *next;
	long bytes;
};

static long add_message(__u32 index, struct mmsg_sum *sum)
{
	struct mmsghdr one;

	if (bpf_probe_read_user(&one, sizeof(one), sum->next))
		return 1;
	sum->bytes += one.msg_len;
	sum->next++;
	return 0;
}

static __always_inline long bytes_of_call(const struct call *call)
{
	struct mmsg_sum sum = { .next = (const struct mmsghdr *)call->arg[0] };

	if (call->family != SYS_SEND_MMSG && call->family != SYS_RECV_MMSG)
		return call->ret;
	bpf_loop(call->ret, add_message, &sum, 0);
	return sum.bytes;
}

/* Output of the program itself. */
static __noinline int on_log(struct task_state *state, struct call *call)
{
	struct record *record;

	if (!state || !call || call->family > SYS_SEND_IOV || (call->fd != 1 && call->fd != 2))
		return 0;
	record = record_of_call(state, EV_LOG, call, 0);
	if (!record)
		return 0;
	record->event.io.len = call->ret;
	payload_of_call(record, call);
	record_submit(record);
	return 0;
}

/* Was this call's place noted under the lock? */
static __always_inline int is_moving(const struct moving *moving, const struct call *call)
{
	return moving->sk && moving->nr == call->nr;
}

/* The record of the call, or of its last part. */
static __always_inline void record_bytes(struct record *record, struct call *call,
					 const struct moving *moving)
{
	record->event.io.len = bytes_of_call(call);
	if (is_moving(moving, call) && moving->done) {
		record->event.io.len -= moving->done;
		record->event.flags |= EVENT_PAYLOAD_FAULT; /* the buffer begins with another part */
		return;
	}
	payload_of_call(record, call);
}

/* For the cutter: how far the stream goes. */
static __always_inline void note_flow(const struct sock *sk)
{
	struct flow_key key = {};

	if (!control.recognise)
		return;
	flow_key_of(sk, &key);
	flow_note_send_exit(&key, sock_write_seq(sk));
}

static __noinline int on_send(struct task_state *state, struct call *call)
{
	struct moving *out = &state->out;
	struct sock_ref ref = {};
	struct record *record;
	__u32 socket;
	int is_new;

	if (!state || !call || call->ret <= 0)
		return 0;
	if (is_moving(out, call)) {
		ref.sk = (struct sock *)out->sk;
		socket = out->socket;
	} else if (sock_of_fd(call->fd, &ref)) {
		socket = sock_number(state, &ref, &is_new);
	} else {
		return ref.protocol == IPPROTO_MPTCP ? blind_tell(state, BLIND_MPTCP, call->fd) :
						       on_log(state, call);
	}
	record = record_of_call(state, EV_SEND, call, socket);
	if (!record)
		return 0;
	record_bytes(record, call, out);
	record->event.io.seq_end = is_moving(out, call) ? out->begin + record->event.io.len :
							  sock_write_seq(ref.sk);
	if (call_flags(call) & MSG_OOB)
		record->event.flags |= EVENT_URGENT;
	note_flow(ref.sk);
	record_submit(record);
	return 0;
}

static __always_inline void client_received(const struct task_state *state)
{
	__u32 id = state->node;
	struct node_state *node = bpf_map_lookup_elem(&node_states, &id);

	if (node && (node->flags & NODE_IS_CLIENT))
		node->received = 1;
}

static __noinline int on_receive(struct task_state *state, struct call *call)
{
	__u32 socket, flags, seq_end;
	struct moving *in = &state->in;
	struct sock_ref ref = {};
	struct record *record;
	int is_new;

	if (!state || !call || call->ret < 0)
		return 0;
	flags = call_flags(call);
	if (flags & (MSG_PEEK | MSG_ERRQUEUE))
		return 0;
	if (is_moving(in, call)) {
		socket = in->socket;
		seq_end = in->end;
	} else if (sock_of_fd(call->fd, &ref)) {
		socket = sock_number(state, &ref, &is_new);
		seq_end = flags & MSG_OOB ? sock_urgent_seq(ref.sk) + 1 : sock_copied_seq(ref.sk);
	} else {
		return ref.protocol == IPPROTO_MPTCP ? blind_tell(state, BLIND_MPTCP, call->fd) : 0;
	}
	record = record_of_call(state, EV_RECV, call, socket);
	if (!record)
		return 0;
	record->event.io.seq_end = seq_end;
	record_bytes(record, call, in);
	record_submit(record);
	if (call->ret > 0)
		client_received(state);
	return 0;
}

/* Into a socket or out of one: the other end is a pipe. */
static __always_inline int on_splice(struct task_state *state, struct call *call)
{
	struct sock_ref ref;
	int in_fd = call->fd;

	call->fd = call->arg[1];
	if (is_moving(&state->out, call))
		return on_send(state, call);
	if (!is_moving(&state->in, call) && sock_of_fd(call->fd, &ref))
		return on_send(state, call);
	call->fd = in_fd;
	return on_receive(state, call);
}

/* @fd: the connection's; for accept the new one. */
static __noinline int on_connection(struct task_state *state, struct call *call, int fd, __u32 kind)
{
	struct record *record;
	struct sock_ref ref;
	__u32 socket;
	int is_new;

	if (!state || !call)
		return 0;
	if (!sock_of_fd(fd, &ref))
		return ref.protocol == IPPROTO_MPTCP ? blind_tell(state, BLIND_MPTCP, fd) : 0;
	socket = sock_number(state, &ref, &is_new);
	/* connect() is called again to learn how it went: announced already, unless it began anew */
	if (kind == EV_CONNECT && !is_new && call->ret != -EINPROGRESS)
		return 0;
	record = record_of_call(state, kind, call, socket);
	if (!record)
		return 0;
	record->event.io.fd = fd;
	record->event.io.seq_end = kind == EV_ACCEPT ? sock_copied_seq(ref.sk) :
						       sock_write_seq(ref.sk);
	record_submit(record);
	return 0;
}

static __always_inline int on_wait(struct task_state *state, const struct call *call)
{
	struct record *record;

	if (call->ret < 0)
		return 0;
	record = record_of_call(state, EV_WAIT, call, 0);
	if (record)
		record_submit(record);
	return 0;
}

static __always_inline int on_call(struct task_state *state, struct call *call)
{
	switch (call->family) {
	case SYS_SEND_BUF:
	case SYS_SEND_IOV:
	case SYS_SEND_MSG:
	case SYS_SEND_MMSG:
	case SYS_SEND_FILE:
		return on_send(state, call);
	case SYS_SPLICE:
		return on_splice(state, call);
	case SYS_RECV_BUF:
	case SYS_RECV_IOV:
	case SYS_RECV_MSG:
	case SYS_RECV_MMSG:
		return on_receive(state, call);
	case SYS_CONNECT:
		if (call->ret == 0 || call->ret == -EINPROGRESS)
			return on_connection(state, call, call->fd, EV_CONNECT);
		return 0;
	case SYS_ACCEPT:
		return call->ret < 0 ? 0 : on_connection(state, call, call->ret, EV_ACCEPT);
	case SYS_SHUTDOWN:
		return call->ret < 0 ? 0 : on_connection(state, call, call->fd, EV_CLOSE);
	case SYS_WAIT_INPUT:
		return on_wait(state, call);
	case SYS_URING:
		return sees_uring || call->ret < 0 ? 0 : blind_tell(state, BLIND_IO_URING, call->fd);
	}
	return 0;
}

static __always_inline void call_is_over(struct task_state *state)
{
	state->out.sk = 0;
	state->in.sk = 0;
}

/* 32-bit system calls have other numbers and arguments: only that there was one is told. */
static __noinline int on_compat(void)
{
	struct task_state *state = task_current();

	if (!state)
		return 0;
	if (state->out.sk || state->in.sk)
		blind_tell(state, BLIND_COMPAT, -1);
	call_is_over(state);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(observe_exit, struct pt_regs *regs, long ret)
{
	struct task_state *state;
	struct call call;

	if (call_is_compat())
		return on_compat();
	if (!call_read(&call, regs))
		return 0;
	state = task_current();
	if (!state)
		return 0;
	call.ret = ret;
	on_call(state, &call);
	call_is_over(state);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
