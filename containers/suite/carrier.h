/* SPDX-License-Identifier: GPL-2.0-only */
/* How a node's messages travel: a datagram each, a connection each, or one connection to each peer.
 */
#ifndef SUITE_CARRIER_H
#define SUITE_CARRIER_H

#include <stddef.h>
#include <stdint.h>

#define MAX_MESSAGE 128

struct carrier {
	const char *name;
	/* Forget what was before. Returns once messages can be sent; -1: a peer cannot be reached.
	 */
	int (*reset)(unsigned int run);
	/* @message ends in a newline. */
	void (*send)(int to, const char *message);
	/* Do what sending still needs, until @end_ns; what is not on its way then is given up. */
	void (*finish)(uint64_t end_ns);
	/* Hand each message that has arrived to @take. */
	void (*collect)(void (*take)(char *message));
};

/* Before anything else. @net: the first three numbers of the nodes' addresses. */
void carrier__init(int self, int nodes, const char *net);

/* The address of a node, for `sin_addr`. */
uint32_t carrier__address(int node);

/* udp, tcp or stream; NULL: no other. */
const struct carrier *carrier__find(const char *name);

#endif
