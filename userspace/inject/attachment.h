/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the cutter is attached: every interface but lo of every node that has a namespace. */
#ifndef CUTSET_INJECT_ATTACHMENT_H
#define CUTSET_INJECT_ATTACHMENT_H

#include "inject/hook.h"
#include "target/node.h"

struct attachment {
	struct hook hook;
	uint16_t node;
	uint32_t netns; /* inode */
	int netns_fd;	/* a copy of its own */
	char iface[16];
};

struct attachments { /* starts as { 0 } */
	struct attachment *v;
	size_t cnt, cap;
};

struct cut_progs {
	int egress_fd, ingress_fd;
};

/* Does this node have a namespace of its own to attach in? */
bool attachments__wanted(const struct node *node);

/* Errors (EXIT_USAGE): two nodes share a namespace or an address, or one that is no client uses the
 * host's. Such nodes cannot be told apart on the wire. */
int attachments__check(const struct nodes *nodes, struct err *err);

/* Attach what is new, let go what is gone. Errors: EXIT_MACHINE, EXIT_TARGET. */
int attachments__update(struct attachments *attachments, const struct nodes *nodes,
			const struct cut_progs *progs, struct err *err);

void attachments__free(struct attachments *attachments); /* detaches; empty then */

#endif
