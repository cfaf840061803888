// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/tried.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

struct tried *tried__find(const struct tried_table *table, const struct fault_set *faults)
{
	for (size_t i = 0; i < table->cnt; i++)
		if (fault_set__equal(&table->v[i]->faults, faults))
			return table->v[i];
	return NULL;
}

struct tried *tried__get(struct tried_table *table, const struct fault_set *faults)
{
	struct tried *tried = tried__find(table, faults);

	if (tried)
		return tried;
	tried = calloc(1, sizeof(*tried));
	if (!tried || grow(&table->v, &table->cap, table->cnt + 1)) {
		free(tried);
		return NULL;
	}
	tried->faults = *faults;
	table->v[table->cnt++] = tried;
	return tried;
}

void tried__free(struct tried_table *table)
{
	for (size_t i = 0; i < table->cnt; i++) {
		support__free(&table->v[i]->support);
		course__free(&table->v[i]->course);
		free(table->v[i]);
	}
	free(table->v);
	memset(table, 0, sizeof(*table));
}

size_t tried__cnt(const struct tried_table *table)
{
	size_t cnt = 0;

	for (size_t i = 0; i < table->cnt; i++)
		cnt += table->v[i]->faults.cnt > 0 && !table->v[i]->foretold;
	return cnt;
}

size_t tried__standing_cnt(const struct tried_table *table, enum standing standing)
{
	size_t cnt = 0;

	for (size_t i = 0; i < table->cnt; i++)
		cnt += table->v[i]->faults.cnt > 0 && !table->v[i]->foretold && table->v[i]->standing == standing;
	return cnt;
}

size_t tried__foretold_cnt(const struct tried_table *table)
{
	size_t cnt = 0;

	for (size_t i = 0; i < table->cnt; i++)
		cnt += table->v[i]->foretold;
	return cnt;
}

unsigned int tried__broken(const struct tried *tried)
{
	return tried->seen[VERDICT_VIOLATED];
}

unsigned int tried__made(const struct tried *tried)
{
	return tried->seen[VERDICT_VIOLATED] + tried->seen[VERDICT_SURVIVED];
}

bool fault_set__within(const struct fault_set *sub, const struct fault_set *set)
{
	for (size_t i = 0; i < sub->cnt; i++) {
		struct fault_set one = { 0 }, other = { 0 };
		bool found = false;

		one.v[0] = sub->v[i];
		one.cnt = other.cnt = 1;
		for (size_t k = 0; k < set->cnt && !found; k++) {
			other.v[0] = set->v[k];
			found = fault_set__equal(&one, &other);
		}
		if (!found)
			return false;
	}
	return true;
}
