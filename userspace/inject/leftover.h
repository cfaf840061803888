/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What outlives a killed cutset: nothing with tcx; filters and qdiscs where the kernel has only
 * clsact. Qdiscs that we made are noted in /run/cutset.clsact, one `netns-inode ifindex` a line,
 * since an empty one does not tell whose it is.
 */
#ifndef CUTSET_INJECT_LEFTOVER_H
#define CUTSET_INJECT_LEFTOVER_H

void leftover__note_qdisc(int netns_fd, int ifindex);

/* All that was noted is gone in order. */
void leftover__forget(void);

#endif
