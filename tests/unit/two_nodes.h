/* SPDX-License-Identifier: GPL-2.0-only */
/* A client, a server with two threads, and the graph of what they sent each other. */
#ifndef CUTSET_TESTS_TWO_NODES_H
#define CUTSET_TESTS_TWO_NODES_H

#include "causal/graph.h"
#include "tests/unit/tracekit.h"

static struct kit_task client, server, other __attribute__((unused));
static struct graph_stats stats;

static struct kit *two_nodes(void)
{
	struct kit *kit = kit__new();

	client = (struct kit_task){ .node = 1, .tgid = 10, .tid = 10 };
	server = (struct kit_task){ .node = 2, .tgid = 20, .tid = 20 };
	other = (struct kit_task){ .node = 2, .tgid = 20, .tid = 21 };
	kit__node(kit, 1, "client", "198.18.0.1", 0, true);
	kit__node(kit, 2, "server", "198.18.0.2", 6379, false);
	return kit;
}

static struct graph *load(struct kit *kit)
{
	struct graph *graph = graph__load(kit__finish(kit), NULL);

	assert_non_null(graph);
	graph__stats(graph, &stats);
	return graph;
}

static void done(struct kit *kit, struct graph *graph)
{
	graph__free(graph);
	kit__free(kit);
}

/* The n-th data message, not counting connections. */
static inline const struct message *data(const struct graph *graph, size_t n)
{
	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);

		if (message->class == MSG_DATA && n-- == 0)
			return message;
	}
	return NULL;
}

#endif
