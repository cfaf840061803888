// SPDX-License-Identifier: GPL-2.0-only
#include "causal/key.h"

#include <ctype.h>
#include <string.h>

#include "base/grow.h"
#include "causal/inside.h"

#define SKELETON_BYTES 64
#define WORD_LONG 20

bool key__is_binary(const uint8_t *text, size_t len)
{
	size_t odd = 0;

	for (size_t i = 0; i < len; i++)
		odd += !isprint(text[i]) && !isspace(text[i]);
	return odd * 10 > len * 3;
}

bool key__is_data(const uint8_t *word, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++)
		digits += isdigit(word[i]) != 0;
	return len >= WORD_LONG || (len >= TOKEN_MIN_BYTES && digits && digits < len);
}

static size_t word_at(const uint8_t *text, size_t len)
{
	size_t end = 0;

	while (end < len && (isalnum(text[end]) || text[end] == '_'))
		end++;
	return end;
}

/* Collapse one word: digits to '0', data to 'T'. Returns the bytes written. */
static size_t collapse(char *out, const uint8_t *word, size_t len)
{
	size_t at = 0;

	if (key__is_data(word, len)) {
		*out = 'T';
		return 1;
	}
	for (size_t i = 0; i < len; i++) {
		if (!isdigit(word[i]))
			out[at++] = word[i];
		else if (!i || !isdigit(word[i - 1]))
			out[at++] = '0';
	}
	return at;
}

uint64_t key__skeleton(const uint8_t *payload, size_t len)
{
	char form[SKELETON_BYTES];
	size_t at = 0, word, i = 0;

	if (len > SKELETON_BYTES)
		len = SKELETON_BYTES;
	if (!payload || !len || key__is_binary(payload, len))
		return 0;
	while (i < len) {
		word = word_at(payload + i, len - i);
		if (word)
			at += collapse(form + at, payload + i, word);
		else
			form[at++] = payload[i];
		i += word ? word : 1;
	}
	return hash_bytes(1, form, at);
}

size_t key__next_form(uint64_t *form, const uint8_t *text, size_t len)
{
	size_t word = word_at(text, len);
	char collapsed[WORD_LONG];

	if (!word) {
		*form = hash_bytes(*form, text, len > 0);
		return len > 0;
	}
	*form = hash_bytes(*form, collapsed, collapse(collapsed, text, word));
	return word;
}

unsigned int key__length_class(uint32_t len)
{
	return len ? 32 - __builtin_clz(len) : 0;
}

static uint64_t way_of(const struct message *message, const uint64_t *names)
{
	uint64_t hash = hash_u64(names[message->src], names[message->dst]);

	hash = hash_u64(hash, (uint64_t)message->server_port << 16 | message->to_server << 8 |
				      (unsigned int)message->class);
	if (message->carrier != CARRIER_TCP)
		hash = hash_u64(hash, message->carrier);
	return hash;
}

uint64_t key__class(uint64_t way, uint32_t len, const uint8_t *payload, size_t payload_len)
{
	return hash_u64(hash_u64(way, key__length_class(len)), key__skeleton(payload, payload_len));
}

static uint32_t class_of(struct graph *graph, struct intern *by_hash, uint64_t way, uint32_t message)
{
	const struct message *like = &graph->messages[message];
	const uint64_t hash = key__class(way, like->len, like->payload, like->payload_len);
	uint32_t *slot = intern__slot(by_hash, hash);

	if (!slot)
		return NONE;
	if (*slot != NONE)
		return *slot;
	if (grow(&graph->classes, &graph->class_cap, graph->class_cnt + 1) < 0)
		return NONE;
	graph->classes[graph->class_cnt] = (struct message_class_info){ .hash = hash, .way = way, .first = message };
	*slot = graph->class_cnt++;
	return *slot;
}

/* The @n-th message of class @hash in @step. */
static uint64_t key_of(struct intern *occurrences, uint64_t hash, uint32_t step, uint32_t *ret_err)
{
	uint64_t key = hash_u64(hash, step);
	uint32_t *slot = intern__slot(occurrences, key);

	if (!slot) {
		*ret_err = 1;
		return 0;
	}
	*slot = *slot == NONE ? 0 : *slot + 1;
	return hash_u64(key, *slot);
}

static int assign(struct graph *graph, struct intern *by_hash, struct intern *occurrences,
		  const uint64_t *names)
{
	uint32_t err = 0;

	for (size_t i = 0; i < graph->message_cnt && !err; i++) {
		struct message *message = &graph->messages[i];
		uint32_t class = class_of(graph, by_hash, way_of(message, names), i);

		if (class == NONE)
			return -1;
		graph->notes[i].class = class;
		graph->classes[class].cnt++;
		graph->classes[class].idle += graph__is_at_rest(graph, message);
		message->key = key_of(occurrences, graph->classes[class].hash, message->step, &err);
	}
	return err ? -1 : 0;
}

int keys__assign(struct graph *graph)
{
	struct intern by_hash = { 0 }, occurrences = { 0 };
	uint64_t names[MAX_NODES];
	int ret;

	for (uint16_t i = 0; i < MAX_NODES; i++) {
		const char *name = graph__node_name(graph, i);

		names[i] = hash_bytes(0, name, strlen(name));
	}
	ret = assign(graph, &by_hash, &occurrences, names);
	intern__free(&by_hash);
	intern__free(&occurrences);
	return ret;
}
