/* SPDX-License-Identifier: GPL-2.0-only */
/* What another network namespace holds: interfaces, addresses, listening ports. */
#ifndef CUTSET_TARGET_NETNS_H
#define CUTSET_TARGET_NETNS_H

#include <stdint.h>
#include <sys/types.h>

#include "target/node.h"

/* The namespace of a process, or of this one with pid 0. Returns 0 and *ret_fd owned by the caller
 * (O_CLOEXEC), or -errno. */
int netns__open(pid_t pid, int *ret_fd, uint32_t *ret_inode);

/* The inode number alone; 0 where the process is gone or may not be looked at. */
uint32_t netns__inode(pid_t pid);

/* Call @fn inside the namespace, on a thread of its own that ends with it; this thread never
 * changes its own. Returns what @fn returned, or -errno. */
int netns__run(int netns_fd, int (*fn)(void *arg), void *arg);

/* Fill @node's interfaces and addresses from its namespace (netns_fd). Returns 0 or -errno, and
 * leaves @node alone then. */
int netns__look(struct node *node);

#endif
