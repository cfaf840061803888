// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where in its stream a call's bytes lie, taken while the kernel holds the socket's lock: what other
 * threads do to the socket before the call returns changes nothing. The kernel gives the socket
 * here, so its description needs no walk from a file descriptor.
 */
#include "blind.h"
#include "call.h"
#include "node.h"
#include "sock.h"

/* Write down [moving->begin, @end): bytes of others follow. */
static __noinline int part_is_over(struct task_state *state, struct moving *moving, __u32 end,
				__u32 kind)
{
	struct record *record;

	if (!state || !moving || end == moving->begin)
		return 0;
	record = record_begin(state, kind);
	if (!record)
		return 0;
	if (kind == EV_SEND && state->entry)
		record->event.now = state->entry - 1;
	record->event.io.socket = moving->socket;
	record->event.io.fd = -1;
	record->event.io.syscall = moving->nr;
	record->event.io.seq_end = end;
	record->event.io.len = end - moving->begin;
	moving->done += end - moving->begin;
	record_submit(record);
	return 0;
}

#define USER_DATA_PSOCK 4 /* of sk_user_data, from 5.19: the socket is in a sockmap */

/* What stands between the program's calls and its connection's bytes. */
static __always_inline void tell_layers(struct task_state *state, const struct tcp_sock *tp)
{
	if (tp->inet_conn.icsk_ulp_ops)
		blind_tell(state, BLIND_ULP, -1);
	if ((__u64)tp->inet_conn.icsk_inet.sk.sk_user_data & USER_DATA_PSOCK)
		blind_tell(state, BLIND_SOCKMAP, -1);
}

static __always_inline void begin_moving(struct moving *moving, const struct sock *sk, __u32 socket,
					 __u32 begin)
{
	const struct pt_regs *regs =
		(const struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	moving->sk = (__u64)sk;
	moving->socket = socket;
	moving->nr = regs->orig_ax;
	moving->begin = begin;
	moving->done = 0;
}

/* The lock is ours: what the thread that had it before us sent ends at @at. */
static __always_inline void take_over(struct mark *mark, __u64 self, __u32 at)
{
	__u64 before = mark->sender;

	if (before && before != self)
		bpf_map_update_elem(&part_ends, &before, &at, BPF_ANY);
	mark->sender = self;
}

/* Another piece of the same call is about to be copied to @at, perhaps behind others' bytes. */
static __always_inline void send_goes_on(struct task_state *state, const struct mark *mark,
					 __u64 self, __u32 at)
{
	__u32 *end;

	if (mark->sender == self)
		return;
	end = bpf_map_lookup_elem(&part_ends, &self);
	if (!end)
		return;
	part_is_over(state, &state->out, *end, EV_SEND);
	state->out.begin = at;
}

/* With the socket's lock held: bytes are about to be copied to its stream. */
static __always_inline int send_begins(struct sock *sk)
{
	__u64 self = bpf_get_current_pid_tgid();
	struct task_state *state = task_current();
	struct tcp_sock *tp;
	struct mark *mark;

	if (!state || !sk->sk_socket || !sk->sk_socket->file)
		return 0;
	if (call_is_compat())
		return blind_tell(state, BLIND_COMPAT, -1);
	tp = bpf_skc_to_tcp_sock(sk);
	mark = tp ? mark_of(state, sk) : NULL;
	if (!mark)
		return 0;
	if (state->out.sk == (__u64)sk) {
		send_goes_on(state, mark, self, tp->write_seq);
	} else {
		tell_layers(state, tp);
		begin_moving(&state->out, sk, mark->id, tp->write_seq);
	}
	take_over(mark, self, tp->write_seq);
	return 0;
}

/* From 6.16; tcp_sendmsg_locked(), before each piece. */
SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(position_send, struct sock *sk, const struct msghdr *msg)
{
	return msg->msg_flags & MSG_FASTOPEN ? 0 : send_begins(sk);
}

/* Before 6.16 the function itself, and where it let go of the lock to wait for room. */
SEC("fentry/tcp_sendmsg_locked")
int BPF_PROG(position_send_call, struct sock *sk, const struct msghdr *msg)
{
	return msg->msg_flags & MSG_FASTOPEN ? 0 : send_begins(sk);
}

/* Before 6.5 sendfile and splice had a way of their own. */
SEC("fentry/do_tcp_sendpages")
int BPF_PROG(position_send_pages, struct sock *sk)
{
	return send_begins(sk);
}

SEC("fexit/sk_stream_wait_memory")
int BPF_PROG(position_send_waited, struct sock *sk)
{
	struct task_state *state = task_current();

	return state && state->out.sk == (__u64)sk ? send_begins(sk) : 0;
}

#define PF_IO_WORKER 0x10
#define ENOSYS 38
#define NR_IO_URING_ENTER 426

/*
 * Is this done for a request of io_uring? By a thread of its own, as requests are handed in, or as a
 * thread is on its way back to its program: only within a system call is its result still unknown.
 */
static __always_inline int is_request(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct pt_regs *regs = (const struct pt_regs *)bpf_task_pt_regs(task);

	return task->flags & PF_IO_WORKER || regs->orig_ax == NR_IO_URING_ENTER ||
	       (long)regs->ax != -ENOSYS;
}

/* What was sent and taken, from 6.3: no system call's end will tell of a request. */
SEC("tp_btf/sock_send_length")
int BPF_PROG(position_uring_sent, struct sock *sk, int ret, int flags)
{
	struct task_state *state = task_current();
	struct moving *out;

	if (!state || ret <= 0 || state->out.sk != (__u64)sk || !is_request())
		return 0;
	out = &state->out;
	part_is_over(state, out, out->begin + ret - out->done, EV_SEND);
	out->sk = 0;
	return 0;
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(position_uring_taken, struct sock *sk, int ret, int flags)
{
	struct task_state *state = task_current();
	struct moving *in;

	if (!state || ret <= 0 || flags & MSG_PEEK || state->in.sk != (__u64)sk || !is_request())
		return 0;
	in = &state->in;
	in->begin = in->end - (ret - in->done);
	part_is_over(state, in, in->end, EV_RECV);
	in->sk = 0;
	return 0;
}

/* After each piece that was taken, or looked at. */
SEC("tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(position_receive, struct sock *sk)
{
	struct task_state *state = task_current();
	struct tcp_sock *tp;
	struct mark *mark;
	__u32 from, at;

	if (!state || !sk->sk_socket || !sk->sk_socket->file)
		return 0;
	if (call_is_compat())
		return blind_tell(state, BLIND_COMPAT, -1);
	tp = bpf_skc_to_tcp_sock(sk);
	mark = tp ? mark_of(state, sk) : NULL;
	if (!mark)
		return 0;
	at = tp->copied_seq;
	from = mark->has_taken ? mark->taken : at;
	if (mark->has_taken && from == at)
		return 0;
	if (state->in.sk != (__u64)sk) {
		tell_layers(state, tp);
		begin_moving(&state->in, sk, mark->id, from);
	} else if (state->in.end != from) {
		part_is_over(state, &state->in, state->in.end, EV_RECV);
		state->in.begin = from;
	}
	state->in.end = at;
	mark->taken = at;
	mark->has_taken = 1;
	return 0;
}

#define IORING_OP_RECV_ZC 58

/* The requests that move bytes over sockets, whatever the descriptor is. */
static __always_inline int is_network_request(__u32 opcode)
{
	switch (opcode) {
	case 9:	 /* IORING_OP_SENDMSG */
	case 10: /* IORING_OP_RECVMSG */
	case 13: /* IORING_OP_ACCEPT */
	case 16: /* IORING_OP_CONNECT */
	case 26: /* IORING_OP_SEND */
	case 27: /* IORING_OP_RECV */
	case 47: /* IORING_OP_SEND_ZC */
	case 48: /* IORING_OP_SENDMSG_ZC */
	case IORING_OP_RECV_ZC:
		return 1;
	}
	return 0;
}

static __always_inline int is_file_request(__u32 opcode)
{
	return opcode == 1 || opcode == 2 ||   /* READV, WRITEV */
	       opcode == 4 || opcode == 5 ||   /* READ_FIXED, WRITE_FIXED */
	       opcode == 22 || opcode == 23 || /* READ, WRITE */
	       opcode == IORING_OP_SPLICE || opcode == 49; /* READ_MULTISHOT */
}

#define REQ_F_FIXED_FILE 1

/* Are its bytes recorded as they are moved? A registered file may be anything. */
static __always_inline int is_taken(const struct io_kiocb *req, __u32 opcode, __u32 kind)
{
	return takes_uring && kind == CHANNEL_TCP && !(req->flags & REQ_F_FIXED_FILE) &&
	       opcode != IORING_OP_SPLICE && opcode != IORING_OP_RECV_ZC;
}

/* From 6.3; before that any use of io_uring is told, see observe.bpf.c. */
SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(position_uring, struct io_kiocb *req)
{
	struct task_state *state = task_current();
	__u32 opcode = req->opcode, kind;
	struct channel channel;

	if (!state)
		return 0;
	found_uring = 1;
	kind = channel_of_fd(req->cqe.fd, &channel);
	if (is_taken(req, opcode, kind))
		return 0;
	/* a registered file is not in the table of descriptors: it may be a socket */
	if (is_network_request(opcode) ||
	    (is_file_request(opcode) &&
	     (req->flags & REQ_F_FIXED_FILE || channel_carries(kind))))
		blind_tell(state, BLIND_IO_URING, req->cqe.fd);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
