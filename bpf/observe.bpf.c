// SPDX-License-Identifier: GPL-2.0-only
/* What moves bytes: one record for each system call that sent, received, connected or waited. */
#include "call.h"
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
static __noinline long bytes_of_mmsg(struct call *call)
{
	struct mmsghdr one;
	long bytes = 0;

	if (!call)
		return 0;
	for (int i = 0; i < 64 && i < call->ret; i++) {
		if (bpf_probe_read_user(&one, sizeof(one),
					(const struct mmsghdr *)call->arg[0] + i))
			break;
		bytes += one.msg_len;
	}
	return bytes;
}

static __noinline int on_send(struct task_state *state, struct call *call)
{
	struct record *record;
	struct sock_ref ref;
	__u32 socket;
	int is_new;

	if (!state || !call || call->ret <= 0)
		return 0;
	if (!sock_of_fd(call->fd, &ref)) {
		if (call->family > SYS_SEND_IOV || (call->fd != 1 && call->fd != 2))
			return 0;
		record = record_of_call(state, EV_LOG, call, 0);
		if (!record)
			return 0;
		record->event.io.len = call->ret;
		payload_of_call(record, call);
		record_submit(record);
		return 0;
	}
	socket = sock_number(state, &ref, &is_new);
	record = record_of_call(state, EV_SEND, call, socket);
	if (!record)
		return 0;
	record->event.io.seq_end = sock_write_seq(ref.sk);
	record->event.io.len = call->family == SYS_SEND_MMSG ? bytes_of_mmsg(call) : call->ret;
	payload_of_call(record, call);
	record_submit(record);
	return 0;
}

static __always_inline int recv_moves_nothing(const struct call *call)
{
	__u64 flags = 0;

	if (call->nr == 45) /* recvfrom */
		flags = call->arg[2];
	else if (call->family == SYS_RECV_MSG)
		flags = call->arg[1];
	return flags & 2; /* MSG_PEEK */
}

static __noinline int on_receive(struct task_state *state, struct call *call)
{
	struct node_state *node;
	struct record *record;
	struct sock_ref ref;
	__u32 socket, id;
	int is_new;

	if (!state || !call || call->ret < 0 || recv_moves_nothing(call) ||
	    !sock_of_fd(call->fd, &ref))
		return 0;
	socket = sock_number(state, &ref, &is_new);
	record = record_of_call(state, EV_RECV, call, socket);
	if (!record)
		return 0;
	record->event.io.seq_end = sock_copied_seq(ref.sk);
	record->event.io.len = call->family == SYS_RECV_MMSG ? bytes_of_mmsg(call) : call->ret;
	payload_of_call(record, call);
	record_submit(record);
	id = state->node;
	node = bpf_map_lookup_elem(&node_states, &id);
	if (node && (node->flags & NODE_IS_CLIENT) && call->ret > 0)
		node->received = 1;
	return 0;
}

/* @fd: the connection's; for accept the new one. */
static __noinline int on_connection(struct task_state *state, struct call *call, int fd, __u32 kind)
{
	struct record *record;
	struct sock_ref ref;
	__u32 socket;
	int is_new;

	if (!state || !call || !sock_of_fd(fd, &ref))
		return 0;
	socket = sock_number(state, &ref, &is_new);
	/* connect() is called again to learn how it went: announced already */
	if (kind == EV_CONNECT && !is_new)
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

static __always_inline void on_wait(struct task_state *state, const struct call *call)
{
	struct record *record;

	if (call->ret < 0)
		return;
	record = record_of_call(state, EV_WAIT, call, 0);
	if (record)
		record_submit(record);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(observe_exit, struct pt_regs *regs, long ret)
{
	struct task_state *state;
	struct call call;

	if (!call_read(&call, regs))
		return 0;
	state = task_current();
	if (!state || call_is_compat())
		return 0;
	call.ret = ret;
	switch (call.family) {
	case SYS_SPLICE: /* in_fd, off_in, out_fd */
		call.fd = call.arg[1];
		/* fallthrough */
	case SYS_SEND_BUF:
	case SYS_SEND_IOV:
	case SYS_SEND_MSG:
	case SYS_SEND_MMSG:
	case SYS_SEND_FILE:
		return on_send(state, &call);
	case SYS_RECV_BUF:
	case SYS_RECV_IOV:
	case SYS_RECV_MSG:
	case SYS_RECV_MMSG:
		return on_receive(state, &call);
	case SYS_CONNECT:
		if (ret == 0 || ret == -EINPROGRESS)
			return on_connection(state, &call, call.fd, EV_CONNECT);
		return 0;
	case SYS_ACCEPT:
		return ret < 0 ? 0 : on_connection(state, &call, ret, EV_ACCEPT);
	case SYS_SHUTDOWN:
		return ret < 0 ? 0 : on_connection(state, &call, call.fd, EV_CLOSE);
	case SYS_WAIT_INPUT:
		on_wait(state, &call);
		return 0;
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
