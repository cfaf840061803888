// SPDX-License-Identifier: GPL-2.0-only
#include "causal/evidence.h"

#include <stdlib.h>

#include "base/grow.h"
#include "causal/key.h"

#define JOINED_BYTES 256 /* of a message that are looked at */

#define PATTERN_BYTES 64

/* Binary messages of one length, on one way: where all of them are the same. */
struct pattern {
	uint8_t bytes[PATTERN_BYTES];
	uint64_t same; /* bits, 1 << index */
};

struct evidence {
	struct intern idle;   /* hash of a class: how often it was seen before a workload */
	struct intern binary; /* hash of way and length: which pattern */
	struct pattern *patterns;
	size_t pattern_cnt, pattern_cap;
	struct intern whole;  /* hash of way and form of texts that were recorded to their end, seen before a workload */
};

struct evidence *evidence__new(void)
{
	return calloc(1, sizeof(struct evidence));
}

static bool is_whole_text(const struct message *message)
{
	return message->payload && message->len && message->payload_len == message->len &&
	       !key__is_binary(message->payload, message->payload_len);
}

static uint64_t way_of(const struct graph *graph, uint32_t message)
{
	return graph->classes[graph->notes[message].class].way;
}

static bool has_skeleton(const struct message *message)
{
	return message->class != MSG_DATA || key__skeleton(message->payload, message->payload_len);
}

/* Bits: bytes that are not as the pattern has them. */
static uint64_t differs(const struct pattern *pattern, const struct message *message)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < message->payload_len && i < PATTERN_BYTES; i++)
		if (pattern->bytes[i] != message->payload[i])
			bits |= 1ULL << i;
	return bits;
}

static int learn_binary(struct evidence *evidence, const struct graph *graph, uint32_t id)
{
	const struct message *message = &graph->messages[id];
	uint32_t *slot = intern__slot(&evidence->binary, hash_u64(way_of(graph, id), message->len));
	struct pattern *pattern;

	if (!slot || grow(&evidence->patterns, &evidence->pattern_cap, evidence->pattern_cnt + 1) < 0)
		return -1;
	if (*slot == NONE) {
		*slot = (uint32_t)evidence->pattern_cnt++;
		pattern = &evidence->patterns[*slot];
		*pattern = (struct pattern){ .same = ~0ULL };
		for (size_t i = 0; i < message->payload_len && i < PATTERN_BYTES; i++)
			pattern->bytes[i] = message->payload[i];
	}
	pattern = &evidence->patterns[*slot];
	pattern->same &= ~differs(pattern, message);
	return 0;
}

static int learn_whole(struct evidence *evidence, const struct graph *graph, uint32_t id)
{
	const struct message *message = &graph->messages[id];
	uint64_t form = 0;
	uint32_t *slot;

	for (size_t at = 0; at < message->len;)
		at += key__next_form(&form, message->payload + at, message->len - at);
	slot = intern__slot(&evidence->whole, hash_u64(way_of(graph, id), form));
	if (!slot)
		return -1;
	*slot = 1;
	return 0;
}

static int learn_bytes(struct evidence *evidence, const struct graph *graph, uint32_t id)
{
	if (!has_skeleton(&graph->messages[id]))
		return learn_binary(evidence, graph, id);
	return is_whole_text(&graph->messages[id]) ? learn_whole(evidence, graph, id) : 0;
}

int evidence__learn_idle(struct evidence *evidence, const struct graph *graph)
{
	for (size_t i = 0; i < graph->class_cnt; i++) {
		uint32_t *slot;

		if (!graph->classes[i].idle)
			continue;
		slot = intern__slot(&evidence->idle, graph->classes[i].hash);
		if (!slot)
			return -1;
		*slot = (*slot == NONE ? 0 : *slot) + graph->classes[i].idle;
	}
	for (size_t i = 0; i < graph->message_cnt; i++)
		if (graph__is_at_rest(graph, &graph->messages[i]) && learn_bytes(evidence, graph, i) < 0)
			return -1;
	return 0;
}

/* Mark in @begins where behind the text at @at, one that was seen alone, another may begin. */
static void mark_ends(const struct evidence *evidence, uint64_t way, const uint8_t *text, size_t len, size_t at,
		      bool *begins)
{
	uint64_t form = 0;

	while (at < len) {
		at += key__next_form(&form, text + at, len - at);
		if (intern__get(&evidence->whole, hash_u64(way, form)) != NONE)
			begins[at] = true;
	}
}

/* Does it consist of messages that were seen alone? Of the last one the class is enough. */
static bool is_joined(const struct evidence *evidence, uint64_t way, const struct message *message)
{
	const size_t len = message->payload_len < JOINED_BYTES ? message->payload_len : JOINED_BYTES;
	bool begins[JOINED_BYTES + 1] = { true };

	if (!len || key__is_binary(message->payload, len))
		return false;
	for (size_t at = 0; at < len; at++) {
		if (!begins[at])
			continue;
		if (at && intern__get(&evidence->idle, key__class(way, message->len - at, message->payload + at,
								  message->payload_len - at)) != NONE)
			return true;
		mark_ends(evidence, way, message->payload, len, at, begins);
	}
	return len == message->len && begins[len];
}

float evidence__factor(const struct evidence *evidence, const struct graph *graph, uint32_t class)
{
	const struct message_class_info *info = &graph->classes[class];

	if (info->idle)
		return FACTOR_BACKGROUND;
	if (!evidence || (intern__get(&evidence->idle, info->hash) == NONE &&
			  !is_joined(evidence, info->way, &graph->messages[info->first])))
		return 1;
	return FACTOR_BACKGROUND;
}

bool evidence__has_seen(const struct evidence *evidence, const struct graph *graph, uint32_t id)
{
	const struct message *message = &graph->messages[id];
	const struct pattern *pattern;
	uint32_t index;

	if (has_skeleton(message))
		return true;
	index = evidence ? intern__get(&evidence->binary, hash_u64(way_of(graph, id), message->len)) : NONE;
	pattern = index == NONE ? NULL : &evidence->patterns[index];
	return pattern && !(pattern->same & differs(pattern, message));
}

void evidence__free(struct evidence *evidence)
{
	if (!evidence)
		return;
	intern__free(&evidence->idle);
	intern__free(&evidence->binary);
	free(evidence->patterns);
	intern__free(&evidence->whole);
	free(evidence);
}
