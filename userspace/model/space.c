// SPDX-License-Identifier: GPL-2.0-only
#include "model/space.h"

#include <string.h>

#include "model/variable.h"

void space__init(struct space *space)
{
	memset(space, 0, sizeof(*space));
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		space->ways[kind][0] = 1;
}

void space__add(struct space *space, enum fault_kind kind, size_t onsets)
{
	double *ways = space->ways[kind];

	for (size_t n = MAX_FAULTS; n > 0; n--)
		ways[n] += ways[n - 1] * (double)onsets;
	space->faults[kind]++;
}

static bool is_spared(const struct model_opts *opts, uint16_t node)
{
	return opts->spare_nodes >> node & 1;
}

static void add_pair(struct space *space, const struct model_opts *opts, uint16_t a, uint16_t b)
{
	static const enum fault_kind kinds[] = { FAULT_LINK, FAULT_PARTITION, FAULT_LOSS };

	for (size_t i = 0; i < 3; i++)
		if (opts->budget.max[kinds[i]] && (kinds[i] != FAULT_PARTITION || a < b))
			space__add(space, kinds[i], 1);
}

void space__of_nodes(struct space *ret, const struct model_opts *opts)
{
	space__init(ret);
	for (uint16_t a = 1; a <= opts->node_cnt; a++) {
		if (is_spared(opts, a))
			continue;
		if (opts->budget.max[FAULT_SILENCE])
			space__add(ret, FAULT_SILENCE, 1);
		for (uint16_t b = 1; b <= opts->node_cnt; b++)
			if (b != a && !is_spared(opts, b))
				add_pair(ret, opts, a, b);
	}
}

int space__of_messages(struct space *ret, const struct model_opts *opts, const struct support *seen)
{
	struct variables *vars = variables__new(opts);
	int bad = vars ? 0 : -1;

	space__init(ret);
	for (size_t i = 0; vars && i < seen->cnt; i++)
		variables__see_step(vars, seen->v[i].step);
	for (size_t i = 0; !bad && i < seen->cnt; i++)
		bad = variables__see_member(vars, &seen->v[i]);
	for (size_t i = 0; !bad && i < vars->cnt; i++)
		space__add(ret, vars->v[i].kind, vars->v[i].cnt);
	variables__free(vars);
	return bad;
}

double space__sets(const struct space *space, const struct budget *budget)
{
	double ways[MAX_FAULTS + 1] = { 1 }, sum = 0;
	const size_t total = budget->total < 0 || budget->total > MAX_FAULTS ? MAX_FAULTS : (size_t)budget->total;

	for (int kind = 0; kind < FAULT_KINDS; kind++) {
		const size_t max = budget->max[kind] < 0 ? MAX_FAULTS : (size_t)budget->max[kind];

		/* from the largest: each reads only what this kind has not been added to */
		for (size_t n = total; n > 0; n--)
			for (size_t of = 1; of <= n && of <= max; of++)
				ways[n] += ways[n - of] * space->ways[kind][of];
	}
	for (size_t n = 1; n <= total; n++)
		sum += ways[n];
	return sum;
}
