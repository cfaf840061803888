/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the cutter is attached: every interface but lo of every node that has a namespace of its own; of
 * one that nodes share (target/share.h) lo, and the interfaces that have addresses.
 */
#ifndef CUTSET_INJECT_ATTACHMENT_H
#define CUTSET_INJECT_ATTACHMENT_H

#include "inject/hook.h"
#include "target/node.h"

struct attachment {
	struct hook hook;
	uint16_t node; /* NODE_SHARED: in the namespace that nodes share */
	uint32_t netns; /* inode */
	int netns_fd;	/* a copy of its own */
	char iface[16];
	bool loopback;
};

struct attachments { /* starts as { 0 } */
	struct attachment *v;
	size_t cnt, cap;
};

struct cut_progs {
	int own[HOOK_SIDES], shared[HOOK_SIDES]; /* descriptors */
};

/* Does this node have a namespace of its own to attach in? @shared: share__netns. */
bool attachments__wanted(const struct node *node, uint32_t shared);

/* Errors (EXIT_USAGE): those of share__check, or two nodes in different namespaces have the same address:
 * such cannot be told apart on the wire. */
int attachments__check(const struct nodes *nodes, struct err *err);

/* Attach what is new, let go what is gone. Errors: EXIT_MACHINE, EXIT_TARGET. */
int attachments__update(struct attachments *attachments, const struct nodes *nodes,
			const struct cut_progs *progs, struct err *err);

void attachments__free(struct attachments *attachments); /* detaches; empty then */

#endif
