/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of both families as one: IPv4 stands as v4-mapped IPv6. */
#ifndef CUTSET_ADDRESS_H
#define CUTSET_ADDRESS_H

#include "maps.h"

static __always_inline void address_map_v4(struct address *address, __u32 v4)
{
	__builtin_memset(address->ip, 0, 10);
	address->ip[10] = 0xff;
	address->ip[11] = 0xff;
	__builtin_memcpy(address->ip + 12, &v4, 4);
}

static __always_inline int address_is_v4(const struct address *address)
{
	const __u32 *words = (const __u32 *)address->ip;

	return !words[0] && !words[1] && words[2] == bpf_htonl(0xffff);
}

static __always_inline int address_is_loopback(const struct address *address)
{
	const __u32 *words = (const __u32 *)address->ip;

	if (address_is_v4(address))
		return address->ip[12] == 127;
	return !words[0] && !words[1] && !words[2] && words[3] == bpf_htonl(1);
}

#endif
