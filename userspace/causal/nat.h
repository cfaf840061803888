/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections whose ends see different 4-tuples, as addresses are translated on the way (a container's
 * published port: iptables' DNAT, MASQUERADE). Sequence numbers are the same at both ends.
 */
#ifndef CUTSET_CAUSAL_NAT_H
#define CUTSET_CAUSAL_NAT_H

struct history;

/*
 * Pair TCP sockets that have no partner by their own 4-tuples. Nothing is guessed: a socket that
 * several others could be the end of stays without one. 0 or -1 (memory).
 */
int nat__join(struct history *history);

#endif
