/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which clsact qdiscs are ours: an empty one does not tell. Noted in /run/cutset.clsact.PID,
 * one `netns-inode ifindex` a line, for `cutset cleanup` after a kill.
 */
#ifndef CUTSET_INJECT_QDISC_NOTE_H
#define CUTSET_INJECT_QDISC_NOTE_H

#include <stdbool.h>

void qdisc_note__add(int netns_fd, int ifindex);
bool qdisc_note__has(unsigned long netns_inode, int ifindex); /* by any process */

/* All that this process noted is gone in order; all that processes did that have ended. */
void qdisc_notes__forget_own(void);
void qdisc_notes__forget_dead(void);

#endif
