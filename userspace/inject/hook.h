/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our two programs on one interface: tcx links where the kernel has them (6.6), which die with the
 * process, else filters on a clsact qdisc, known again by their handle and the name of the program.
 * CUTSET_TC=tcx or CUTSET_TC=clsact in the environment chooses.
 */
#ifndef CUTSET_INJECT_HOOK_H
#define CUTSET_INJECT_HOOK_H

#include <stdbool.h>
#include <stdint.h>

#define HOOK_NO_PROG -1

enum hook_side { HOOK_INGRESS, HOOK_EGRESS, HOOK_SIDES };

struct hook {
	int ifindex;
	int link_fd[HOOK_SIDES];  /* tcx; -1: none */
	uint16_t prio[HOOK_SIDES]; /* clsact; 0: none */
	bool clsact;
	bool made_qdisc;
	int netns_fd; /* clsact: a copy of its own, to come back; -1 else */
};

/* @prog_fd: HOOK_NO_PROG leaves a side alone. Returns 0, or -errno with nothing attached. */
int hook__attach(struct hook *ret, int netns_fd, int ifindex, const int prog_fd[HOOK_SIDES]);

/* Is it still on its interface? False once that is gone. */
bool hook__alive(const struct hook *hook);

void hook__detach(struct hook *hook);

const char *hook__engine(const struct hook *hook); /* "tcx" or "clsact" */

/*
 * Remove filters of ours from this interface of the calling thread's namespace, and the clsact qdisc
 * if @ours says that a cutset made it and nobody uses it. Returns how many things were removed.
 */
int hook__remove_leftover(int ifindex, bool ours);

#endif
