/* SPDX-License-Identifier: GPL-2.0-only */
/* TCP and UDP sockets: their ends, their positions, their numbers in the trace. */
#ifndef CUTSET_SOCK_H
#define CUTSET_SOCK_H

#include "address.h"
#include "blind.h"
#include "channel.h"
#include "emit.h"
#include "identity.h"
#include "node.h"

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

static __noinline int sock_read_ends(const struct sock *sk, struct sock_ends *ret)
{
	__u16 family, remote_port;

	if (!ret)
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	remote_port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	ret->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	ret->remote_port = bpf_ntohs(remote_port);
	if (family == AF_INET6) {
		BPF_CORE_READ_INTO(&ret->local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&ret->remote, sk, __sk_common.skc_v6_daddr);
	} else {
		address_map_v4(&ret->local, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
		address_map_v4(&ret->remote, BPF_CORE_READ(sk, __sk_common.skc_daddr));
	}
	return 0;
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

/* Write an EV_SOCKET of @sk with these ends under the number @id. */
static __noinline int sock_describe(struct task_state *state, struct sock *sk, __u32 id,
				    const struct sock_ends *ends)
{
	struct record *record;

	if (!state || !ends)
		return 0;
	record = record_begin(state, EV_SOCKET);
	if (!record)
		return 0;
	record->event.socket.socket = id;
	record->event.socket.proto = BPF_CORE_READ(sk, sk_protocol);
	record->event.socket.local_port = ends->local_port;
	record->event.socket.remote_port = ends->remote_port;
	record->event.socket.netns = netns_of_sock(sk);
	if (address_is_v4(&ends->remote)) {
		record->event.socket.family = AF_INET;
		__builtin_memcpy(record->event.socket.local, ends->local.ip + 12, 4);
		__builtin_memcpy(record->event.socket.remote, ends->remote.ip + 12, 4);
	} else {
		record->event.socket.family = AF_INET6;
		__builtin_memcpy(record->payload, ends->local.ip, 16);
		__builtin_memcpy(record->payload + 16, ends->remote.ip, 16);
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

/* A TCP socket's number in the trace; it is described first where it, or its connection, is new. */
static __noinline __u32 sock_number(struct task_state *state, struct sock *sk, __u64 inode,
					 int *ret_new)
{
	struct identity identity = { .key = (__u64)sk, .inode = inode };
	struct sock_ends ends = {};
	__u32 id;

	if (!state || !ret_new)
		return 0;
	identity.peer = sock_peer_word(sk);
	/* A reset that came back during the send itself has taken the local port away. */
	identity.local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	id = identity_number(&identity, ret_new);
	if (*ret_new) {
		sock_read_ends(sk, &ends);
		ends.local_port = identity.local_port;
		sock_describe(state, sk, id, &ends);
	}
	return id;
}

/* What is known of @sk, which the kernel gave us (with its lock held); NULL: memory is out. */
static __always_inline struct mark *mark_of(struct task_state *state, struct sock *sk)
{
	struct mark *mark = bpf_sk_storage_get(&marks, sk, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u64 peer = (__u64)sk->__sk_common.skc_daddr << 16 | sk->__sk_common.skc_dport;
	__u32 local_port = sk->__sk_common.skc_num;
	struct socket_alloc *alloc;
	int is_new;

	if (!mark || (mark->trace == trace_number && mark->peer == peer &&
		      mark->local_port == local_port))
		return mark;
	alloc = container_of(sk->sk_socket, struct socket_alloc, socket);
	mark->id = sock_number(state, sk, BPF_CORE_READ(alloc, vfs_inode.i_ino), &is_new);
	mark->peer = peer;
	mark->local_port = local_port;
	mark->trace = trace_number;
	return mark;
}

#endif
