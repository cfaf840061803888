// SPDX-License-Identifier: GPL-2.0-only
#include "model/level.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

double level__floor(const struct level *level)
{
	return level->cnt < level->max ? -1 : level->v[0].score;
}

static int best_first(const void *x, const void *y)
{
	const struct kept *a = x, *b = y;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static bool is_worse(const struct kept *x, const struct kept *y)
{
	return best_first(x, y) > 0;
}

static void put_at_end(struct level *level, const struct kept *kept)
{
	size_t at = level->cnt++;

	for (; at > 0 && is_worse(kept, &level->v[(at - 1) / 2]); at = (at - 1) / 2)
		level->v[at] = level->v[(at - 1) / 2];
	level->v[at] = *kept;
}

/* In place of the worst. */
static void put_on_top(struct level *level, const struct kept *kept)
{
	size_t at = 0;

	for (size_t child; (child = 2 * at + 1) < level->cnt; at = child) {
		if (child + 1 < level->cnt && is_worse(&level->v[child + 1], &level->v[child]))
			child++;
		if (is_worse(kept, &level->v[child]))
			break;
		level->v[at] = level->v[child];
	}
	level->v[at] = *kept;
}

int level__offer(struct level *level, const struct scored *scored)
{
	struct kept kept = { .score = scored->score, .order = level->offered++, .at = level->cnt };
	const bool full = level->cnt == level->max;

	assert(!level->sorted && (!level->cnt || level->cost == scored->cnt));
	if (!level->max || scored->score <= level__floor(level))
		return 0;
	level->cost = scored->cnt;
	if (full)
		kept.at = level->v[0].at;
	else if (grow(&level->v, &level->cap, level->cnt + 1) < 0 ||
		 grow(&level->picks, &level->pick_cap, (level->cnt + 1) * level->cost) < 0)
		return -1;
	if (scored->cnt)
		memcpy(level->picks + kept.at * level->cost, scored->picks, scored->cnt * sizeof(*scored->picks));
	if (scored->score > level->best)
		level->best = scored->score;
	if (full)
		put_on_top(level, &kept);
	else
		put_at_end(level, &kept);
	return 0;
}

static void sort(struct level *level)
{
	if (level->cnt && !level->sorted)
		qsort(level->v, level->cnt, sizeof(*level->v), best_first);
	level->sorted = true;
}

static void unpack(struct level *level, struct scored *ret)
{
	const struct kept *kept = &level->v[level->taken++];

	ret->score = kept->score;
	ret->cnt = level->cost;
	if (level->cost)
		memcpy(ret->picks, level->picks + kept->at * level->cost, level->cost * sizeof(*ret->picks));
}

bool levels__take(struct level *levels, double factor, struct scored *ret)
{
	struct level *first = NULL;
	double best = 0;

	for (size_t cost = 0; cost < LEVELS; cost++) {
		struct level *level = &levels[cost];
		double score;

		sort(level);
		if (level->taken == level->cnt)
			continue;
		score = level->v[level->taken].score;
		if (!first || score >= factor * best)
			first = level;
		if (score > best)
			best = score;
	}
	if (first)
		unpack(first, ret);
	return first;
}

void levels__free(struct level *levels)
{
	for (size_t cost = 0; cost < LEVELS; cost++) {
		free(levels[cost].v);
		free(levels[cost].picks);
	}
	memset(levels, 0, LEVELS * sizeof(*levels));
}
