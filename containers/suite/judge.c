// SPDX-License-Identifier: GPL-2.0-only
#include "judge.h"

#include <string.h>

static bool counts(const struct logs *logs, size_t line)
{
	return !(logs->silenced >> logs->line[line].node & 1);
}

/* The first line, from @at on, that begins with @word; `cnt`: none. */
static size_t find(const struct logs *logs, const char *word, size_t at)
{
	while (at < logs->cnt &&
	       (!counts(logs, at) || strncmp(logs->line[at].text, word, strlen(word))))
		at++;
	return at;
}

static bool any(const struct logs *logs, const char *word)
{
	return find(logs, word, 0) < logs->cnt;
}

static size_t nodes_with(const struct logs *logs, const char *word)
{
	unsigned int nodes = 0;

	for (size_t i = find(logs, word, 0); i < logs->cnt; i = find(logs, word, i + 1))
		nodes |= 1U << logs->line[i].node;
	return (size_t)__builtin_popcount(nodes);
}

/* Delivery: one besides the first node has it; then all have it. */
static bool someone_has(const struct logs *logs)
{
	for (size_t i = find(logs, "has", 0); i < logs->cnt; i = find(logs, "has", i + 1))
		if (logs->line[i].node)
			return true;
	return false;
}

static bool all_have(const struct logs *logs)
{
	return (int)nodes_with(logs, "has") == logs->nodes - __builtin_popcount(logs->silenced);
}

/* Commit: whoever prepared is not left alone, and no two decide differently. */
static bool prepared(const struct logs *logs)
{
	return any(logs, "prepared");
}

static bool decided(const struct logs *logs)
{
	return any(logs, "decides");
}

static bool decided_alike(const struct logs *logs)
{
	size_t first = find(logs, "decides", 0);

	for (size_t i = first; i < logs->cnt; i = find(logs, "decides", i + 1))
		if (strcmp(logs->line[i].text, logs->line[first].text))
			return false;
	return true;
}

static bool two_decided(const struct logs *logs)
{
	return nodes_with(logs, "decides") >= 2 && decided_alike(logs);
}

/* Writes: what was acknowledged is stored where it was promised to be. */
static bool acknowledged(const struct logs *logs)
{
	return any(logs, "acknowledged");
}

static bool stored(const struct logs *logs, const char *write, int from)
{
	for (size_t i = find(logs, "stores", 0); i < logs->cnt; i = find(logs, "stores", i + 1))
		if (logs->line[i].node >= from && !strcmp(strchr(logs->line[i].text, ' '), write))
			return true;
	return false;
}

static bool all_stored(const struct logs *logs, int from)
{
	for (size_t i = find(logs, "acknowledged", 0); i < logs->cnt;
	     i = find(logs, "acknowledged", i + 1))
		if (!stored(logs, strchr(logs->line[i].text, ' '), from))
			return false;
	return true;
}

static bool all_replicated(const struct logs *logs)
{
	return all_stored(logs, 0);
}

static bool all_backed_up(const struct logs *logs)
{
	return all_stored(logs, 1);
}

static bool has_data(const struct logs *logs)
{
	return any(logs, "has data");
}

static bool has_schema(const struct logs *logs)
{
	return any(logs, "has schema");
}

static bool initialised(const struct logs *logs)
{
	return any(logs, "initialised");
}

static bool complete(const struct logs *logs)
{
	return any(logs, "complete");
}

static const struct judgement judgements[] = {
	{"delivery", someone_has, all_have},	    {"termination", prepared, two_decided},
	{"agreement", decided, decided_alike},	    {"replicated", acknowledged, all_replicated},
	{"backed-up", acknowledged, all_backed_up}, {"schema", has_data, has_schema},
	{"worker", initialised, complete},
};

const struct judgement *judgement__find(const char *name)
{
	for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++)
		if (!strcmp(judgements[i].name, name))
			return &judgements[i];
	return NULL;
}
