// SPDX-License-Identifier: GPL-2.0-only
#include "report/shiviz.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/caption.h"
#include "report/timeline.h"

#define HEAD "(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)\n\n"

struct clocks {
	const struct graph *graph;
	uint32_t at[MAX_NODES][MAX_NODES]; /* of each node, what it knows of each other */
	uint32_t (*sent)[MAX_NODES];	   /* of each message, its sender's clock */
	FILE *out;
};

static void put_clock(const struct clocks *clocks, uint16_t node)
{
	const char *comma = "";

	fprintf(clocks->out, "%s {", graph__node_name(clocks->graph, node));
	for (uint16_t id = 1; id < MAX_NODES; id++) {
		if (!clocks->at[node][id])
			continue;
		fprintf(clocks->out, "%s\"%s\":%" PRIu32, comma,
			graph__node_name(clocks->graph, id), clocks->at[node][id]);
		comma = ", ";
	}
	fputs("}\n", clocks->out);
}

static void put_message(const struct clocks *clocks, const struct moment *moment)
{
	const struct message *message = graph__message(clocks->graph, moment->index);
	bool sent = moment->kind == MOMENT_SENT;
	char caption[CAPTION_BYTES];

	fprintf(clocks->out, "%s %s: %s%s\n", sent ? "to" : "from",
		graph__node_name(clocks->graph, sent ? message->dst : message->src),
		caption__of(caption, sizeof(caption), message),
		sent && !message->received_ns ? message->cut ? " (cut)" : " (not seen to arrive)"
					      : "");
}

static void put_happening(const struct clocks *clocks, const struct moment *moment)
{
	char caption[160];

	fprintf(clocks->out, "%s\n",
		happening__caption(caption, sizeof(caption), clocks->graph,
				   &graph__happenings(clocks->graph)->v[moment->index]));
}

static void learn(uint32_t *at, const uint32_t *other)
{
	for (int id = 0; id < MAX_NODES; id++)
		if (other[id] > at[id])
			at[id] = other[id];
}

static void put(struct clocks *clocks, const struct moment *moment)
{
	uint32_t *at = clocks->at[moment->node];

	if (moment->kind == MOMENT_RECEIVED)
		learn(at, clocks->sent[moment->index]);
	at[moment->node]++;
	if (moment->kind == MOMENT_SENT)
		memcpy(clocks->sent[moment->index], at, sizeof(clocks->at[0]));
	put_clock(clocks, moment->node);
	if (moment->kind == MOMENT_HAPPENED)
		put_happening(clocks, moment);
	else
		put_message(clocks, moment);
}

int shiviz__write(const struct graph *graph, FILE *out, struct err *err)
{
	struct clocks *clocks = calloc(1, sizeof(*clocks));
	struct timeline timeline = {0};
	int ret = -1;

	if (clocks) {
		clocks->graph = graph;
		clocks->out = out;
		clocks->sent = calloc(graph__message_cnt(graph) + 1, sizeof(*clocks->sent));
	}
	if (!clocks || !clocks->sent || timeline__of(graph, &timeline)) {
		err__set(err, EXIT_MACHINE, "out of memory");
		goto free_clocks;
	}
	fputs(HEAD, out);
	for (size_t i = 0; i < timeline.cnt; i++)
		put(clocks, &timeline.v[i]);
	ret = fflush(out) || ferror(out)
		      ? err__set(err, EXIT_MACHINE, "cannot write the export: %s", strerror(errno))
		      : 0;
	timeline__free(&timeline);
free_clocks:
	if (clocks)
		free(clocks->sent);
	free(clocks);
	return ret;
}
