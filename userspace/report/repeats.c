// SPDX-License-Identifier: GPL-2.0-only
#include "report/repeats.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "report/align.h"
#include "report/relevance.h"

static struct repeat *repeat_of(struct repeats *repeats, const struct graph *graph,
				const struct message *message)
{
	unsigned int phase = align__phase(message);
	uint32_t *slot;

	slot = intern__slot(&repeats->of_kind, hash_u64(align__look(graph, message), phase));
	if (!slot)
		return NULL;
	if (*slot == NONE) {
		if (grow(&repeats->v, &repeats->cap, repeats->cnt + 1))
			return NULL;
		*slot = (uint32_t)repeats->cnt;
		repeats->v[repeats->cnt++] = (struct repeat){ .first = UINT32_MAX };
	}
	return &repeats->v[*slot];
}

static bool counts(const struct message *message)
{
	return message__is_between_nodes(message) && message->class != MSG_ACCEPT;
}

static void mark_idle(struct repeats *repeats, const struct graph *graph, const struct message *message)
{
	uint64_t look = align__look(graph, message);

	for (unsigned int phase = 1; phase <= 2; phase++) {
		uint32_t at = intern__get(&repeats->of_kind, hash_u64(look, phase));

		if (at != NONE)
			repeats->v[at].idle = true;
	}
}

static void mark_all_idle(struct repeats *repeats, const struct graph *graph)
{
	for (size_t i = 0; i < graph__message_cnt(graph); i++)
		if (!align__phase(graph__message(graph, i)))
			mark_idle(repeats, graph, graph__message(graph, i));
}

static void count(struct repeat *repeat, const struct message *message, uint32_t id, bool bad)
{
	if (bad) {
		if (!repeat->bad++)
			repeat->first = id;
		repeat->arrived += message->delivered;
	} else if (++repeat->here > repeat->most) {
		repeat->most = repeat->here;
	}
}

int repeats__see(struct repeats *repeats, const struct graph *graph, bool bad)
{
	for (size_t i = 0; i < repeats->cnt; i++)
		repeats->v[i].here = 0;
	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);
		struct repeat *repeat;

		if (!counts(message) || !align__phase(message))
			continue;
		repeat = repeat_of(repeats, graph, message);
		if (!repeat)
			return -1;
		count(repeat, message, (uint32_t)i, bad);
	}
	mark_all_idle(repeats, graph);
	return 0;
}

/* Once more may be chance. */
static bool is_more(const struct repeat *repeat)
{
	return !repeat->idle && repeat->bad >= 2 * repeat->most && repeat->bad > repeat->most + 1;
}

static int by_excess(const void *a, const void *b)
{
	const struct repeat *x = a, *y = b;
	unsigned int dx = x->bad - x->most, dy = y->bad - y->most;

	if (dx != dy)
		return dx < dy ? 1 : -1;
	return x->first < y->first ? -1 : x->first > y->first;
}

void repeats__pick(struct repeats *repeats)
{
	size_t kept = 0;

	for (size_t i = 0; i < repeats->cnt; i++)
		if (is_more(&repeats->v[i]))
			repeats->v[kept++] = repeats->v[i];
	repeats->cnt = kept;
	intern__free(&repeats->of_kind);
	if (kept)
		qsort(repeats->v, kept, sizeof(*repeats->v), by_excess);
}

void repeats__free(struct repeats *repeats)
{
	intern__free(&repeats->of_kind);
	free(repeats->v);
	*repeats = (struct repeats){};
}
