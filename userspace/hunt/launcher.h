/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread that starts commands. It keeps the capabilities of whoever called cutset, while the
 * others give up what they do not need: commands have what they would have without cutset. (What
 * root gave up comes back to its children at exec, but they forget then to die with their parent,
 * PR_SET_PDEATHSIG.)
 */
#ifndef CUTSET_HUNT_LAUNCHER_H
#define CUTSET_HUNT_LAUNCHER_H

#include <sys/types.h>

#include "base/err.h"

struct launcher;

/* With the privileges that the calling thread has now. NULL on error: EXIT_MACHINE. */
struct launcher *launcher__start(struct err *err);

/* fork(2) on that thread; the child runs @child, which does not return. NULL forks on the calling
 * thread. Returns the child's pid; -1: see errno. */
pid_t launcher__fork(struct launcher *launcher, void (*child)(void *ctx), void *ctx);

/* Its children die with it. Takes NULL. */
void launcher__stop(struct launcher *launcher);

#endif
