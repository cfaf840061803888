/* SPDX-License-Identifier: GPL-2.0-only */
/* The heartbeat: while it beats, the tc programs cut; two seconds after the last they pass all. */
#ifndef CUTSET_INJECT_LEASE_H
#define CUTSET_INJECT_LEASE_H

#include "base/err.h"
#include "../bpf/rule.h"

struct lease;

/* Put faults in force: forget an earlier lapse, beat at once and then every 200 ms on a thread. */
struct lease *lease__start(volatile struct control *control, struct err *err);

/* Nothing is cut once this returns. Takes NULL. */
void lease__stop(struct lease *lease);

#endif
