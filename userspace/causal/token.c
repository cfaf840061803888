// SPDX-License-Identifier: GPL-2.0-only
#include "causal/token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "causal/inside.h"

/* A word in more messages than this is vocabulary; from half of it on it counts less and less. */
#define TOKEN_RARE_MAX 64
#define TOKEN_RARE_FULL 24

/* A list of (message, token), packed so that sorting is by message. */
struct uses {
	uint64_t *v;
	size_t cnt, cap;
};

static bool is_word(uint8_t c)
{
	return isalnum(c) || c == '_';
}

size_t token__next(const uint8_t *text, size_t len, size_t *at, const uint8_t **ret)
{
	size_t begin, end = *at;

	for (;;) {
		for (begin = end; begin < len && !is_word(text[begin]); begin++)
			;
		for (end = begin; end < len && is_word(text[end]); end++)
			;
		if (begin == len)
			break;
		if (end - begin < TOKEN_MIN_BYTES)
			continue;
		*at = end;
		*ret = text + begin;
		return end - begin < TOKEN_MAX_BYTES ? end - begin : TOKEN_MAX_BYTES;
	}
	*at = len;
	return 0;
}

static size_t digits_of(const uint8_t *word, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++)
		digits += isdigit(word[i]) != 0;
	return digits;
}

bool token__is_number(const uint8_t *word, size_t len)
{
	return digits_of(word, len) == len;
}

float token__strength(const uint8_t *word, size_t len)
{
	if (token__is_number(word, len))
		return 0.5;
	if (digits_of(word, len))
		return 1;
	return len < 12 ? 0.4 : 0.8;
}

static uint32_t token_of(struct tokens *tokens, const uint8_t *word, size_t len)
{
	uint32_t *slot = intern__slot(&tokens->by_hash, hash_bytes(0, word, len));

	if (!slot)
		return NONE;
	if (*slot != NONE)
		return *slot;
	if (grow(&tokens->v, &tokens->cap, tokens->cnt + 1) < 0)
		return NONE;
	tokens->v[tokens->cnt] = (struct token){ .weight = token__strength(word, len),
						      .number = token__is_number(word, len) };
	*slot = tokens->cnt++;
	return *slot;
}

static int add_words(struct graph *graph, struct uses *uses, uint32_t message, size_t record)
{
	const struct record *whole = &graph->history.records[record];
	size_t at = 0, len;
	const uint8_t *text, *word;
	uint16_t text_len;
	uint32_t token;

	text = history__payload(&graph->history, record, &text_len);
	while (text && (len = token__next(text, text_len, &at, &word))) {
		/* the recorded prefix ends within this word */
		if (word + len == text + text_len && text_len < whole->len)
			break;
		token = token_of(&graph->tokens, word, len);
		if (token == NONE || grow(&uses->v, &uses->cap, uses->cnt + 1) < 0)
			return -1;
		uses->v[uses->cnt++] = (uint64_t)message << 32 | token;
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int collect(struct graph *graph, struct uses *uses)
{
	const struct history *history = &graph->history;
	size_t kept = 0;

	for (size_t i = 0; i < history->record_cnt; i++)
		if (history->records[i].kind == EV_SEND && history->records[i].message != NONE &&
		    add_words(graph, uses, history->records[i].message, i) < 0)
			return -1;
	if (uses->cnt)
		qsort(uses->v, uses->cnt, sizeof(*uses->v), by_value);
	for (size_t i = 0; i < uses->cnt; i++)
		if (!kept || uses->v[i] != uses->v[kept - 1])
			uses->v[kept++] = uses->v[i];
	uses->cnt = kept;
	return 0;
}

static int allocate(struct tokens *tokens, size_t uses, size_t messages)
{
	tokens->carriers = malloc((uses + 1) * sizeof(*tokens->carriers));
	tokens->of_message = malloc((uses + 1) * sizeof(*tokens->of_message));
	tokens->at = calloc(messages + 2, sizeof(*tokens->at));
	return tokens->carriers && tokens->of_message && tokens->at ? 0 : -1;
}

static void list_both_ways(struct tokens *tokens, const struct uses *uses, size_t messages)
{
	uint32_t begin = 0;

	for (size_t i = 0; i < uses->cnt; i++) {
		tokens->at[(uses->v[i] >> 32) + 1]++;
		tokens->v[(uint32_t)uses->v[i]].cnt++;
	}
	for (size_t i = 1; i <= messages; i++)
		tokens->at[i] += tokens->at[i - 1];
	for (size_t i = 0; i < tokens->cnt; i++) {
		tokens->v[i].begin = begin;
		begin += tokens->v[i].cnt;
		tokens->v[i].cnt = 0;
	}
	for (size_t i = 0; i < uses->cnt; i++) {
		struct token *token = &tokens->v[(uint32_t)uses->v[i]];

		tokens->of_message[i] = (uint32_t)uses->v[i];
		tokens->carriers[token->begin + token->cnt++] = uses->v[i] >> 32;
	}
}

/* What is said before the workload, or by many, is vocabulary. */
static void weigh(struct graph *graph)
{
	struct tokens *tokens = &graph->tokens;

	for (size_t i = 0; i < tokens->cnt; i++) {
		struct token *token = &tokens->v[i];
		uint32_t first = tokens->carriers[token->begin];

		if (token->cnt > TOKEN_RARE_MAX || graph__is_idle(graph, &graph->messages[first]))
			token->weight = 0;
		else if (token->cnt > TOKEN_RARE_FULL)
			token->weight *= (float)TOKEN_RARE_FULL / token->cnt;
	}
}

int tokens__build(struct graph *graph)
{
	struct uses uses = { 0 };
	int ret = -1;

	if (!graph->history.text_bytes)
		return 0;
	if (collect(graph, &uses) == 0 &&
	    allocate(&graph->tokens, uses.cnt, graph->message_cnt) == 0) {
		list_both_ways(&graph->tokens, &uses, graph->message_cnt);
		weigh(graph);
		ret = 0;
	}
	free(uses.v);
	return ret;
}

void tokens__free(struct tokens *tokens)
{
	free(tokens->v);
	intern__free(&tokens->by_hash);
	free(tokens->carriers);
	free(tokens->at);
	free(tokens->of_message);
}
