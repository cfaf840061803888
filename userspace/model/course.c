// SPDX-License-Identifier: GPL-2.0-only
#include "model/course.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

int course__add(struct course *course, uint16_t node, uint16_t to, uint32_t step, uint64_t what)
{
	if (grow(&course->v, &course->cap, course->cnt + 1) < 0)
		return -1;
	course->v[course->cnt++] = (struct deed){
		.node = node, .to = to, .step = step, .what = what, .least = 1, .most = 1};
	return 0;
}

static int compare_deeds(const void *x, const void *y)
{
	const struct deed *a = x, *b = y;

	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return a->what < b->what ? -1 : a->what > b->what;
}

/* Count what one run did several times. */
static void sum_up(struct course *run)
{
	size_t kept = 0;

	if (run->cnt)
		qsort(run->v, run->cnt, sizeof(*run->v), compare_deeds);
	for (size_t i = 0; i < run->cnt; i++) {
		if (kept && !compare_deeds(&run->v[kept - 1], &run->v[i])) {
			run->v[kept - 1].least = ++run->v[kept - 1].most;
			continue;
		}
		run->v[kept++] = run->v[i];
	}
	run->cnt = kept;
	run->runs = 1;
}

/* The next in order of two sorted lists; either of *ret_x and *ret_y may be NULL, not both. False: the end. */
static bool next_pair(const struct course *x, const struct course *y, size_t *i, size_t *j,
		      const struct deed **ret_x, const struct deed **ret_y)
{
	const struct deed *a = *i < x->cnt ? &x->v[*i] : NULL;
	const struct deed *b = *j < y->cnt ? &y->v[*j] : NULL;
	const int order = !a ? 1 : !b ? -1 : compare_deeds(a, b);

	*ret_x = order <= 0 ? a : NULL;
	*ret_y = order >= 0 ? b : NULL;
	*i += *ret_x != NULL;
	*j += *ret_y != NULL;
	return a || b;
}

int course__join(struct course *course, struct course *run)
{
	struct course both = {.runs = course->runs + 1};
	const struct deed *a, *b;
	size_t i = 0, j = 0;

	sum_up(run);
	if (!course->runs) {
		course__free(course);
		*course = *run;
		memset(run, 0, sizeof(*run));
		return 0;
	}
	while (next_pair(course, run, &i, &j, &a, &b)) {
		struct deed deed = a ? *a : *b;

		if (!a || !b)
			deed.least = 0;
		else if (b->most < deed.least)
			deed.least = b->most;
		if (a && b && b->most > deed.most)
			deed.most = b->most;
		if (grow(&both.v, &both.cap, both.cnt + 1) < 0) {
			course__free(&both);
			return -1;
		}
		both.v[both.cnt++] = deed;
	}
	course__free(run);
	course__free(course);
	*course = both;
	return 0;
}

int course__copy(const struct course *course, struct course *ret)
{
	struct course copy = {.runs = course->runs, .cnt = course->cnt};

	if (grow(&copy.v, &copy.cap, course->cnt + 1) < 0)
		return -1;
	if (course->cnt)
		memcpy(copy.v, course->v, course->cnt * sizeof(*copy.v));
	*ret = copy;
	return 0;
}

void course__free(struct course *course)
{
	free(course->v);
	memset(course, 0, sizeof(*course));
}

const struct deed *course__find(const struct course *course, const struct deed *deed)
{
	return course->cnt ? bsearch(deed, course->v, course->cnt, sizeof(*deed), compare_deeds) : NULL;
}

void course__compare(const struct course *a, const struct course *b,
		     void (*differs)(void *ctx, const struct deed *deed), void *ctx)
{
	const struct deed *x, *y;
	size_t i = 0, j = 0;

	while (next_pair(a, b, &i, &j, &x, &y)) {
		const uint32_t x_least = x ? x->least : 0, x_most = x ? x->most : 0;
		const uint32_t y_least = y ? y->least : 0, y_most = y ? y->most : 0;

		if (x_most < y_least || y_most < x_least)
			differs(ctx, x ? x : y);
	}
}
