// SPDX-License-Identifier: GPL-2.0-only
#include "model/promise.h"

#include <math.h>

#include "model/influence.h"

/* The promise was made without it; with other faults it may be needed. */
#define CLEARED 0.05f

static bool takes(const struct record *record, const struct support_member *member, uint32_t heal)
{
	for (size_t i = 0; i < record->faults.cnt; i++)
		if (fault__covers(&record->faults.v[i], member->src, member->dst, member->step, heal))
			return true;
	return false;
}

static bool was_made(const struct record *record)
{
	return record->lesson == LESSON_SURVIVED || record->lesson == LESSON_VIOLATED;
}

static void clear(struct record *record, const struct record *records, size_t cnt, uint32_t heal)
{
	for (size_t m = 0; m < record->support.cnt; m++) {
		struct support_member *member = &record->support.v[m];
		struct weight *weight = &record->weights[m];

		weight->cleared = false;
		member->promise = weight->promise;
		for (size_t i = 0; i < cnt && !weight->cleared; i++)
			weight->cleared = was_made(&records[i]) && takes(&records[i], member, heal);
		if (weight->cleared)
			member->promise = fminf(member->promise, CLEARED);
	}
}

/* The fewer they are, the more each is suspected. */
static void suspect(struct record *record, const struct record *vacuous, uint32_t heal)
{
	unsigned int cnt = 0;

	for (size_t m = 0; m < record->support.cnt; m++)
		cnt += !record->weights[m].cleared && takes(vacuous, &record->support.v[m], heal);
	for (size_t m = 0; m < record->support.cnt; m++) {
		struct support_member *member = &record->support.v[m];

		if (!record->weights[m].cleared && takes(vacuous, member, heal))
			member->promise = fmaxf(member->promise, 1.0f / (float)cnt);
	}
}

void promise__weigh(struct record *records, size_t cnt, uint32_t heal)
{
	if (!influence__watched(records, cnt))
		return;
	for (size_t i = 0; i < cnt; i++) {
		if (records[i].lesson != LESSON_SURVIVED)
			continue;
		clear(&records[i], records, cnt, heal);
		for (size_t k = 0; k < cnt; k++)
			if (records[k].lesson == LESSON_VACUOUS)
				suspect(&records[i], &records[k], heal);
	}
}
