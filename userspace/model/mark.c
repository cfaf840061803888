// SPDX-License-Identifier: GPL-2.0-only
#include "model/mark.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

static bool is_mark(const struct mark *mark, const struct deed *deed)
{
	return mark->node == deed->node && mark->to == deed->to && mark->what == deed->what;
}

bool marks__has(const struct marks *marks, const struct deed *deed)
{
	for (size_t i = 0; i < marks->cnt; i++)
		if (is_mark(&marks->v[i], deed))
			return true;
	return false;
}

/* Did all runs show it, did any? What a silent node sends and logs is not heard. */
static void look(const struct record *record, const struct mark *mark, bool *ret_all, bool *ret_any)
{
	*ret_all = *ret_any = false;
	for (size_t i = 0; i < record->course.cnt; i++) {
		const struct deed *deed = &record->course.v[i];

		if (!is_mark(mark, deed) || fault_set__silences(&record->faults, deed->node, deed->step))
			continue;
		*ret_all |= deed->least > 0;
		*ret_any = true;
	}
}

static bool tells(const struct record *records, size_t cnt, const struct mark *mark)
{
	for (size_t i = 0; i < cnt; i++) {
		bool all, any;

		if (!records[i].course.runs)
			continue;
		look(&records[i], mark, &all, &any);
		if ((records[i].lesson == LESSON_SURVIVED && !all) ||
		    (records[i].lesson == LESSON_VACUOUS && any))
			return false;
	}
	return true;
}

static bool any_vacuous(const struct record *records, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		if (records[i].lesson == LESSON_VACUOUS && records[i].course.runs)
			return true;
	return false;
}

int marks__find(const struct record *records, size_t cnt, struct marks *ret)
{
	const struct course *first = NULL;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < cnt && !first; i++)
		if (records[i].lesson == LESSON_SURVIVED && records[i].course.runs)
			first = &records[i].course;
	if (!first || !any_vacuous(records, cnt))
		return 0;
	for (size_t i = 0; i < first->cnt; i++) {
		const struct deed *deed = &first->v[i];
		const struct mark mark = {deed->node, deed->to, deed->what};

		if (marks__has(ret, deed) || !tells(records, cnt, &mark))
			continue;
		if (grow(&ret->v, &ret->cap, ret->cnt + 1) < 0) {
			marks__free(ret);
			return -1;
		}
		ret->v[ret->cnt++] = mark;
	}
	return 0;
}

void marks__free(struct marks *marks)
{
	free(marks->v);
	memset(marks, 0, sizeof(*marks));
}
