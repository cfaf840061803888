/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose are the sockets of the namespace that nodes share? Asked by calls that are about to send: there
 * the kernel gives no socket, and that of the other end cannot be looked up. See struct owner in maps.h.
 */
#ifndef CUTSET_OWNER_H
#define CUTSET_OWNER_H

#include "flow.h"
#include "sock.h"

static __always_inline bool is_shared(const struct sock *sk)
{
	return control.shared_netns && netns_of_sock(sk) == control.shared_netns;
}

/* @sk, a UDP socket, belongs to @node. */
static __always_inline void claim(const struct sock *sk, __u64 inode, __u16 node)
{
	struct claim fresh = { .inode = inode, .node = node };
	__u64 key = (__u64)sk;
	struct claim *old = bpf_map_lookup_elem(&claims, &key);

	if (!old || old->inode != inode || old->node != node)
		bpf_map_update_elem(&claims, &key, &fresh, BPF_ANY);
}

/* What a listener is in `ends` by; @any: of all addresses, with which family's zeroes. */
static __always_inline __u32 listener_at(const struct address *address, __u16 port)
{
	struct flow_key key = { .src = *address, .sport = port };
	struct end *end = bpf_map_lookup_elem(&ends, &key);

	return end ? end->node : NODE_OUTSIDE;
}

/* The node at the other end of this connection; NODE_OUTSIDE: nobody that we know. */
static __always_inline __u32 node_beyond(const struct flow_key *key)
{
	struct flow_key back = flow_key_back(key);
	struct end *end = bpf_map_lookup_elem(&ends, &back);
	struct address any = {};
	__u32 node;

	if (end)
		return end->node;
	node = listener_at(&key->dst, key->dport);
	if (!node)
		node = listener_at(&any, key->dport);
	if (node || !address_is_v4(&key->dst))
		return node;
	address_map_v4(&any, 0);
	return listener_at(&any, key->dport);
}

/* Which nodes a connection of the current task's is between. False: it passes no program of ours, or
 * the other end is not known. */
static __always_inline bool nodes_of_connection(const struct task_state *state, const struct sock *sk,
						const struct flow_key *key, __u32 *src, __u32 *dst)
{
	bool inside = address_is_loopback(&key->dst);

	if (inside && !is_shared(sk))
		return false;
	*src = inside ? NODE_SHARED : node_at(&key->src);
	*dst = inside ? NODE_SHARED : node_at(&key->dst);
	if (*src == NODE_SHARED)
		*src = state->node;
	if (*dst != NODE_SHARED)
		return true;
	*dst = node_beyond(key);
	return *dst != NODE_OUTSIDE;
}

#endif
