// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/strategy.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

#define DRAWS 10000 /* until chance gives up finding something new */

struct strategy {
	bool random;
	struct model_opts opts;
	uint32_t last_step;
	uint64_t state; /* splitmix64 */
	struct fault *units;
	size_t cnt, cap;
	size_t at[MAX_FAULTS]; /* the next combination, indices that grow */
	size_t size;	       /* of it; 0: none left */
};

static uint64_t draw(struct strategy *strategy, uint64_t below)
{
	uint64_t z = strategy->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (z ^ (z >> 31)) % below;
}

static int add_unit(struct strategy *strategy, enum fault_kind kind, uint16_t a, uint16_t b,
		    uint32_t from)
{
	if (grow(&strategy->units, &strategy->cap, strategy->cnt + 1))
		return -1;
	strategy->units[strategy->cnt++] =
		(struct fault){ .kind = kind, .a = a, .b = b, .from = from,
				.delay_ns = strategy->opts.delay_ns };
	/* without lineage no port and no class is known: the stream of the first message */
	if (kind == FAULT_STALL)
		strategy->units[strategy->cnt - 1].selector.nth = 1;
	return 0;
}

/* One fault for each onset, and check.0 where the kind may begin there. */
static int add_onsets(struct strategy *strategy, enum fault_kind kind, uint16_t a, uint16_t b)
{
	const struct model_opts *opts = &strategy->opts;

	for (uint32_t s = opts->from; s <= strategy->last_step; s++) {
		if (kind != FAULT_SILENCE && s >= opts->until)
			return 0;
		if (add_unit(strategy, kind, a, b, s))
			return -1;
	}
	return kind == FAULT_SILENCE ? add_unit(strategy, kind, a, b, NOW_CHECK) : 0;
}

static bool is_spared(const struct strategy *strategy, uint16_t node)
{
	return strategy->opts.spare_nodes >> node & 1;
}

static int add_pairs(struct strategy *strategy, uint16_t a)
{
	const int *max = strategy->opts.budget.max;
	int bad = 0;

	for (uint16_t b = 1; b <= strategy->opts.node_cnt; b++) {
		if (b == a || is_spared(strategy, b))
			continue;
		if (max[FAULT_LINK])
			bad |= add_onsets(strategy, FAULT_LINK, a, b);
		if (max[FAULT_PARTITION] && a < b)
			bad |= add_onsets(strategy, FAULT_PARTITION, a, b);
		if (max[FAULT_LOSS])
			bad |= add_onsets(strategy, FAULT_LOSS, a, b);
		if (max[FAULT_STALL])
			bad |= add_onsets(strategy, FAULT_STALL, a, b);
	}
	return bad;
}

static int add_units(struct strategy *strategy)
{
	int bad = 0;

	for (uint16_t a = 1; a <= strategy->opts.node_cnt; a++) {
		if (is_spared(strategy, a))
			continue;
		if (strategy->opts.budget.max[FAULT_SILENCE])
			bad |= add_onsets(strategy, FAULT_SILENCE, a, 0);
		bad |= add_pairs(strategy, a);
	}
	return bad;
}

struct strategy *strategy__new(bool random, const struct model_opts *opts, uint32_t last_step)
{
	struct strategy *strategy = calloc(1, sizeof(*strategy));

	if (!strategy)
		return NULL;
	strategy->random = random;
	strategy->opts = *opts;
	strategy->last_step = last_step;
	strategy->state = opts->seed;
	if (add_units(strategy)) {
		strategy__free(strategy);
		return NULL;
	}
	strategy->size = strategy->cnt > 0;
	return strategy;
}

static size_t largest(const struct strategy *strategy)
{
	const struct budget *budget = &strategy->opts.budget;
	size_t sum = 0;

	for (int kind = 0; kind < FAULT_KINDS; kind++)
		sum += budget->max[kind] < 0 ? MAX_FAULTS : (size_t)budget->max[kind];
	if (budget->total >= 0 && sum > (size_t)budget->total)
		sum = (size_t)budget->total;
	if (sum > MAX_FAULTS)
		sum = MAX_FAULTS;
	return sum < strategy->cnt ? sum : strategy->cnt;
}

/* Make the set of those units; false where the budget forbids it or two are the same but for their
 * onsets. */
static bool make_set(const struct strategy *strategy, const size_t *at, size_t size,
		     struct fault_set *ret)
{
	int used[FAULT_KINDS] = { 0 };

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < size; i++) {
		const struct fault *fault = &strategy->units[at[i]];
		int max = strategy->opts.budget.max[fault->kind];

		if (max >= 0 && ++used[fault->kind] > max)
			return false;
		for (size_t k = 0; k < ret->cnt; k++)
			if (fault->kind != FAULT_LOSS && ret->v[k].kind == fault->kind && ret->v[k].a == fault->a &&
			    ret->v[k].b == fault->b)
				return false;
		if (fault_set__add(ret, fault))
			return false;
	}
	return true;
}

/* Step to the next combination: the last index that can grow does. */
static void advance(struct strategy *strategy)
{
	size_t i = strategy->size;

	while (i && strategy->at[i - 1] == strategy->cnt - strategy->size + i - 1)
		i--;
	if (i) {
		strategy->at[i - 1]++;
		for (; i < strategy->size; i++)
			strategy->at[i] = strategy->at[i - 1] + 1;
		return;
	}
	if (++strategy->size > largest(strategy)) {
		strategy->size = 0;
		return;
	}
	for (i = 0; i < strategy->size; i++)
		strategy->at[i] = i;
}

static int next_in_order(struct strategy *strategy, const struct tried_table *tried,
			 struct fault_set *ret)
{
	while (strategy->size) {
		bool good = make_set(strategy, strategy->at, strategy->size, ret);

		advance(strategy);
		if (good && !tried__find(tried, ret))
			return 1;
	}
	return 0;
}

static int next_by_chance(struct strategy *strategy, const struct tried_table *tried,
			  struct fault_set *ret)
{
	size_t most = largest(strategy), at[MAX_FAULTS];

	for (int draws = 0; most && draws < DRAWS; draws++) {
		size_t size = 1 + draw(strategy, most);

		for (size_t i = 0; i < size; i++)
			at[i] = draw(strategy, strategy->cnt);
		if (make_set(strategy, at, size, ret) && !tried__find(tried, ret))
			return 1;
	}
	/* nearly all is tried: what is left is found in order, so that 0 is the truth */
	return next_in_order(strategy, tried, ret);
}

int strategy__next(struct strategy *strategy, const struct tried_table *tried,
		   struct fault_set *ret)
{
	if (strategy->random)
		return next_by_chance(strategy, tried, ret);
	return next_in_order(strategy, tried, ret);
}

size_t strategy__unit_cnt(const struct strategy *strategy)
{
	return strategy->cnt;
}

void strategy__free(struct strategy *strategy)
{
	if (!strategy)
		return;
	free(strategy->units);
	free(strategy);
}
