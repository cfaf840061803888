/* SPDX-License-Identifier: GPL-2.0-only */
/* What each thread, process and node received, in order: the candidates for causes. */
#ifndef CUTSET_CAUSAL_INBOX_H
#define CUTSET_CAUSAL_INBOX_H

#include "causal/inside.h"

/* For each owner a list of messages, by the record that first received them:
 * message[at[owner] .. at[owner + 1]). */
struct inbox {
	uint32_t *at;
	uint32_t *message;
};

struct inboxes {
	struct inbox thread, process, node;
};

/* 0 or -1 (memory); free in either case. */
int inboxes__build(struct inboxes *inboxes, const struct graph *graph);
void inboxes__free(struct inboxes *inboxes);

/* How many of @owner's messages were received before @record: they are the first of its list. */
size_t inbox__before(const struct inbox *inbox, const struct graph *graph, uint32_t owner,
		     uint32_t record);
/* The same, by @ts_ns. */
size_t inbox__before_ns(const struct inbox *inbox, const struct graph *graph, uint32_t owner,
			uint64_t ts_ns);

#endif
