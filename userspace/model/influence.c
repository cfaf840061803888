// SPDX-License-Identifier: GPL-2.0-only
#include "model/influence.h"

#include <math.h>
#include <stdlib.h>

#include "base/grow.h"
#include "model/mark.h"

/* Nothing followed from it where it was taken, or nobody logged otherwise; in another fault set's way of things
 * something may. */
#define NO_EFFECT 0.1f
#define NO_EFFECT_ELSEWHERE 0.2f
/* What a member is worth at most when something that the outcome rests on changed with it. */
#define EFFECT 0.5f
#define EFFECT_ELSEWHERE 0.25f
#define LEAST 0.001f
#define UNTESTED 0.12f /* no experiment took it yet: that would tell */

/* A link in a step. */
struct spot {
	uint32_t step;
	uint16_t src, dst;
};

struct spots {
	struct spot *v; /* in the order of a support's members */
	size_t cnt, cap;
};

/* Two fault sets, the larger first, and what set their runs apart. */
struct comparison {
	const struct record *with, *without;
	const struct marks *marks;
	uint32_t heal;
	struct spots cut;  /* taken by the one, not by the other */
	struct spots sent; /* otherwise, but for marks */
	bool any;	   /* something changed */
	bool lines;	   /* what nodes logged did, */
	bool other_lines;  /* and not marks alone */
	bool promise;	   /* a mark did */
	bool failed;
};

static int compare_spots(const void *x, const void *y)
{
	const struct spot *a = x, *b = y;

	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->src != b->src)
		return a->src < b->src ? -1 : 1;
	return a->dst < b->dst ? -1 : a->dst > b->dst;
}

static int compare_to(const struct support_member *member, const struct spot *spot)
{
	const struct spot of_member = {member->step, member->src, member->dst};

	return compare_spots(&of_member, spot);
}

/* The same spot many times in a row is kept once. */
static void keep(struct comparison *c, struct spots *spots, const struct deed *deed)
{
	const struct spot spot = {deed->step, deed->node, deed->to};

	if (spots->cnt && !compare_spots(&spots->v[spots->cnt - 1], &spot))
		return;
	if (grow(&spots->v, &spots->cap, spots->cnt + 1) < 0) {
		c->failed = true;
		return;
	}
	spots->v[spots->cnt++] = spot;
}

static bool covers(const struct fault_set *faults, uint16_t src, uint16_t dst, uint32_t step, uint32_t heal)
{
	for (size_t i = 0; i < faults->cnt; i++)
		if (fault__covers(&faults->v[i], src, dst, step, heal))
			return true;
	return false;
}

static void take_cut(struct comparison *c, const struct course *course)
{
	for (size_t i = 0; i < course->cnt; i++) {
		const struct deed *deed = &course->v[i];

		if (deed->to != NODE_OUTSIDE && deed->node != deed->to &&
		    covers(&c->with->faults, deed->node, deed->to, deed->step, c->heal) &&
		    !covers(&c->without->faults, deed->node, deed->to, deed->step, c->heal))
			keep(c, &c->cut, deed);
	}
}

static void unite(struct spots *spots)
{
	size_t kept = 0;

	if (spots->cnt)
		qsort(spots->v, spots->cnt, sizeof(*spots->v), compare_spots);
	for (size_t i = 0; i < spots->cnt; i++)
		if (!kept || compare_spots(&spots->v[kept - 1], &spots->v[i]))
			spots->v[kept++] = spots->v[i];
	spots->cnt = kept;
}

/* What a silent node does is nothing to anybody. */
static void take_changed(void *ctx, const struct deed *deed)
{
	struct comparison *c = ctx;
	const bool is_line = deed->to == NODE_OUTSIDE, is_mark = marks__has(c->marks, deed);

	if (fault_set__silences(&c->with->faults, deed->node, deed->step))
		return;
	c->any = true;
	c->lines |= is_line;
	c->promise |= is_mark;
	if (is_line)
		c->other_lines |= !is_mark;
	else if (!is_mark)
		keep(c, &c->sent, deed);
}

/* How much of what changed @record's outcome rested on: a line that is logged is part of it. */
static float strength(const struct comparison *c, const struct record *record)
{
	const struct support *support = &record->support;
	float best = 0;

	if (c->other_lines && support__has_logs(support))
		return 1;
	for (size_t i = 0, m = 0; i < c->sent.cnt && m < support->cnt; i++) {
		while (m < support->cnt && compare_to(&support->v[m], &c->sent.v[i]) < 0)
			m++;
		for (; m < support->cnt && !compare_to(&support->v[m], &c->sent.v[i]); m++)
			if (support->v[m].confidence > best)
				best = support->v[m].confidence;
	}
	return best;
}

static void weigh_member(const struct comparison *c, struct record *record, size_t index, bool same, float part)
{
	struct support_member *member = &record->support.v[index];
	struct weight *weight = &record->weights[index];

	weight->tested = true;
	if (!c->any || (!c->lines && support__has_logs(&record->support)))
		weight->factor = fminf(weight->factor, same ? NO_EFFECT : NO_EFFECT_ELSEWHERE);
	weight->least = fmaxf(weight->least, part);
	if (c->promise)
		member->promise = fmaxf(member->promise,
					(same ? EFFECT : EFFECT_ELSEWHERE) / (float)c->cut.cnt);
}

/* What is sent in the same step by the same node, or to the same one, is likely to matter as much. */
static void weigh_kin(struct record *record, size_t first, size_t end, const struct spot *spots, size_t cnt,
		      float part)
{
	for (size_t m = first; m < end; m++) {
		const struct support_member *kin = &record->support.v[m];

		for (size_t i = 0; i < cnt && record->weights[m].kin < part; i++)
			if (kin->dst == spots[i].dst || kin->src == spots[i].src)
				record->weights[m].kin = part;
	}
}

/* All that was taken in one step. */
static void weigh_step(const struct comparison *c, struct record *record, const struct spot *spots, size_t cnt,
		       bool same, float part)
{
	const struct support *support = &record->support;
	const size_t first = support__place(support, 0, 0, spots->step);
	size_t end = first;

	for (size_t i = 0; end < support->cnt && support->v[end].step == spots->step; end++) {
		while (i < cnt && compare_to(&support->v[end], &spots[i]) > 0)
			i++;
		if (i < cnt && !compare_to(&support->v[end], &spots[i]))
			weigh_member(c, record, end, same, part);
	}
	weigh_kin(record, first, end, spots, cnt, part);
}

static void weigh(const struct comparison *c, struct record *record)
{
	const bool same = fault_set__equal(&record->faults, &c->without->faults);
	const float part = (same ? EFFECT : EFFECT_ELSEWHERE) * strength(c, record) / (float)c->cut.cnt;

	for (size_t i = 0, next; i < c->cut.cnt; i = next) {
		for (next = i + 1; next < c->cut.cnt && c->cut.v[next].step == c->cut.v[i].step; next++)
			;
		weigh_step(c, record, &c->cut.v[i], next - i, same, part);
	}
}

/* The largest known fault set inside that of @record; the first of several. */
static const struct record *reference(const struct record *records, size_t cnt, const struct record *record)
{
	const struct record *best = NULL;

	for (size_t i = 0; i < cnt; i++)
		if (records[i].course.runs && records[i].faults.cnt < record->faults.cnt &&
		    (!best || records[i].faults.cnt > best->faults.cnt) &&
		    fault_set__implies(&record->faults, &records[i].faults))
			best = &records[i];
	return best;
}

static int learn(struct record *records, size_t cnt, const struct record *record, const struct marks *marks, uint32_t heal)
{
	struct comparison c = {.marks = marks, .with = record, .without = reference(records, cnt, record), .heal = heal};

	if (!c.without)
		return 0;
	take_cut(&c, &record->course);
	take_cut(&c, &c.without->course);
	unite(&c.cut);
	course__compare(&record->course, &c.without->course, take_changed, &c);
	for (size_t i = 0; c.cut.cnt && i < cnt; i++)
		if (records[i].lesson == LESSON_SURVIVED)
			weigh(&c, &records[i]);
	free(c.cut.v);
	free(c.sent.v);
	return c.failed ? -1 : 0;
}

bool influence__watched(const struct record *records, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		if (!records[i].faults.cnt && records[i].course.runs && support__has_logs(&records[i].support))
			return true;
	return false;
}

int influence__weigh(struct record *records, size_t cnt, uint32_t heal)
{
	struct marks marks;
	int failed = 0;

	if (!influence__watched(records, cnt))
		return 0;
	if (marks__find(records, cnt, &marks) < 0)
		return -1;
	for (size_t i = 0; i < cnt; i++)
		for (size_t m = 0; m < records[i].support.cnt; m++) {
			records[i].support.v[m].confidence = records[i].weights[m].traced;
			records[i].weights[m].factor = 1;
			records[i].weights[m].least = 0;
			records[i].weights[m].tested = false;
			records[i].weights[m].kin = 0;
		}
	for (size_t i = 0; i < cnt && !failed; i++)
		if (records[i].course.runs)
			failed = learn(records, cnt, &records[i], &marks, heal);
	marks__free(&marks);
	for (size_t i = 0; i < cnt; i++)
		for (size_t m = 0; records[i].lesson == LESSON_SURVIVED && m < records[i].support.cnt; m++) {
			const struct weight *weight = &records[i].weights[m];
			struct support_member *member = &records[i].support.v[m];

			member->confidence = fmaxf(fmaxf(weight->traced * weight->factor, LEAST), weight->least);
			if (!weight->tested)
				member->confidence = fmaxf(member->confidence, fmaxf(UNTESTED, weight->kin));
		}
	return failed;
}
