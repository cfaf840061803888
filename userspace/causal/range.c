// SPDX-License-Identifier: GPL-2.0-only
#include "causal/range.h"

#include <stdlib.h>

#include "base/grow.h"

/* A section that does not tile after this many ranges has a hole. */
#define SECTION_MAX 64

/* Urgent bytes that lie side by side and were passed over. */
#define URGENT_MAX 64

static int by_begin(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->record < y->record ? -1 : 1;
}

static int by_end(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->record < y->record ? -1 : 1;
}

static void sort(struct ranges *ranges, int (*compare)(const void *, const void *))
{
	for (size_t i = 1; i < ranges->cnt; i++) {
		if (compare(&ranges->v[i - 1], &ranges->v[i]) <= 0)
			continue;
		qsort(ranges->v, ranges->cnt, sizeof(*ranges->v), compare);
		return;
	}
}

int ranges__collect(struct ranges *ranges, const struct moved *list, size_t cnt, uint64_t *near)
{
	uint64_t at;

	ranges->cnt = 0;
	if (grow(&ranges->v, &ranges->cap, cnt) < 0)
		return -1;
	for (size_t i = 0; i < cnt; i++) {
		if (!*near)
			*near = (1ULL << 40) + list[i].seq_end;
		at = i ? ranges->v[i - 1].end : *near;
		at += (int32_t)(list[i].seq_end - (uint32_t)at);
		ranges->v[i] = (struct range){ at - list[i].units, at, list[i].record,
					       list[i].message };
	}
	ranges->cnt = cnt;
	sort(ranges, by_begin);
	return 0;
}

void ranges__allow_for_fin(struct ranges *receives, const struct ranges *sends)
{
	struct range *last = receives->cnt ? &receives->v[receives->cnt - 1] : NULL;
	uint64_t sent_to = 0;

	if (!last)
		return;
	for (size_t i = 0; i < sends->cnt; i++)
		if (sends->v[i].end > sent_to)
			sent_to = sends->v[i].end;
	if (!sends->cnt && receives->cnt > 1)
		sent_to = last[-1].end + last->end - last->begin; /* as if it tiled */
	if (last->end != sent_to + 1)
		return;
	last->begin--;
	last->end--;
}

void ranges__allow_for_urgent(struct ranges *receives, const struct ranges *sends,
			      const struct history *history)
{
	bool late = sends->cnt && receives->cnt && receives->v[0].begin > sends->v[0].begin;
	uint64_t end, urgent_to = 0;

	if (!late && !ranges__gaps(receives))
		return;
	/* the pointer to an urgent byte has 16 bits and stops short of one that is further on, by as
	 * much as is waiting to be sent (tcp_transmit_skb) */
	for (size_t i = 0; i < sends->cnt; i++)
		if (history->records[sends->v[i].record].ret)
			urgent_to = sends->v[i].end;
	end = late ? sends->v[0].begin : receives->v[0].end;
	for (size_t i = !late; i < receives->cnt; i++) {
		struct range *range = &receives->v[i];

		if (range->begin > end && range->begin - end <= URGENT_MAX &&
		    range->begin <= urgent_to)
			range->begin = end;
		if (range->end > end)
			end = range->end;
	}
}

/* How many ranges from @first on fill [at, the furthest of their ends) when put one behind the
 * other; 0: none do, within reason. They are in the order of their ends. */
static size_t section(const struct ranges *ranges, const struct history *history, size_t first,
		      uint64_t at)
{
	uint32_t thread = history->records[ranges->v[first].record].thread;
	bool shared = false;

	for (size_t i = first; i < ranges->cnt && i < first + SECTION_MAX; i++) {
		at += ranges->v[i].end - ranges->v[i].begin;
		shared |= history->records[ranges->v[i].record].thread != thread;
		if (at != ranges->v[i].end)
			continue;
		if (i + 1 == ranges->cnt || ranges->v[i + 1].begin >= at)
			return shared ? i + 1 - first : 0;
	}
	return 0;
}

static size_t put_in_line(struct range *v, size_t cnt, uint64_t at)
{
	size_t moved = 0;

	for (size_t i = 0; i < cnt; i++) {
		uint64_t len = v[i].end - v[i].begin;

		moved += v[i].begin != at;
		v[i].begin = at;
		at += len;
		v[i].end = at;
	}
	return moved;
}

size_t ranges__repair(struct ranges *ranges, const struct history *history)
{
	size_t moved = 0, cnt;
	uint64_t at;

	if (!ranges__gaps(ranges))
		return 0;
	sort(ranges, by_end);
	at = ranges->v[0].begin;
	for (size_t i = 0; i < ranges->cnt; i++) {
		if (ranges->v[i].begin != at) {
			cnt = section(ranges, history, i, at);
			moved += put_in_line(ranges->v + i, cnt, at);
		}
		at = ranges->v[i].end;
	}
	sort(ranges, by_begin);
	return moved;
}

bool ranges__gap(const struct ranges *ranges, size_t *at, struct range *ret)
{
	uint64_t end;

	if (*at >= ranges->cnt)
		return false;
	end = ranges->v[*at].end;
	for (size_t i = *at + 1; i < ranges->cnt; i++) {
		if (ranges->v[i].begin > end) {
			*ret = (struct range){ end, ranges->v[i].begin, ranges->v[i].record };
			*at = i;
			return true;
		}
		if (ranges->v[i].end > end)
			end = ranges->v[i].end;
	}
	return false;
}

size_t ranges__gaps(const struct ranges *ranges)
{
	uint64_t end;
	size_t cnt = 0;

	if (!ranges->cnt)
		return 0;
	end = ranges->v[0].end;
	for (size_t i = 1; i < ranges->cnt; i++) {
		cnt += ranges->v[i].begin > end;
		if (ranges->v[i].end > end)
			end = ranges->v[i].end;
	}
	return cnt;
}
