/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks after the targets of a trace on a thread of its own: one that was restarted is found again, and
 * with an injector its interfaces, and new ones of any target, are hooked. What the programs could not know
 * of it by themselves is missing, and the trace says so.
 */
#ifndef CUTSET_HUNT_WATCH_H
#define CUTSET_HUNT_WATCH_H

#include "hunt/session.h"

struct watch;

/* From here on until watch__stop the session's nodes are the watch's. NULL on error (EXIT_MACHINE). */
struct watch *watch__start(struct session *session, struct err *err);

/* A last look, before the trace is ended. 0, or -1 where a target was lost (EXIT_TARGET). Takes NULL. */
int watch__stop(struct watch *watch, struct err *err);

#endif
