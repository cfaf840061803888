/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel side, loaded once: all programs and maps of one cutset, and the run's clock.
 * observe/ attaches what watches, inject/ attaches what cuts; both work on this one object.
 */
#ifndef CUTSET_OBSERVE_KERNEL_H
#define CUTSET_OBSERVE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "target/node.h"
#include "../bpf/event.h"
#include "../bpf/rule.h"

struct cutset_bpf; /* the skeleton, cutset.skel.h */
struct kernel;

struct kernel_opts {
	size_t ring_bytes;     /* a power of two, at least a page; 0: 16 MiB */
	size_t payload_bytes;  /* 0 .. MAX_PAYLOAD */
	bool cut;	       /* the cutter's programs as well, for an injector */
	bool recognise;	       /* calls' beginnings too: where a client moves the clock, or faults are armed */
};

/* Open and load (not attach). NULL on error: EXIT_MACHINE, with what is missing and how to mend it. */
struct kernel *kernel__open(const struct kernel_opts *opts, struct err *err);
struct cutset_bpf *kernel__skel(struct kernel *kernel);
size_t kernel__payload_bytes(const struct kernel *kernel);

/* The shared .bss `control`; written with __atomic stores. */
volatile struct control *kernel__control(struct kernel *kernel);

/* Tell the programs who the nodes are: cgroups, processes, addresses. Call again after
 * nodes__refresh said that something changed. */
int kernel__set_nodes(struct kernel *kernel, const struct nodes *nodes, struct err *err);

/* Do the programs know it as it is now, a container that was restarted, say, or a child that is left?
 * What it did since it is so was recorded then. */
bool kernel__knows(struct kernel *kernel, const struct node *node);

/* Make the process @pid and all that it will fork belong to @node, before it runs. */
int kernel__add_process(struct kernel *kernel, pid_t pid, uint16_t node, struct err *err);

/* Put the run's clock back to NOW_IDLE, not counting, and forget what clients have received. */
void kernel__reset_clock(struct kernel *kernel);

void kernel__close(struct kernel *kernel); /* detaches all; takes NULL */

#endif
