// SPDX-License-Identifier: GPL-2.0-only
#include "report/names.h"

#include <string.h>

static int id_of(void *ctx, const char *name, size_t len)
{
	for (uint16_t id = 1; id < MAX_NODES; id++) {
		const struct trace_node *node = graph__node(ctx, id);

		if (node && strlen(node->name) == len && !strncmp(node->name, name, len))
			return id;
	}
	return -1;
}

static const char *name_of(void *ctx, uint16_t id)
{
	const struct trace_node *node = graph__node(ctx, id);

	return node ? node->name : NULL;
}

static const char *title_of(void *ctx, uint16_t id)
{
	const struct trace_node *node = graph__node(ctx, id);

	return node ? node->title : NULL;
}

struct name_table names__titled(const struct graph *graph)
{
	return (struct name_table){id_of, title_of, (void *)graph};
}

struct name_table names__of(const struct graph *graph)
{
	return (struct name_table){id_of, name_of, (void *)graph};
}
