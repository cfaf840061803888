// SPDX-License-Identifier: GPL-2.0-only
#include "model/mark.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum shown { SHOWN_NEVER, SHOWN_SOMETIMES, SHOWN_ALWAYS }; /* in a record's runs */

static int compare_marks(const void *x, const void *y)
{
	const struct mark *a = x, *b = y;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return a->what < b->what ? -1 : a->what > b->what;
}

static const struct mark *find(const struct marks *marks, const struct deed *deed)
{
	const struct mark wanted = {deed->node, deed->to, deed->what};

	return marks->cnt ? bsearch(&wanted, marks->v, marks->cnt, sizeof(wanted), compare_marks) : NULL;
}

bool marks__has(const struct marks *marks, const struct deed *deed)
{
	return find(marks, deed);
}

/* All that was done: what may show the promise. */
static int take_all(struct marks *marks, const struct course *course)
{
	size_t kept = 0;

	if (grow(&marks->v, &marks->cap, course->cnt + 1) < 0)
		return -1;
	for (size_t i = 0; i < course->cnt; i++)
		marks->v[i] = (struct mark){course->v[i].node, course->v[i].to, course->v[i].what};
	qsort(marks->v, course->cnt, sizeof(*marks->v), compare_marks);
	for (size_t i = 0; i < course->cnt; i++)
		if (!kept || compare_marks(&marks->v[kept - 1], &marks->v[i]))
			marks->v[kept++] = marks->v[i];
	marks->cnt = kept;
	return 0;
}

/* Where each mark was shown. What a silent node sends and logs is not heard. */
static void look(const struct record *record, const struct marks *marks, enum shown *ret)
{
	memset(ret, 0, marks->cnt * sizeof(*ret));
	for (size_t i = 0; i < record->course.cnt; i++) {
		const struct deed *deed = &record->course.v[i];
		const struct mark *mark = find(marks, deed);

		if (!mark || fault_set__silences(&record->faults, deed->node, deed->step))
			continue;
		if (deed->least > 0)
			ret[mark - marks->v] = SHOWN_ALWAYS;
		else if (ret[mark - marks->v] == SHOWN_NEVER)
			ret[mark - marks->v] = SHOWN_SOMETIMES;
	}
}

/* Keep those that tell the record's runs from runs of the other kind. */
static void sift(struct marks *marks, const struct record *record, enum shown *shown)
{
	size_t kept = 0;

	if (!record->course.runs || (record->lesson != LESSON_SURVIVED && record->lesson != LESSON_VACUOUS))
		return;
	look(record, marks, shown);
	for (size_t i = 0; i < marks->cnt; i++)
		if (shown[i] == (record->lesson == LESSON_SURVIVED ? SHOWN_ALWAYS : SHOWN_NEVER))
			marks->v[kept++] = marks->v[i];
	marks->cnt = kept;
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
	enum shown *shown;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < cnt && !first; i++)
		if (records[i].lesson == LESSON_SURVIVED && records[i].course.runs)
			first = &records[i].course;
	if (!first || !any_vacuous(records, cnt))
		return 0;
	if (take_all(ret, first) < 0)
		return -1;
	shown = calloc(ret->cnt + 1, sizeof(*shown));
	if (!shown) {
		marks__free(ret);
		return -1;
	}
	for (size_t i = 0; i < cnt && ret->cnt; i++)
		sift(ret, &records[i], shown);
	free(shown);
	return 0;
}

void marks__free(struct marks *marks)
{
	free(marks->v);
	memset(marks, 0, sizeof(*marks));
}
