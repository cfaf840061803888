/* SPDX-License-Identifier: GPL-2.0-only */
/* From a file descriptor to a TCP socket, its name in the trace and its positions. */
#ifndef CUTSET_SOCK_H
#define CUTSET_SOCK_H

#include "address.h"
#include "blind.h"
#include "emit.h"
#include "node.h"

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262
#define S_IFMT 0170000
#define S_IFSOCK 0140000

struct sock_ref {
	struct sock *sk;
	__u64 inode;
	__u32 protocol; /* also where it is not TCP; 0: no socket */
};

/* The TCP socket behind @fd of the current task. Returns 1, 0 where it is none. */
static __always_inline int sock_of_fd(int fd, struct sock_ref *ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *fdt = task->files->fdt;
	struct socket *socket;
	struct inode *inode;
	struct sock *sk;
	struct file **files, *file;
	__u16 mode, protocol, family;

	ret->protocol = 0;
	if (fd < 0 || (__u32)fd >= fdt->max_fds)
		return 0;
	files = fdt->fd;
	if (bpf_probe_read_kernel(&file, sizeof(file), files + fd) || !file)
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	mode = BPF_CORE_READ(inode, i_mode);
	if ((mode & S_IFMT) != S_IFSOCK)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(socket, sk);
	if (!sk)
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	protocol = BPF_CORE_READ(sk, sk_protocol);
	ret->sk = sk;
	ret->protocol = protocol;
	ret->inode = BPF_CORE_READ(inode, i_ino);
	return protocol == IPPROTO_TCP && (family == AF_INET || family == AF_INET6);
}

static __always_inline __u32 sock_write_seq(const struct sock *sk)
{
	return BPF_CORE_READ((const struct tcp_sock *)sk, write_seq);
}

/* Of the latest urgent byte. */
static __always_inline __u32 sock_urgent_seq(const struct sock *sk)
{
	return BPF_CORE_READ((const struct tcp_sock *)sk, urg_seq);
}

static __always_inline __u32 sock_copied_seq(const struct sock *sk)
{
	return BPF_CORE_READ((const struct tcp_sock *)sk, copied_seq);
}

/* A connection's ends, IPv4 as v4-mapped. */
struct sock_ends {
	struct address local, remote;
	__u16 local_port, remote_port; /* host byte order */
};

static __always_inline void sock_read_ends(const struct sock *sk, struct sock_ends *ret)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u16 remote_port = BPF_CORE_READ(sk, __sk_common.skc_dport);

	ret->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	ret->remote_port = bpf_ntohs(remote_port);
	if (family == AF_INET6) {
		BPF_CORE_READ_INTO(&ret->local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&ret->remote, sk, __sk_common.skc_v6_daddr);
	} else {
		address_map_v4(&ret->local, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
		address_map_v4(&ret->remote, BPF_CORE_READ(sk, __sk_common.skc_daddr));
	}
}

static __always_inline void flow_key_of(const struct sock *sk, struct flow_key *key)
{
	struct sock_ends ends = {};

	sock_read_ends(sk, &ends);
	key->src = ends.local;
	key->dst = ends.remote;
	key->sport = ends.local_port;
	key->dport = ends.remote_port;
}

/* Write an EV_SOCKET for @ref under the number @id. */
static __noinline int sock_describe(struct task_state *state, struct sock *sk, __u32 id,
				    __u16 local_port)
{
	struct record *record = record_begin(state, EV_SOCKET);
	struct sock_ends ends = {};

	if (!record)
		return 0;
	sock_read_ends(sk, &ends);
	record->event.socket.socket = id;
	record->event.socket.proto = IPPROTO_TCP;
	record->event.socket.local_port = local_port;
	record->event.socket.remote_port = ends.remote_port;
	record->event.socket.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	if (address_is_v4(&ends.remote)) {
		record->event.socket.family = AF_INET;
		__builtin_memcpy(record->event.socket.local, ends.local.ip + 12, 4);
		__builtin_memcpy(record->event.socket.remote, ends.remote.ip + 12, 4);
	} else {
		record->event.socket.family = AF_INET6;
		__builtin_memcpy(record->payload, ends.local.ip, 16);
		__builtin_memcpy(record->payload + 16, ends.remote.ip, 16);
		record->event.payload_len = 32;
	}
	record_submit(record);
	return 0;
}

/* The peer in one word: another value, another connection. */
static __always_inline __u64 sock_peer_word(const struct sock *sk)
{
	__u64 address = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	__u16 port = BPF_CORE_READ(sk, __sk_common.skc_dport);

	return address << 16 | port;
}

/* The socket's number in the trace; it is described first where it, or its connection, is new. */
static __always_inline __u32 sock_number(struct task_state *state, const struct sock_ref *ref,
					 int *ret_new)
{
	struct sock *sk = ref->sk;
	__u64 key = (__u64)sk, peer = sock_peer_word(sk);
	struct known_socket *known = bpf_map_lookup_elem(&known_sockets, &key), fresh = {};
	/* A reset that came back during the send itself has taken the local port away. */
	__u32 local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	struct ledger *ledger;

	*ret_new = 0;
	if (known && (known->inode != ref->inode || known->peer != peer ||
		      (local_port && known->local_port != local_port)))
		known = NULL;
	if (known && known->trace == trace_number)
		return known->id;
	*ret_new = 1;
	fresh.inode = ref->inode;
	fresh.peer = peer;
	fresh.trace = trace_number;
	fresh.local_port = local_port;
	if (!fresh.local_port && known)
		fresh.local_port = known->local_port;
	fresh.id = __sync_fetch_and_add(&last_socket, 1) + 1;
	if (bpf_map_update_elem(&known_sockets, &key, &fresh, BPF_ANY)) {
		ledger = ledger_here();
		if (ledger)
			__sync_fetch_and_add(&ledger->unlisted, 1);
	}
	sock_describe(state, sk, fresh.id, fresh.local_port);
	return fresh.id;
}

/* What is known of @sk, which the kernel gave us (with its lock held); NULL: memory is out. */
static __always_inline struct mark *mark_of(struct task_state *state, struct sock *sk)
{
	struct mark *mark = bpf_sk_storage_get(&marks, sk, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u64 peer = (__u64)sk->__sk_common.skc_daddr << 16 | sk->__sk_common.skc_dport;
	__u32 local_port = sk->__sk_common.skc_num;
	struct sock_ref ref = { .sk = sk };
	struct socket_alloc *alloc;
	int is_new;

	if (!mark || (mark->trace == trace_number && mark->peer == peer &&
		      mark->local_port == local_port))
		return mark;
	alloc = container_of(sk->sk_socket, struct socket_alloc, socket);
	ref.inode = BPF_CORE_READ(alloc, vfs_inode.i_ino);
	mark->id = sock_number(state, &ref, &is_new);
	mark->peer = peer;
	mark->local_port = local_port;
	mark->trace = trace_number;
	return mark;
}

#endif
