// SPDX-License-Identifier: GPL-2.0-only
#include "causal/inbox.h"

#include <stdlib.h>

static uint32_t thread_of(const struct graph *graph, uint32_t message)
{
	return graph->history.records[graph->notes[message].received].thread;
}

static uint32_t process_of(const struct graph *graph, uint32_t message)
{
	return graph->history.threads[thread_of(graph, message)].process;
}

static uint32_t node_of(const struct graph *graph, uint32_t message)
{
	return graph->history.records[graph->notes[message].received].node;
}

/* @order: (record << 32 | message), ascending. */
static int build(struct inbox *inbox, const struct graph *graph, const uint64_t *order, size_t cnt,
		 size_t owners, uint32_t (*owner_of)(const struct graph *, uint32_t))
{
	inbox->at = calloc(owners + 2, sizeof(*inbox->at));
	inbox->message = malloc((cnt + 1) * sizeof(*inbox->message));
	if (!inbox->at || !inbox->message)
		return -1;
	for (size_t i = 0; i < cnt; i++)
		inbox->at[owner_of(graph, (uint32_t)order[i]) + 2]++;
	for (size_t i = 2; i < owners + 2; i++)
		inbox->at[i] += inbox->at[i - 1];
	for (size_t i = 0; i < cnt; i++)
		inbox->message[inbox->at[owner_of(graph, (uint32_t)order[i]) + 1]++] =
			(uint32_t)order[i];
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int inboxes__build(struct inboxes *inboxes, const struct graph *graph)
{
	uint64_t *order = malloc((graph->message_cnt + 1) * sizeof(*order));
	size_t cnt = 0;
	int ret = -1;

	*inboxes = (struct inboxes){ 0 };
	if (!order)
		return -1;
	for (size_t i = 0; i < graph->message_cnt; i++)
		if (graph->notes[i].received != NONE)
			order[cnt++] = (uint64_t)graph->notes[i].received << 32 | i;
	qsort(order, cnt, sizeof(*order), by_value);
	if (build(&inboxes->thread, graph, order, cnt, graph->history.thread_cnt, thread_of) == 0 &&
	    build(&inboxes->process, graph, order, cnt, graph->history.process_cnt, process_of) ==
		    0 &&
	    build(&inboxes->node, graph, order, cnt, MAX_NODES, node_of) == 0)
		ret = 0;
	free(order);
	return ret;
}

static void inbox__free(struct inbox *inbox)
{
	free(inbox->at);
	free(inbox->message);
}

void inboxes__free(struct inboxes *inboxes)
{
	inbox__free(&inboxes->thread);
	inbox__free(&inboxes->process);
	inbox__free(&inboxes->node);
}

size_t inbox__before(const struct inbox *inbox, const struct graph *graph, uint32_t owner,
		     uint32_t record)
{
	size_t low = inbox->at[owner], high = inbox->at[owner + 1];

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (graph->notes[inbox->message[middle]].received < record)
			low = middle + 1;
		else
			high = middle;
	}
	return low - inbox->at[owner];
}

size_t inbox__before_ns(const struct inbox *inbox, const struct graph *graph, uint32_t owner,
			uint64_t ts_ns)
{
	const struct record *records = graph->history.records;
	size_t low = inbox->at[owner], high = inbox->at[owner + 1];

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (records[graph->notes[inbox->message[middle]].received].ts_ns < ts_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low - inbox->at[owner];
}
