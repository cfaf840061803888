/* SPDX-License-Identifier: GPL-2.0-only */
/* Which end of which channel it is, and its number in the trace. */
#ifndef CUTSET_IDENTITY_H
#define CUTSET_IDENTITY_H

#include "emit.h"

/*
 * `key` is a kernel address, mixed with the other end's name where one socket has many (datagrams);
 * the rest tells two ends apart that have the same key one after the other.
 */
struct identity {
	__u64 key;
	__u64 inode;
	__u64 peer;
	__u32 local_port; /* 0: not known; filled in with what it was */
};

/* What is known of it, or NULL. *ret_stale: something else was known by that key. */
static __always_inline struct known_socket *identity_known(const struct identity *identity,
							   int *ret_stale)
{
	struct known_socket *known = bpf_map_lookup_elem(&known_sockets, &identity->key);

	*ret_stale = known != NULL;
	if (known && (known->inode != identity->inode || known->peer != identity->peer ||
		      (identity->local_port && known->local_port != identity->local_port)))
		return NULL;
	return known;
}

/* Remember an end that was not known. Returns its number: another's who was quicker, or @id. */
static __noinline __u32 identity_add(const struct identity *identity, __u32 id, int is_stale)
{
	struct known_socket fresh = { .id = id, .trace = trace_number }, *known;
	struct ledger *ledger;

	if (!identity)
		return id;
	fresh.inode = identity->inode;
	fresh.peer = identity->peer;
	fresh.local_port = identity->local_port;
	if (!bpf_map_update_elem(&known_sockets, &identity->key, &fresh,
				 is_stale ? BPF_ANY : BPF_NOEXIST))
		return id;
	known = bpf_map_lookup_elem(&known_sockets, &identity->key);
	if (known)
		return known->id;
	ledger = ledger_here();
	if (ledger)
		__sync_fetch_and_add(&ledger->unlisted, 1);
	return id;
}

/* Its number. *ret_new: the trace does not describe it yet, the caller has to. */
static __always_inline __u32 identity_number(struct identity *identity, int *ret_new)
{
	struct known_socket *known;
	__u32 id, added;
	int is_stale;

	*ret_new = 0;
	known = identity_known(identity, &is_stale);
	if (known && known->trace == trace_number)
		return known->id;
	*ret_new = 1;
	id = __sync_fetch_and_add(&last_socket, 1) + 1;
	if (!known) {
		added = identity_add(identity, id, is_stale);
		*ret_new = added == id;
		return added;
	}
	if (!identity->local_port)
		identity->local_port = known->local_port;
	known->id = id;
	known->trace = trace_number;
	return id;
}

#endif
