// SPDX-License-Identifier: GPL-2.0-only
#include "model/transcript.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "causal/graph.h"
#include "causal/intern.h"

uint64_t transcript__hash(const uint8_t *text, size_t len)
{
	uint64_t hash = hash_u64(0, 0);

	for (size_t i = 0, end; i < len; i = end) {
		for (end = i; end < len && isdigit(text[end]); end++)
			;
		if (end - i >= LONG_DIGITS) {
			hash = hash_u64(hash, LONG_DIGITS);
			continue;
		}
		end += end == i;
		hash = hash_bytes(hash, text + i, end - i);
	}
	return hash;
}

int transcript__add(struct transcript *transcript, const struct saying *saying)
{
	if (grow(&transcript->v, &transcript->cap, transcript->cnt + 1) < 0)
		return -1;
	transcript->v[transcript->cnt++] = *saying;
	return 0;
}

static bool is_in_run(uint32_t step)
{
	return step >= NOW_WORKLOAD && step < NOW_END;
}

/* The answer to an attempt to connect is a part of it. */
static int add_message(struct transcript *transcript, const struct message *message)
{
	const struct saying saying = {
		.node = message->src,
		.to = message->dst,
		.opens = message->class == MSG_CONNECT,
		.came = message->delivered,
		.step = message->step,
		.words = transcript__hash(message->payload, message->payload_len),
	};

	if (message->src == NODE_OUTSIDE || message->dst == NODE_OUTSIDE || message->src == message->dst ||
	    message->class == MSG_ACCEPT || !is_in_run(message->step))
		return 0;
	transcript->cut_off |= message->payload_len < message->len;
	return transcript__add(transcript, &saying);
}

/* What commands print is no node's log. */
static bool is_client(const struct graph *graph, uint16_t id)
{
	const struct trace_node *node = graph__node(graph, id);

	return !node || node->client;
}

static int add_line(struct transcript *transcript, const struct graph *graph, const struct happening *line)
{
	const char *text = graph__happenings(graph)->texts + line->text;
	const struct saying saying = {
		.node = line->node,
		.to = NODE_OUTSIDE,
		.came = true,
		.step = line->step,
		.words = transcript__hash((const uint8_t *)text, line->text_len),
	};

	if (line->kind != EV_LOG || is_client(graph, line->node) || !is_in_run(line->step))
		return 0;
	transcript->cut_off |= line->text_len < line->len;
	return transcript__add(transcript, &saying);
}

int transcript__of_run(const struct graph *graph, struct transcript *ret, struct err *err)
{
	const struct happenings *events = graph__happenings(graph);
	struct transcript transcript = {.last_step = graph__last_step(graph)};
	int failed = 0;

	for (size_t i = 0; i < graph__message_cnt(graph) && !failed; i++)
		failed = add_message(&transcript, graph__message(graph, i));
	for (size_t i = 0; i < events->cnt && !failed; i++)
		failed = add_line(&transcript, graph, &events->v[i]);
	if (failed) {
		transcript__free(&transcript);
		return err__set(err, EXIT_MACHINE, "cannot keep what a run said: out of memory");
	}
	*ret = transcript;
	return 0;
}

void transcript__free(struct transcript *transcript)
{
	free(transcript->v);
	memset(transcript, 0, sizeof(*transcript));
}
