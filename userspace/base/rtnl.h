/* SPDX-License-Identifier: GPL-2.0-only */
/* The few words of rtnetlink that we need, in the calling thread's namespace. */
#ifndef CUTSET_BASE_RTNL_H
#define CUTSET_BASE_RTNL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is there any filter on the ingress (or egress) side of this interface's clsact qdisc? True also
 * where the kernel does not say. */
bool rtnl__has_filters(int ifindex, bool ingress);

/* Returns 0 or -errno. */
int rtnl__delete_link(int ifindex);

/* Does it carry packets? 1 or 0, or -errno. */
int rtnl__is_operating(int ifindex);

/* One end of a wire. */
struct rtnl_end {
	const char *name;
	uint32_t ifindex; /* which it shall have */
	uint32_t mtu;
	uint8_t mac[6];
};

/* A veth pair, both ends down: @here in this namespace, @there in @peer_netns_fd. Returns 0 or -errno. */
int rtnl__add_veth(const struct rtnl_end *here, const struct rtnl_end *there, int peer_netns_fd);

/* An attribute of a qdisc. */
struct rtnl_attr {
	uint16_t type;
	const void *data;
	size_t len;
};

/* A tbf that lets a packet go each @gap_ns, whatever its size, and holds 256 MiB of
 * them. Returns 0 or -errno. */
int rtnl__add_pacer(int ifindex, uint64_t gap_ns);

/* Make @kind the root qdisc. @attrs, @cnt of them: its options, nested in TCA_OPTIONS, or with @cnt 1
 * and type 0 what TCA_OPTIONS itself holds. Returns 0 or -errno. */
int rtnl__add_qdisc(int ifindex, const char *kind, const struct rtnl_attr *attrs, size_t cnt);

#endif
