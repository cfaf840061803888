/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is connected to whom right now, from the tables of /proc/PID/net: for people, who look for a first time. */
#ifndef CUTSET_TARGET_PEER_H
#define CUTSET_TARGET_PEER_H

#include "target/node.h"

/* An established TCP connection. */
struct peer {
	struct address remote; /* IPv4 is v4-mapped */
	uint16_t local_port, remote_port;
};

/* From the text of /proc/PID/net/tcp or tcp6 (NULL: none): appended to *list, which the caller frees. Lines that are none are
 * skipped. Returns 0 or -ENOMEM. */
int peers__parse(const char *text, struct peer **list, size_t *cnt);

/* In the namespace of the process. Returns 0 or -errno. */
int peers__of(pid_t pid, struct peer **ret, size_t *ret_cnt);

#endif
