/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The network namespace in which nodes are not alone: several share one, or one is in cutset's own among
 * strangers. There an address tells no node, sockets do.
 */
#ifndef CUTSET_TARGET_SHARE_H
#define CUTSET_TARGET_SHARE_H

#include "target/node.h"

/* Its inode; 0: each has its own. Where there are several, the first; see share__check. */
uint32_t share__netns(const struct nodes *nodes);

/* Some node that is there, with its descriptor, interfaces and addresses; NULL: none. */
const struct node *share__place(const struct nodes *nodes);

/* Errors (EXIT_USAGE): there are two, or a container uses the host's network and was not named as one
 * that does (host:NAME). */
int share__check(const struct nodes *nodes, struct err *err);

#endif
