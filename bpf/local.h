/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Channels within a machine: unix sockets, pipes, eventfds. The kernel keeps no positions for them;
 * streams are counted here, from the channel's birth, or from what the snapshot found queued.
 */
#ifndef CUTSET_LOCAL_H
#define CUTSET_LOCAL_H

#include "channel.h"
#include "gather.h"
#include "identity.h"

/* The one end's name and the other's, as the trace tells them; see event.h. */
static __always_inline __u64 channel_name(__u64 object, __u64 inode)
{
	__u64 name = (object ^ name_secret) * 0x9e3779b97f4a7c15ULL;

	name ^= name >> 32; /* neighbours in memory, made one after the other, differ in few bits */
	return object ? (name ^ inode) * 0x9e3779b97f4a7c15ULL : 0;
}

static __always_inline struct sock *unix_peer_of(const struct channel *channel)
{
	const struct unix_sock *socket = (const struct unix_sock *)channel->object;

	return BPF_CORE_READ(socket, peer);
}

static __always_inline int is_unix(__u32 kind)
{
	return kind == CHANNEL_UNIX_STREAM || kind == CHANNEL_UNIX_PACKET;
}

/* The two ends of a pipe or an eventfd are one object: the one that reads is called one more. */
static __always_inline void local_identity(const struct channel *channel, int reads,
					   struct identity *ret)
{
	ret->key = channel->object;
	ret->inode = channel->inode;
	ret->peer = 0;
	ret->local_port = 0;
	if (is_unix(channel->kind))
		ret->peer = (__u64)unix_peer_of(channel);
	else
		ret->key += reads;
}

/* The path that a unix socket is bound to, zeroes where it is not. */
static __always_inline void unix_path(struct sock *sk, __u8 *ret)
{
	struct unix_address *address = BPF_CORE_READ((struct unix_sock *)sk, addr);
	int len;

	if (!address)
		return;
	len = BPF_CORE_READ(address, len) - 2;
	if (len <= 0 || len > UNIX_PATH_BYTES)
		return;
	bpf_probe_read_kernel(ret, (__u32)len & 0x7f, address->name[0].sun_path);
}

/* Write an EV_SOCKET for this end. @scratch: where the other one's name is a path; else NULL. */
static __noinline int local_describe(struct task_state *state, const struct channel *channel,
				     int reads, __u32 id, const struct scratch *scratch)
{
	__u64 object, other, inode = 0, other_inode = 0, *names;
	struct record *record;

	if (!state || !channel)
		return 0;
	record = record_begin(state, EV_SOCKET);
	if (!record)
		return 0;
	object = channel->object;
	record->event.socket.socket = id;
	record->event.payload_len = CHANNEL_NAMES_BYTES;
	names = (__u64 *)record->payload;
	if (is_unix(channel->kind)) {
		record->event.socket.family = AF_UNIX;
		record->event.socket.proto = channel->type;
		record->event.socket.netns = netns_of_sock(channel_sock(channel));
		other = scratch ? 0 : (__u64)unix_peer_of(channel);
		inode = channel->inode;
		other_inode = other ? inode_of_sock((struct sock *)other) : 0;
		record->event.socket.inode = inode;
		record->event.socket.peer_inode = other_inode;
		/* addresses are used again; but a stream's peer has no inode before it is accepted */
		if (channel->type != SOCK_DGRAM)
			inode = other_inode = 0;
		__builtin_memset(record->payload + CHANNEL_NAMES_BYTES, 0, 2 * UNIX_PATH_BYTES);
		unix_path(channel_sock(channel), record->payload + CHANNEL_NAMES_BYTES);
		/* of a datagram a path says where it goes; all that a listener accepted have the same */
		if (other && channel->kind == CHANNEL_UNIX_STREAM)
			unix_path((struct sock *)other,
				  record->payload + CHANNEL_NAMES_BYTES + UNIX_PATH_BYTES);
		if (scratch)
			__builtin_memcpy(record->payload + CHANNEL_NAMES_BYTES + UNIX_PATH_BYTES,
					 (const __u8 *)scratch->name + 2, UNIX_PATH_BYTES);
		record->event.payload_len += 2 * UNIX_PATH_BYTES;
	} else {
		record->event.socket.family =
			channel->kind == CHANNEL_FIFO ? CHANNEL_PIPE : CHANNEL_EVENTFD;
		other = object + !reads;
		object += reads;
		inode = other_inode = channel->inode;
	}
	names[0] = channel_name(object, inode);
	names[1] = channel_name(other, other_inode);
	record_submit(record);
	return 0;
}

/* This end, described if it has to be; NULL: its table is full. *ret_id: its number, in any case. */
__attribute__((unused)) static __noinline struct known_socket *local_end(struct task_state *state,
						 const struct channel *channel, int reads,
						 __u32 *ret_id)
{
	struct identity identity;
	int is_new;

	if (!state || !channel || !ret_id)
		return NULL;
	local_identity(channel, reads, &identity);
	*ret_id = identity_number(&identity, &is_new);
	if (is_new)
		local_describe(state, channel, reads, *ret_id, NULL);
	return bpf_map_lookup_elem(&known_sockets, &identity.key);
}

#endif
