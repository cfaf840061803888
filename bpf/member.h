/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel side knows of nodes besides their cgroups and processes. Shared with userspace/. */
#ifndef CUTSET_MEMBER_H
#define CUTSET_MEMBER_H

#include "event.h"

#define NODE_IS_CLIENT 1

/* Array map `node_states`, index = node. */
struct node_state {
	__u32 flags;
	__u32 received; /* clients: 1 since bytes came in and none went out after them */
};

/*
 * Hash map `processes`, by thread group. A process that got the number of one that has gone is told by
 * its start: clock ticks since boot, as in /proc/PID/stat; 0: any.
 */
struct member {
	__u64 start;
	__u32 node;
	__u32 pad;
};

/* Hash map `cgroup_paths`: a cgroup v2 that is made anew by this path is the node's again. */
#define CGROUP_PATH_BYTES 128 /* longer ones are not in it */
struct cgroup_path {
	char text[CGROUP_PATH_BYTES]; /* from the root on, "/docker/0123"; zeroes behind it */
};

/* Depths below the cgroup root at which the targets' cgroups lie. */
#define MAX_LEVELS 8
struct levels {
	__u32 cnt;
	__u32 level[MAX_LEVELS];
};

#endif
