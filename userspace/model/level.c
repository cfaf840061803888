// SPDX-License-Identifier: GPL-2.0-only
#include "model/level.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

double level__floor(const struct level *level)
{
	return level->cnt < level->max ? -1 : level->v[level->cnt - 1].score;
}

int level__offer(struct level *level, const struct scored *scored)
{
	size_t at;

	if (scored->score <= level__floor(level))
		return 0;
	if (level->cnt == level->max)
		level->cnt--;
	if (grow(&level->v, &level->cap, level->cnt + 1) < 0)
		return -1;
	for (at = level->cnt; at > 0 && level->v[at - 1].score < scored->score; at--)
		level->v[at] = level->v[at - 1];
	level->v[at] = *scored;
	level->cnt++;
	return 0;
}

const struct scored *levels__take(struct level *levels, double factor)
{
	struct level *first = NULL;
	double best = 0;

	for (size_t cost = 0; cost < LEVELS; cost++) {
		struct level *level = &levels[cost];
		double score;

		if (level->taken == level->cnt)
			continue;
		score = level->v[level->taken].score;
		if (!first || score >= factor * best)
			first = level;
		if (score > best)
			best = score;
	}
	return first ? &first->v[first->taken++] : NULL;
}

void levels__free(struct level *levels)
{
	for (size_t cost = 0; cost < LEVELS; cost++)
		free(levels[cost].v);
	memset(levels, 0, LEVELS * sizeof(*levels));
}
