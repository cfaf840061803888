// SPDX-License-Identifier: GPL-2.0-only
/* What moves bytes: one record for each system call that sent, received or connected. */
#include "attempt.h"
#include "call.h"
#include "datagram.h"
#include "local.h"
#include "owner.h"
#include "sock.h"

#define EINPROGRESS 115

/* The first @len bytes of an iovec array of @cnt elements, as far as they fit. */
static __noinline int payload_of_iov(struct record *record, const void *user, __u64 cnt, __u64 len)
{
	struct iovec iov;

	if (!record)
		return 0;
	for (int i = 0; i < MAX_IOV && i < cnt && len; i++) {
		__u64 part;

		if (bpf_probe_read_user(&iov, sizeof(iov), (const struct iovec *)user + i))
			return 0;
		part = iov.iov_len < len ? iov.iov_len : len;
		if (record_append(record, iov.iov_base, part) < part)
			return 0;
		len -= part;
	}
	return 0;
}

static __noinline int payload_of_call(struct record *record, struct call *call)
{
	struct user_msghdr msg;
	__u64 len;

	if (!record || !call || !record->room || call->ret <= 0)
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

static __always_inline int is_output(const struct call *call)
{
	return call->fd == 1 || call->fd == 2;
}

/* What the program says of itself: its text is kept whatever is kept of messages. */
static __always_inline int on_log(struct task_state *state, struct call *call)
{
	struct record *record;

	if (call->family > SYS_SEND_IOV || call->ret <= 0)
		return 0;
	record = record_of_call(state, EV_LOG, call, 0);
	if (!record)
		return 0;
	record->room = MAX_PAYLOAD;
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

static __noinline int tcp_sent(struct task_state *state, struct call *call,
				    const struct sock *sk, __u32 socket)
{
	struct moving *out;
	struct record *record;

	if (!state || !call || call->ret <= 0)
		return 0;
	out = &state->out;
	record = record_of_call(state, EV_SEND, call, socket);
	if (!record)
		return 0;
	record_bytes(record, call, out);
	record->event.io.seq_end =
		is_moving(out, call) ? out->begin + record->event.io.len : sock_write_seq(sk);
	if (call_flags(call) & MSG_OOB)
		record->event.flags |= EVENT_URGENT;
	note_flow(sk);
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

static __noinline int tcp_received(struct task_state *state, struct call *call, __u32 seq_end,
					__u32 socket)
{
	struct record *record;

	if (!state || !call)
		return 0;
	record = record_of_call(state, EV_RECV, call, socket);
	if (!record)
		return 0;
	record->event.io.seq_end = seq_end;
	record_bytes(record, call, &state->in);
	record_submit(record);
	if (call->ret > 0)
		client_received(state);
	return 0;
}

/* Bytes of a unix stream or a pipe: counted at both ends. */
static __noinline int local_moved(struct task_state *state, struct call *call,
				       const struct channel *channel, int reads)
{
	struct known_socket *known;
	struct record *record;
	__u32 socket, kind = EV_RECV;
	long bytes;

	if (!state || !call || !channel)
		return 0;
	bytes = bytes_of_call(call);
	if (!bytes && !reads)
		return 0;
	if (!reads && channel->kind == CHANNEL_UNIX_STREAM && call_flags(call) & MSG_OOB)
		blind_tell(state, BLIND_URGENT, call->fd);
	if (!reads)
		kind = channel->kind == CHANNEL_FIFO && is_output(call) ? EV_LOG : EV_SEND;
	known = local_end(state, channel, reads, &socket);
	record = record_of_call(state, kind, call, socket);
	if (!record)
		return 0;
	record->event.io.len = bytes;
	if (kind == EV_LOG)
		record->room = MAX_PAYLOAD;
	if (known)
		record->event.io.seq_end =
			__sync_fetch_and_add(reads ? &known->taken : &known->sent, (__u32)bytes) +
			bytes;
	payload_of_call(record, call);
	record_submit(record);
	return 0;
}

/* An eventfd counts its writes; a read takes all that there were. */
static __noinline int counter_moved(struct task_state *state, struct call *call,
					 const struct channel *channel, int reads)
{
	struct known_socket *known, *writes;
	struct record *record;
	__u32 socket, now, before;
	__u64 writer;

	if (!state || !call || !channel || call->ret != 8)
		return 0;
	writer = channel->object;
	known = local_end(state, channel, reads, &socket);
	writes = reads ? bpf_map_lookup_elem(&known_sockets, &writer) : known;
	if (!known || !writes)
		return 0;
	now = reads ? writes->sent : __sync_fetch_and_add(&writes->sent, 1) + 1;
	before = reads ? known->taken : now - 1;
	if (now == before)
		return 0;
	if (reads)
		known->taken = now;
	record = record_of_call(state, reads ? EV_RECV : EV_SEND, call, socket);
	if (!record)
		return 0;
	record->event.io.seq_end = now;
	record->event.io.len = now - before;
	record_submit(record);
	return 0;
}

/* The scratch's parcel: one datagram, of a call that may have moved several. */
static __noinline int datagram_moved(struct task_state *state, struct call *call,
				     const struct channel *channel, int sends)
{
	struct scratch *scratch = scratch_here();
	struct parcel *parcel;
	struct record *record;
	__u32 socket;

	if (!state || !call || !channel || !scratch)
		return 0;
	parcel = &scratch->parcel;
	if (!sends && !parcel->len && channel->type == SOCK_SEQPACKET)
		return 0; /* the end */
	socket = datagram_number(state, channel, parcel, sends, call_flags(call));
	record = record_of_call(state, sends ? EV_SEND : EV_RECV, call, socket);
	if (!record)
		return 0;
	record->event.io.len = parcel->len;
	record->event.io.ret = parcel->len;
	print_take(record, parcel);
	if (parcel->iov_cnt)
		payload_of_iov(record, parcel->bytes, parcel->iov_cnt, parcel->len);
	else if (parcel->bytes)
		record_append(record, parcel->bytes,
			      parcel->len < parcel->room ? parcel->len : parcel->room);
	record_submit(record);
	if (!sends && channel->kind == CHANNEL_UDP)
		client_received(state);
	return 0;
}

static __always_inline void parcel_of_msghdr(struct parcel *parcel, const struct user_msghdr *msg)
{
	parcel->bytes = msg->msg_iov;
	parcel->iov_cnt = msg->msg_iovlen;
	parcel->name = msg->msg_namelen ? msg->msg_name : NULL;
	parcel->name_len = msg->msg_namelen;
}

/* The next one of the mmsg call whose state is in the scratch. */
static long next_datagram(__u32 index, void *nothing)
{
	struct scratch *scratch = scratch_here();
	struct task_state *state = task_current();

	if (!state || !scratch ||
	    bpf_probe_read_user(&scratch->mmsg, sizeof(scratch->mmsg), scratch->next))
		return 1;
	parcel_of_msghdr(&scratch->parcel, &scratch->mmsg.msg_hdr);
	scratch->parcel.room = 0;
	scratch->parcel.len = scratch->mmsg.msg_len;
	datagram_moved(state, &scratch->call, &scratch->channel, scratch->sends);
	scratch->next++;
	return 0;
}

static __always_inline void parcel_of_call(struct parcel *parcel, const struct call *call,
					   struct user_msghdr *msg)
{
	const struct pt_regs *regs =
		(const struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	parcel->len = call->ret;
	switch (call->family) {
	case SYS_SEND_MSG:
	case SYS_RECV_MSG:
		if (!bpf_probe_read_user(msg, sizeof(*msg), (const void *)call->arg[0]))
			parcel_of_msghdr(parcel, msg);
		return;
	case SYS_SEND_IOV:
	case SYS_RECV_IOV:
		parcel->bytes = (const void *)call->arg[0];
		parcel->iov_cnt = call->arg[1];
		return;
	case SYS_SEND_BUF:
	case SYS_RECV_BUF:
		parcel->bytes = (const void *)call->arg[0];
		parcel->room = call->arg[1];
		if (call->nr != NR_SENDTO && call->nr != NR_RECVFROM)
			return;
		parcel->name = (const void *)regs->r8;
		parcel->name_len = call->nr == NR_SENDTO ? regs->r9 : 0;
	}
}

static __noinline int datagrams_moved(struct task_state *state, struct call *call,
				      const struct channel *channel, int sends)
{
	struct scratch *scratch = scratch_here();

	if (!state || !call || !channel || !scratch)
		return 0;
	if (call->family == SYS_SEND_MMSG || call->family == SYS_RECV_MMSG) {
		scratch->call = *call;
		scratch->channel = *channel;
		scratch->next = (const struct mmsghdr *)call->arg[0];
		scratch->sends = sends;
		bpf_loop(call->ret, next_datagram, NULL, 0);
		return 0;
	}
	__builtin_memset(&scratch->parcel, 0, sizeof(scratch->parcel));
	parcel_of_call(&scratch->parcel, call, &scratch->mmsg.msg_hdr);
	return datagram_moved(state, call, channel, sends);
}

static __noinline int on_send(struct task_state *state, struct call *call)
{
	struct channel channel;
	__u32 socket;
	int is_new;

	if (!state || !call || call->ret < 0)
		return 0;
	if (is_moving(&state->out, call))
		return tcp_sent(state, call, (struct sock *)state->out.sk, state->out.socket);
	switch (channel_of_fd(call->fd, &channel)) {
	case CHANNEL_TCP:
		socket = sock_number(state, channel_sock(&channel), channel.inode, &is_new);
		return tcp_sent(state, call, channel_sock(&channel), socket);
	case CHANNEL_UDP:
	case CHANNEL_UNIX_PACKET:
		return datagrams_moved(state, call, &channel, 1);
	case CHANNEL_UNIX_STREAM:
	case CHANNEL_FIFO:
		return local_moved(state, call, &channel, 0);
	case CHANNEL_COUNTER:
		return counter_moved(state, call, &channel, 0);
	case CHANNEL_MULTIPATH:
		return blind_tell(state, BLIND_MPTCP, call->fd);
	case CHANNEL_APPENDED:
		return on_log(state, call);
	}
	return is_output(call) ? on_log(state, call) : 0;
}

/* Is what was taken a message that faults wait for? */
static __noinline int trigger_look_at_receive(struct task_state *state, struct call *call)
{
	struct flow_key key = {}, there;
	struct channel channel;
	struct sock *sk;

	if (!state || !call || !channel_is_network(channel_of_fd(call->fd, &channel)))
		return 0;
	sk = channel_sock(&channel);
	flow_key_of(sk, &key);
	if (channel.kind == CHANNEL_UDP) {
		trigger_datagram_key(&there, state->node, key.sport);
		trigger_taken(&there, 0);
		return 0;
	}
	there = flow_key_back(&key);
	trigger_taken(&there, sock_copied_seq(sk));
	return 0;
}

static __noinline int on_receive(struct task_state *state, struct call *call)
{
	struct channel channel;
	__u32 socket, flags, seq_end;
	int is_new;

	if (!state || !call || call->ret < 0)
		return 0;
	flags = call_flags(call);
	if (flags & (MSG_PEEK | MSG_ERRQUEUE))
		return 0;
	if (control.awaiting)
		trigger_look_at_receive(state, call);
	if (is_moving(&state->in, call))
		return tcp_received(state, call, state->in.end, state->in.socket);
	switch (channel_of_fd(call->fd, &channel)) {
	case CHANNEL_TCP:
		socket = sock_number(state, channel_sock(&channel), channel.inode, &is_new);
		seq_end = flags & MSG_OOB ? sock_urgent_seq(channel_sock(&channel)) + 1 :
					    sock_copied_seq(channel_sock(&channel));
		return tcp_received(state, call, seq_end, socket);
	case CHANNEL_UDP:
	case CHANNEL_UNIX_PACKET:
		return datagrams_moved(state, call, &channel, 0);
	case CHANNEL_UNIX_STREAM:
	case CHANNEL_FIFO:
		return local_moved(state, call, &channel, 1);
	case CHANNEL_COUNTER:
		return counter_moved(state, call, &channel, 1);
	case CHANNEL_MULTIPATH:
		return blind_tell(state, BLIND_MPTCP, call->fd);
	}
	return 0;
}

/* @fd: the connection's; for accept the new one. */
static __noinline int on_connection(struct task_state *state, struct call *call, int fd, __u32 kind)
{
	struct record *record;
	struct channel channel;
	__u32 socket, seq_end = 0;
	int is_new = 1;

	if (!state || !call)
		return 0;
	switch (channel_of_fd(fd, &channel)) {
	case CHANNEL_TCP:
		socket = sock_number(state, channel_sock(&channel), channel.inode, &is_new);
		seq_end = kind == EV_ACCEPT ? sock_copied_seq(channel_sock(&channel)) :
					      sock_write_seq(channel_sock(&channel));
		break;
	case CHANNEL_UNIX_STREAM:
		local_end(state, &channel, 0, &socket);
		break;
	case CHANNEL_MULTIPATH:
		return blind_tell(state, BLIND_MPTCP, fd);
	default:
		return 0;
	}
	/* connect() is called again to learn how it went: announced already, unless it began anew */
	if (kind == EV_CONNECT && !is_new && call->ret != -EINPROGRESS)
		return 0;
	record = record_of_call(state, kind, call, socket);
	if (!record)
		return 0;
	record->event.io.fd = fd;
	record->event.io.seq_end = seq_end;
	record_submit(record);
	return 0;
}

/* From now on it may be sent to. */
static __noinline int on_bind(struct task_state *state, struct call *call)
{
	struct channel channel;

	if (!state || !call || !control.recognise || call->ret < 0)
		return 0;
	if (channel_of_fd(call->fd, &channel) == CHANNEL_UDP && is_shared(channel_sock(&channel)))
		claim(channel_sock(&channel), channel.inode, state->node);
	return 0;
}

static __always_inline int family_receives(__u32 family)
{
	return (family >= SYS_RECV_BUF && family <= SYS_RECV_MMSG) || family == SYS_SPLICE;
}

static __always_inline int family_sends(__u32 family)
{
	return family >= SYS_SEND_BUF && family <= SYS_SPLICE;
}

/* Bytes go from one descriptor to another: sendfile names the one they go to first. */
static __always_inline void on_move(struct task_state *state, struct call *call)
{
	if (family_receives(call->family))
		on_receive(state, call);
	if (call->family == SYS_SPLICE)
		call->fd = call->arg[1];
	if (call->family == SYS_TEE)
		call->fd = call->arg[0];
	if (family_sends(call->family))
		on_send(state, call);
}

static __always_inline int on_call(struct task_state *state, struct call *call)
{
	switch (call->family) {
	case SYS_CONNECT:
		if (call->ret == 0 || call->ret == -EINPROGRESS)
			return on_connection(state, call, call->fd, EV_CONNECT);
		return 0;
	case SYS_ACCEPT:
		return call->ret < 0 ? 0 : on_connection(state, call, call->ret, EV_ACCEPT);
	case SYS_SHUTDOWN:
		return call->ret < 0 ? 0 : on_connection(state, call, call->fd, EV_CLOSE);
	case SYS_BIND:
		return on_bind(state, call);
	case SYS_WAIT_INPUT:
		if (call->ret >= 0)
			state->waited = EVENT_WAITED;
		return 0;
	case SYS_URING:
		return sees_uring || call->ret < 0 ? 0 : blind_tell(state, BLIND_IO_URING, call->fd);
	}
	on_move(state, call);
	return 0;
}

static __noinline int attempt_over(struct task_state *state, struct call *call)
{
	__u32 begin;

	if (!state || !call)
		return 0;
	begin = state->attempt.seq;
	if (is_moving(&state->out, call) && !state->out.done)
		begin = state->out.begin;
	attempt_ended(&state->attempt, begin, call->ret);
	return 0;
}

static __always_inline void call_is_over(struct task_state *state)
{
	state->out.sk = 0;
	state->in.sk = 0;
}

/* A system call has ended; 32-bit ones have other numbers, position.bpf.c tells of them. */
static __always_inline int call_ended(const struct pt_regs *regs, long ret)
{
	struct task_state *state;
	struct call call;

	if (!call_read(&call, regs) || call_is_compat())
		return 0;
	state = task_current();
	if (!state)
		return 0;
	call.ret = ret;
	on_call(state, &call);
	if (state->attempt.len || state->attempt.counts || state->attempt.awaits)
		attempt_over(state, &call);
	call_is_over(state);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(observe_exit, const struct pt_regs *regs, long ret)
{
	return call_ended(regs, ret);
}

/* The same by the functions of the system calls: functions.bpf.c jumps here. */
SEC("fexit/__x64_sys_write")
int BPF_PROG(observe_function, const struct pt_regs *regs, long ret)
{
	return call_ended(regs, ret);
}

SEC("fexit/__x64_sys_sendto")
int BPF_PROG(observe_function_other, const struct pt_regs *regs, long ret)
{
	return call_ended(regs, ret);
}

char LICENSE[] SEC("license") = "GPL";
