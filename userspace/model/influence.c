// SPDX-License-Identifier: GPL-2.0-only
#include "model/influence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

struct spot {
	uint16_t src, dst;
	uint32_t step;
};

/* Two fault sets, the larger first, and what set their runs apart. */
struct comparison {
	const struct record *with, *without;
	const struct marks *marks;
	uint32_t heal;
	struct spot *cut; /* taken by the one, not by the other */
	size_t cut_cnt, cut_cap;
	struct deed *changed;
	size_t changed_cnt, changed_cap;
	bool lines;   /* what nodes logged is among what changed */
	bool promise; /* a mark of the promise is among what changed */
	bool failed;
};

/* The first member of that link and step, of whatever port and class; support->cnt: there is none. */
static size_t first_at(const struct support *support, uint16_t src, uint16_t dst, uint32_t step)
{
	size_t i = 0;

	while (i < support->cnt && (support->v[i].src != src || support->v[i].dst != dst ||
				    support->v[i].step != step))
		i++;
	return i;
}

static bool is_at(const struct support_member *member, uint16_t src, uint16_t dst, uint32_t step)
{
	return member->src == src && member->dst == dst && member->step == step;
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
		const struct spot spot = {deed->node, deed->to, deed->step};
		bool known = false;

		if (spot.dst == NODE_OUTSIDE || spot.src == spot.dst ||
		    !covers(&c->with->faults, spot.src, spot.dst, spot.step, c->heal) ||
		    covers(&c->without->faults, spot.src, spot.dst, spot.step, c->heal))
			continue;
		for (size_t k = 0; k < c->cut_cnt && !known; k++)
			known = !memcmp(&c->cut[k], &spot, sizeof(spot));
		if (known)
			continue;
		if (grow(&c->cut, &c->cut_cap, c->cut_cnt + 1) < 0) {
			c->failed = true;
			return;
		}
		c->cut[c->cut_cnt++] = spot;
	}
}

/* What a silent node does is nothing to anybody. */
static void take_changed(void *ctx, const struct deed *deed)
{
	struct comparison *c = ctx;

	if (fault_set__silences(&c->with->faults, deed->node, deed->step))
		return;
	if (grow(&c->changed, &c->changed_cap, c->changed_cnt + 1) < 0) {
		c->failed = true;
		return;
	}
	c->changed[c->changed_cnt++] = *deed;
	c->lines |= deed->to == NODE_OUTSIDE;
	c->promise |= marks__has(c->marks, deed);
}

/* How much of what changed @record's outcome rested on: a line that is logged is part of it. */
static float strength(const struct comparison *c, const struct record *record)
{
	float best = 0;

	for (size_t i = 0; i < c->changed_cnt; i++) {
		const struct deed *deed = &c->changed[i];
		float of_this = 1;

		if (marks__has(c->marks, deed))
			continue;
		if (deed->to != NODE_OUTSIDE) {
			const struct support *support = &record->support;

			of_this = 0;
			for (size_t m = first_at(support, deed->node, deed->to, deed->step);
			     m < support->cnt && is_at(&support->v[m], deed->node, deed->to, deed->step); m++)
				of_this = fmaxf(of_this, support->v[m].confidence);
		} else if (!support__has_logs(&record->support)) {
			of_this = 0;
		}
		best = fmaxf(best, of_this);
	}
	return best;
}

/* What was sent in the same step by the same node, or to the same one, is likely to matter as much. */
static void weigh_kin(const struct spot *spot, struct record *record, float part)
{
	for (size_t m = 0; m < record->support.cnt; m++) {
		const struct support_member *kin = &record->support.v[m];

		if (kin->step == spot->step && (kin->dst == spot->dst || kin->src == spot->src))
			record->weights[m].kin = fmaxf(record->weights[m].kin, part);
	}
}

static void weigh_member(const struct comparison *c, struct record *record, size_t index, bool same, float part)
{
	struct support_member *member = &record->support.v[index];
	struct weight *weight = &record->weights[index];

	weight->tested = true;
	if (!c->changed_cnt || (!c->lines && support__has_logs(&record->support)))
		weight->factor = fminf(weight->factor, same ? NO_EFFECT : NO_EFFECT_ELSEWHERE);
	weight->least = fmaxf(weight->least, part);
	if (c->promise)
		member->promise = fmaxf(member->promise,
					(same ? EFFECT : EFFECT_ELSEWHERE) / (float)c->cut_cnt);
}

static void weigh(const struct comparison *c, struct record *record)
{
	const bool same = fault_set__equal(&record->faults, &c->without->faults);
	const struct support *support = &record->support;
	const float part = (same ? EFFECT : EFFECT_ELSEWHERE) * strength(c, record) / (float)c->cut_cnt;

	for (size_t i = 0; i < c->cut_cnt; i++)
		weigh_kin(&c->cut[i], record, part);
	for (size_t i = 0; i < c->cut_cnt; i++) {
		const struct spot *spot = &c->cut[i];

		for (size_t m = first_at(support, spot->src, spot->dst, spot->step);
		     m < support->cnt && is_at(&support->v[m], spot->src, spot->dst, spot->step); m++)
			weigh_member(c, record, m, same, part);
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
	course__compare(&record->course, &c.without->course, take_changed, &c);
	for (size_t i = 0; c.cut_cnt && i < cnt; i++)
		if (records[i].lesson == LESSON_SURVIVED)
			weigh(&c, &records[i]);
	free(c.cut);
	free(c.changed);
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
