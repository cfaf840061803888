/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tc, in the namespace that nodes share: whose sockets are at a packet's ends? They are looked up as the
 * kernel will do it, so no port can stand for a node that has let it go. See struct owner in maps.h.
 */
#ifndef CUTSET_PARTY_H
#define CUTSET_PARTY_H

#include "owner.h"
#include "packet.h"

#define LOOPBACK_IFINDEX 1 /* in every namespace */
#define DOCKER_DNS 0x7f00000b /* 127.0.0.11, Docker's resolver inside a container */

static __always_inline __u32 party_claimed(const struct bpf_sock *sk)
{
	__u64 key = (__u64)sk, kernel_sk;
	struct claim *claim = bpf_map_lookup_elem(&claims, &key);

	/* the verifier takes it for a struct bpf_sock: it has to be read to be a number */
	if (!claim || bpf_probe_read_kernel(&kernel_sk, sizeof(kernel_sk), &key) ||
	    claim->inode != inode_of_sock((const struct sock *)kernel_sk))
		return NODE_OUTSIDE;
	return claim->node;
}

/* The node whose socket it is; NODE_OUTSIDE: none's that we know. */
static __always_inline __u32 party_of(struct bpf_sock *sk)
{
	struct owner *owner;

	if (sk->protocol == IPPROTO_UDP)
		return party_claimed(sk);
	if (sk->protocol != IPPROTO_TCP)
		return NODE_OUTSIDE;
	owner = bpf_sk_storage_get(&owners, sk, NULL, 0);
	return owner ? owner->node : NODE_OUTSIDE;
}

/* As it stands in a packet to the socket that is asked for. */
static __always_inline __u32 party_tuple(const struct packet *p, bool sender,
					 struct bpf_sock_tuple *ret)
{
	const struct address *there = sender ? &p->key.dst : &p->key.src;
	const struct address *here = sender ? &p->key.src : &p->key.dst;
	__u16 sport = bpf_htons(sender ? p->key.dport : p->key.sport);
	__u16 dport = bpf_htons(sender ? p->key.sport : p->key.dport);

	if (p->family == AF_INET6) {
		__builtin_memcpy(ret->ipv6.saddr, there, 16);
		__builtin_memcpy(ret->ipv6.daddr, here, 16);
		ret->ipv6.sport = sport;
		ret->ipv6.dport = dport;
		return sizeof(ret->ipv6);
	}
	__builtin_memcpy(&ret->ipv4.saddr, there->ip + 12, 4);
	__builtin_memcpy(&ret->ipv4.daddr, here->ip + 12, 4);
	ret->ipv4.sport = sport;
	ret->ipv4.dport = dport;
	return sizeof(ret->ipv4);
}

/* The node at one end, by a look into the kernel's tables. */
static __noinline int party_find(struct __sk_buff *skb, struct packet *p, int sender)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk = NULL;
	__u32 size, node;

	if (!skb || !p || p->headless)
		return NODE_OUTSIDE;
	size = party_tuple(p, sender, &tuple);
	if (p->proto == IPPROTO_TCP)
		sk = bpf_sk_lookup_tcp(skb, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	else if (p->proto == IPPROTO_UDP)
		sk = bpf_sk_lookup_udp(skb, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return NODE_OUTSIDE;
	node = party_of(sk);
	bpf_sk_release(sk);
	return node;
}

/* Of a packet that leaves: its own socket; it has none, or half of one, where the kernel answers. */
static __always_inline __u32 party_sending(struct __sk_buff *skb, struct packet *p)
{
	struct bpf_sock *sk = skb->sk;

	if (sk)
		sk = bpf_sk_fullsock(sk);
	return sk ? party_of(sk) : party_find(skb, p, 1);
}

static __always_inline bool party_is_docker(const struct packet *p)
{
	__u32 dns = bpf_htonl(DOCKER_DNS);

	return p->family == AF_INET && (!__builtin_memcmp(p->key.src.ip + 12, &dns, 4) ||
					!__builtin_memcmp(p->key.dst.ip + 12, &dns, 4));
}

/* The nodes of a packet that leaves this namespace, or stays in it. False: it only comes through, or is a
 * stranger's and no rule is about @strangers. */
static __always_inline bool parties_out(struct __sk_buff *skb, struct packet *p, __u32 strangers,
					__u32 *src, __u32 *dst)
{
	bool inside = skb->ifindex == LOOPBACK_IFINDEX;

	if (inside && party_is_docker(p))
		return false;
	if (!inside && !skb->sk && node_at(&p->key.src) != NODE_SHARED)
		return false;
	*src = party_sending(skb, p);
	if (!*src && !strangers)
		return false;
	*dst = inside ? NODE_SHARED : node_at(&p->key.dst);
	if (p->multicast)
		*dst = NODE_OUTSIDE;
	else if (*dst == NODE_SHARED)
		*dst = party_find(skb, p, 0);
	return true;
}

/* The node at one end of a packet of this namespace, wherever it is looked at. */
static __always_inline __u32 party_at(struct __sk_buff *skb, struct packet *p, int sender)
{
	const struct address *address = sender ? &p->key.src : &p->key.dst;
	__u32 node = node_at(address);

	return node == NODE_SHARED || address_is_loopback(address) ? party_find(skb, p, sender) :
								     node;
}

/* Of one that has come in: to a socket of this namespace, or it goes on. */
static __always_inline bool parties_in(struct __sk_buff *skb, struct packet *p, __u32 *src, __u32 *dst)
{
	*src = node_at(&p->key.src);
	if (*src == NODE_SHARED || p->multicast || node_at(&p->key.dst) != NODE_SHARED)
		return false;
	*dst = party_find(skb, p, 0);
	return true;
}

#endif
