// SPDX-License-Identifier: GPL-2.0-only
#include "model/remains.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "model/mark.h"

/* Of a silent node it may not be asked at all. */
#define SILENT 0.5

/* The lines of one kind, in the runs of each fault set. */
struct kind {
	uint16_t node;
	uint64_t what;
	bool mark;
};

struct known {
	const struct fault_set *faults;
	double *lines; /* by kind */
};

struct remains {
	struct kind *kinds;
	size_t kind_cnt, kind_cap;
	struct known *v; /* the first: without faults */
	size_t cnt;
};

static double count(const struct course *course, const struct kind *kind)
{
	const struct deed line = {.node = kind->node, .to = NODE_OUTSIDE, .what = kind->what};
	const struct deed *deed = course__find(course, &line);

	return deed ? (deed->least + deed->most) / 2.0 : 0;
}

static int find_kinds(struct remains *remains, const struct course *course, const struct marks *marks)
{
	for (size_t i = 0; i < course->cnt; i++) {
		const struct deed *deed = &course->v[i];

		if (deed->to != NODE_OUTSIDE)
			continue;
		if (grow(&remains->kinds, &remains->kind_cap, remains->kind_cnt + 1) < 0)
			return -1;
		remains->kinds[remains->kind_cnt++] = (struct kind){
			.node = deed->node, .what = deed->what, .mark = marks__has(marks, deed)};
	}
	return 0;
}

static int add_known(struct remains *remains, const struct record *record)
{
	struct known *known = &remains->v[remains->cnt];

	known->faults = &record->faults;
	known->lines = calloc(remains->kind_cnt + 1, sizeof(*known->lines));
	if (!known->lines)
		return -1;
	remains->cnt++;
	for (size_t k = 0; k < remains->kind_cnt; k++)
		known->lines[k] = count(&record->course, &remains->kinds[k]);
	return 0;
}

static int fill(struct remains *remains, const struct record *records, size_t cnt, const struct marks *marks)
{
	for (size_t i = 0; i < cnt; i++) {
		const bool is_base = !records[i].faults.cnt;

		if (!records[i].course.runs || is_base != !remains->cnt)
			continue;
		if ((is_base && find_kinds(remains, &records[i].course, marks) < 0) ||
		    add_known(remains, &records[i]) < 0)
			return -1;
	}
	return 0;
}

struct remains *remains__new(const struct record *records, size_t cnt)
{
	struct remains *remains = calloc(1, sizeof(*remains));
	struct marks marks;
	int failed;

	if (!remains || marks__find(records, cnt, &marks) < 0) {
		free(remains);
		return NULL;
	}
	remains->v = calloc(cnt + 1, sizeof(*remains->v));
	failed = remains->v ? fill(remains, records, cnt, &marks) : -1;
	marks__free(&marks);
	if (failed) {
		remains__free(remains);
		return NULL;
	}
	return remains;
}

void remains__free(struct remains *remains)
{
	if (!remains)
		return;
	for (size_t i = 0; i < remains->cnt; i++)
		free(remains->v[i].lines);
	free(remains->v);
	free(remains->kinds);
	free(remains);
}

static bool holds(const struct fault *faults, size_t cnt, const struct fault *fault)
{
	for (size_t i = 0; i < cnt; i++)
		if (fault__equal(&faults[i], fault))
			return true;
	return false;
}

/* The largest set that was tried among @faults. */
static const struct known *largest(const struct remains *remains, const struct fault *faults, size_t cnt)
{
	const struct known *best = &remains->v[0];

	for (size_t i = 1; i < remains->cnt; i++) {
		const struct fault_set *tried = remains->v[i].faults;
		bool within = tried->cnt > best->faults->cnt;

		for (size_t k = 0; within && k < tried->cnt; k++)
			within = holds(faults, cnt, &tried->v[k]);
		if (within)
			best = &remains->v[i];
	}
	return best;
}

static const struct known *alone(const struct remains *remains, const struct fault *fault)
{
	for (size_t i = 1; i < remains->cnt; i++)
		if (remains->v[i].faults->cnt == 1 && fault__equal(&remains->v[i].faults->v[0], fault))
			return &remains->v[i];
	return NULL;
}

static double lines_of(const struct remains *remains, size_t kind, const struct known *known,
		       const struct known *const *others, size_t cnt)
{
	const double base = remains->v[0].lines[kind];
	double lines = known->lines[kind];

	for (size_t i = 0; i < cnt; i++)
		lines *= fmin(others[i]->lines[kind] / base, 1);
	return lines;
}

static bool is_silent(const struct fault *faults, size_t cnt, uint16_t node)
{
	for (size_t i = 0; i < cnt; i++)
		if (faults[i].kind == FAULT_SILENCE && faults[i].a == node)
			return true;
	return false;
}

double remains__under(const struct remains *remains, const struct fault *faults, size_t cnt,
		      double *ret_promise)
{
	const struct known *others[MAX_FAULTS], *known;
	double left[2] = {0}, base[2] = {0};
	size_t other_cnt = 0;

	*ret_promise = 1;
	if (!remains->cnt || cnt > MAX_FAULTS)
		return 1;
	known = largest(remains, faults, cnt);
	for (size_t i = 0; i < cnt; i++) {
		const struct known *other = alone(remains, &faults[i]);

		if (other && !holds(known->faults->v, known->faults->cnt, &faults[i]))
			others[other_cnt++] = other;
	}
	for (size_t k = 0; k < remains->kind_cnt; k++) {
		const bool mark = remains->kinds[k].mark;

		base[mark] += remains->v[0].lines[k];
		double lines = lines_of(remains, k, known, others, other_cnt);

		if (is_silent(faults, cnt, remains->kinds[k].node))
			lines *= mark ? 0 : SILENT;
		left[mark] += lines;
	}
	if (base[true] > 0)
		*ret_promise = fmin(left[true] / base[true], 1);
	if (base[false] <= 0)
		return 1;
	return *ret_promise > 0 ? fmin(left[false] / base[false] / *ret_promise, 1) : 1;
}
