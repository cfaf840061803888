/* SPDX-License-Identifier: GPL-2.0-only */
/* One cutset at a time cuts in a network namespace: claims that die with their holder. */
#ifndef CUTSET_INJECT_CLAIM_H
#define CUTSET_INJECT_CLAIM_H

#include "base/err.h"
#include "target/node.h"

struct claims;

/* None yet. NULL on error. One at a time in a process. */
struct claims *claims__new(struct err *err);

/* Of every namespace in which faults on these nodes are cut; those that were claimed before and are not among them are
 * let go. Error: EXIT_MACHINE, who has claimed one. */
int claims__update(struct claims *claims, const struct nodes *nodes, struct err *err);

/* Of one namespace, until the end. @where: for people. Error: EXIT_MACHINE, who has claimed it. */
int claims__take(struct claims *claims, uint32_t netns, const char *where, struct err *err);

void claims__free(struct claims *claims); /* lets go; takes NULL */

#endif
