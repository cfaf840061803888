/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Datagrams have no sequence numbers: which receive took which send is found by their ends, their
 * length and a print of their bytes, in order of time among those that look alike. Then each gets a
 * position: a stream of datagrams counts them, and the rest of the graph sees a stream like others.
 */
#ifndef CUTSET_CAUSAL_DATAGRAM_H
#define CUTSET_CAUSAL_DATAGRAM_H

#include <stddef.h>

struct history;
struct trace_node;

/*
 * Pair the sockets of datagrams with those that took them, and write positions into their records'
 * seq_end. A receive without a send goes to a socket without a partner. 0 or -1 (memory).
 */
int datagrams__match(struct history *history, const struct trace_node *nodes, size_t node_cnt);

#endif
