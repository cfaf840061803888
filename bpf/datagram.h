/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Datagrams have no position on the wire. What tells one from another is a print of its first bytes,
 * its length, and the ends it went between; matching them up is the reader's work. Of one that was
 * cut off, less than 8 bytes are too few to know it by.
 */
#ifndef CUTSET_DATAGRAM_H
#define CUTSET_DATAGRAM_H

#include "call.h"
#include "gather.h"
#include "local.h"
#include "sock.h"

static __always_inline __u64 print_mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* Into the record: a print of up to PRINT_BYTES, and a short one of the first 8 (event.h). */
static __noinline int print_take(struct record *record, const struct parcel *parcel)
{
	struct scratch *scratch = scratch_here();
	__u64 hash = 0;

	if (!record || !parcel || !scratch)
		return 0;
	for (int i = 0; i < PRINT_BYTES / 8; i++)
		scratch->bytes[i] = 0;
	if (!gather(scratch, parcel) && parcel->len)
		record->event.flags |= EVENT_PAYLOAD_FAULT;
	record->event.io.print8 = print_mix(0, scratch->bytes[0]) >> 48;
	for (int i = 0; i < PRINT_BYTES / 8; i++)
		hash = print_mix(hash, scratch->bytes[i]);
	record->event.io.seq_end = hash >> 32;
	record->event.flags |= EVENT_DATAGRAM;
	return 0;
}

static __noinline int ends_set_remote(struct sock_ends *ends, const void *user)
{
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	if (!ends || !user || bpf_probe_read_user(&v4, sizeof(v4), user))
		return 0;
	if (v4.sin_family == AF_INET) {
		address_map_v4(&ends->remote, v4.sin_addr.s_addr);
	} else {
		if (v4.sin_family != AF_INET6 || bpf_probe_read_user(&v6, sizeof(v6), user))
			return 0;
		__builtin_memcpy(&ends->remote, &v6.sin6_addr, sizeof(ends->remote));
	}
	ends->remote_port = bpf_ntohs(v4.sin_port); /* at the same place in both */
	return 0;
}

static __always_inline int ends_are_multicast(const struct sock_ends *ends)
{
	const __u8 *ip = ends->remote.ip;

	return address_is_v4(&ends->remote) ? ip[12] >> 4 == 14 || ip[12] == 255 : ip[0] == 255;
}

/* What one call makes several datagrams of, or several calls one. */
static __always_inline int udp_is_segmented(const struct sock *sk, __u32 flags)
{
	const struct udp_sock *udp = (const struct udp_sock *)sk;

	return flags & MSG_MORE || BPF_CORE_READ(udp, pending) || BPF_CORE_READ(udp, gso_size);
}

/* The number of a UDP socket towards the other end of this datagram. */
static __noinline __u32 udp_number(struct task_state *state, const struct channel *channel,
				   const void *name, int sends, __u32 flags)
{
	struct scratch *scratch = scratch_here();
	struct identity identity = {};
	struct sock_ends *ends;
	struct sock *sk;
	__u64 *remote;
	__u32 id;
	int is_new;

	if (!state || !channel || !scratch)
		return 0;
	sk = channel_sock(channel);
	ends = &scratch->ends;
	sock_read_ends(sk, ends);
	ends_set_remote(ends, name);
	remote = (__u64 *)ends->remote.ip;
	identity.peer = print_mix(print_mix(ends->remote_port, remote[0]), remote[1]);
	identity.key = (__u64)sk ^ identity.peer << 1;
	identity.inode = channel->inode;
	identity.local_port = ends->local_port;
	if (sends && ends_are_multicast(ends))
		blind_tell(state, BLIND_MULTICAST, -1);
	if (sends && udp_is_segmented(sk, flags))
		blind_tell(state, BLIND_SEGMENTS, -1);
	id = identity_number(&identity, &is_new);
	if (is_new)
		sock_describe(state, sk, id, ends);
	return id;
}

/* Into the scratch: the path that a datagram is sent to. Returns a print of it. */
static __noinline __u64 name_take(struct scratch *scratch, const struct parcel *parcel)
{
	__u64 hash = 0;

	if (!scratch || !parcel)
		return 0;
	for (int i = 0; i < NAME_BYTES / 8; i++)
		scratch->name[i] = 0;
	bpf_probe_read_user(scratch->name, parcel->name_len & (NAME_BYTES - 1), parcel->name);
	for (int i = 0; i < NAME_BYTES / 8; i++)
		hash = print_mix(hash, scratch->name[i]);
	return hash;
}

/* The number of a unix socket towards the path that it sends this datagram to. */
static __noinline __u32 unix_path_number(struct task_state *state, const struct channel *channel,
					 const struct parcel *parcel)
{
	struct scratch *scratch = scratch_here();
	struct identity identity;
	int is_new;
	__u32 id;

	if (!state || !channel || !parcel || !scratch)
		return 0;
	local_identity(channel, 0, &identity);
	identity.peer = name_take(scratch, parcel);
	identity.key ^= identity.peer << 1;
	id = identity_number(&identity, &is_new);
	if (is_new)
		local_describe(state, channel, 0, id, scratch);
	return id;
}

static __always_inline __u32 datagram_number(struct task_state *state,
					     const struct channel *channel,
					     const struct parcel *parcel, int sends, __u32 flags)
{
	__u32 id;

	if (channel->kind == CHANNEL_UDP)
		return udp_number(state, channel, parcel->name, sends, flags);
	if (sends && parcel->name)
		return unix_path_number(state, channel, parcel);
	local_end(state, channel, 0, &id);
	return id;
}

#endif
