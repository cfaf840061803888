/* SPDX-License-Identifier: GPL-2.0-only */
/* The few words of rtnetlink that libbpf does not speak; in the calling thread's namespace. */
#ifndef CUTSET_INJECT_RTNL_H
#define CUTSET_INJECT_RTNL_H

#include <stdbool.h>

/* Is there any filter on the ingress (or egress) side of this interface's clsact qdisc? True also
 * where the kernel does not say. */
bool rtnl__has_filters(int ifindex, bool ingress);

/* Returns 0 or -errno. */
int rtnl__delete_link(int ifindex);

#endif
