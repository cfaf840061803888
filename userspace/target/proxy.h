/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * docker-proxy: for each published port of a container a process on the host that accepts connections
 * and copies their bytes, where iptables cannot lead them (from 127.0.0.1, from the container's own
 * network). Known by its arguments.
 */
#ifndef CUTSET_TARGET_PROXY_H
#define CUTSET_TARGET_PROXY_H

#include "target/node.h"

struct proxy {
	pid_t pid;
	struct address container;
	uint16_t host_port;
	bool tcp;
};

struct proxies {
	struct proxy *v; /* by pid */
	size_t cnt, cap;
};

/* The arguments as /proc/PID/cmdline has them, each ended by a NUL. Returns 0, or -EINVAL where they
 * are no docker-proxy's. */
int proxy__parse(const char *cmdline, size_t len, struct proxy *ret);

/* All that run. Returns 0 or -errno; in either case proxies__free. */
int proxies__find(struct proxies *ret);
void proxies__free(struct proxies *proxies);

/*
 * Fill @node, all zero but netns_fd -1, with those that lead to @container. It has no addresses: the
 * host's are others' as well. Returns how many there are (0: @node is as it was), or -1 and @node is
 * for node__clear.
 */
int proxies__node(const struct proxies *proxies, const struct node *container, struct node *node,
		  struct err *err);

#endif
