// SPDX-License-Identifier: GPL-2.0-only
/* Fewest faults, then the shortest delay (shorten.c), the latest steps, the narrowest kinds. */
#include "hunt/shrink.h"

#include <string.h>

#include "model/selector.h"

/* The narrower faults that are tried in place of one lie on so many links. */
#define NARROWER_LINKS 3

static unsigned int spent(const struct shrink *s)
{
	return s->hunt->lab.runs - s->first_run;
}

bool shrink__over(struct shrink *s)
{
	if (spent(s) >= s->hunt->scenario->shrink_runs)
		s->violation->unshrunk = true;
	return s->violation->unshrunk || s->hunt->stop != STOP_NONE;
}

int shrink__try(struct shrink *s, const struct fault_set *set, struct tried **ret)
{
	*ret = NULL;
	if (shrink__over(s))
		return 0;
	return trial__run(s->hunt, set, "shrink", ret, s->err);
}

static bool equal_but_delay(const struct fault *x, const struct fault *y)
{
	struct fault as_late = *x;

	as_late.delay_ns = y->delay_ns;
	return fault__equal(&as_late, y);
}

void shrink__becomes(struct shrink *s, const struct fault_set *set, const struct fault *old,
		     const struct fault *fresh)
{
	struct violation *violation = s->violation;
	const struct tried *rest[MAX_FAULTS] = {NULL};

	for (size_t i = 0; i < set->cnt; i++)
		for (size_t k = 0; k < violation->faults.cnt; k++) {
			const struct fault *was = &violation->faults.v[k], *is = &set->v[i];

			if (fresh && fault__equal(is, fresh) ? fault__equal(was, old) : equal_but_delay(was, is))
				rest[i] = violation->rest[k];
		}
	violation->faults = *set;
	memcpy(violation->rest, rest, sizeof(rest));
}

/*
 * Does this set break, too? Then it is the smallest so far (of what was asked for, what fired).
 * Returns 1, 0 or -1. A set that was run before keeps its judgement; the empty one is the baseline.
 */
static int still_breaks(struct shrink *s, const struct fault_set *set, const struct fault *old,
			const struct fault *fresh, bool *ret_unsure)
{
	struct tried *tried;

	if (!set->cnt)
		return 0;
	if (shrink__try(s, set, &tried))
		return -1;
	*ret_unsure |= tried && tried->standing == STANDING_PARKED;
	if (!tried || tried->standing != STANDING_VIOLATED)
		return 0;
	shrink__becomes(s, &tried->faults, old, fresh);
	return 1;
}

/* What the promise was kept under, fault by fault. */
static void note_rest(struct shrink *s)
{
	struct violation *violation = s->violation;

	for (size_t i = 0; i < violation->faults.cnt; i++) {
		struct fault_set rest = violation->faults;
		const struct tried *tried;

		fault_set__remove(&rest, i);
		tried = tried__find(&s->hunt->tried, &rest);
		violation->rest[i] = tried && tried->standing == STANDING_SURVIVED ? tried : NULL;
	}
}

static int drop_faults(struct shrink *s)
{
	size_t i = 0;

	const struct fault_set *faults = &s->violation->faults;

	while (i < faults->cnt && faults->cnt > 1) {
		struct fault_set rest = *faults;
		int breaks;

		fault_set__remove(&rest, i);
		breaks = still_breaks(s, &rest, NULL, NULL, &s->unsure);
		if (breaks < 0)
			return -1;
		i = breaks ? 0 : i + 1;
		if (breaks)
			s->unsure = false;
	}
	return 0;
}

/* 1, 0 or -1, as still_breaks does. */
static int try_instead(struct shrink *s, const struct fault *old, const struct fault *fresh)
{
	struct fault_set set = s->violation->faults;
	bool unsure = false;

	for (size_t i = 0; i < set.cnt; i++)
		if (fault__equal(&set.v[i], old)) {
			fault_set__remove(&set, i);
			break;
		}
	if (fault_set__add(&set, fresh))
		return 0;
	return still_breaks(s, &set, old, fresh, &unsure);
}

/* The onsets behind @from, in their order: the workload's steps, and check.0 for silences. */
static uint32_t later(const struct shrink *s, const struct fault *fault, uint32_t by)
{
	const uint32_t last = s->hunt->last_step, step = fault->from + by;
	const bool silence = fault->kind == FAULT_SILENCE;

	if (fault->from >= NOW_CHECK || (step > last && !(silence && step == last + 1)))
		return NOW_NEVER;
	if (!silence && step >= s->hunt->scenario->until)
		return NOW_NEVER;
	return step > last ? NOW_CHECK : step;
}

/* Try an onset @by steps later than *fault's. 1: it broke, and *fault is that. */
static int try_later(struct shrink *s, struct fault *fault, uint32_t by)
{
	struct fault fresh = *fault;
	int breaks;

	fresh.from = later(s, fault, by);
	if (fresh.from == NOW_NEVER || (fault->until && fresh.from >= fault->until))
		return 0;
	breaks = try_instead(s, fault, &fresh);
	if (breaks > 0)
		*fault = fresh;
	return breaks;
}

/* As late as it breaks: in strides that double while it does, and halve when it does not. */
static int move_later(struct shrink *s, struct fault fault)
{
	uint32_t by = 1;
	bool grows = true;

	while (by) {
		int breaks = try_later(s, &fault, by);

		if (breaks < 0)
			return -1;
		grows = grows && breaks;
		by = grows ? by * 2 : by / 2;
	}
	return 0;
}

static int move_all_later(struct shrink *s)
{
	const struct fault_set before = s->violation->faults;

	for (size_t i = 0; i < before.cnt; i++)
		if (before.v[i].kind != FAULT_LOSS && move_later(s, before.v[i]))
			return -1;
	return 0;
}

/* May there be one more fault of this kind in place of @old? */
static bool in_budget(const struct shrink *s, const struct fault *old, enum fault_kind kind)
{
	const int max = s->hunt->scenario->budget.max[kind];
	int cnt = 0;

	for (size_t i = 0; i < s->violation->faults.cnt; i++) {
		const struct fault *fault = &s->violation->faults.v[i];

		cnt += fault->kind == kind && !fault__equal(fault, old);
	}
	return max < 0 || cnt < max;
}

/* The stream that carried the member: of its port's first message of the step, or of its class's. */
static int try_stalls(struct shrink *s, const struct fault *old, const struct support_member *member)
{
	const struct selector any = {.port = member->port, .nth = 1};
	const struct selector *selectors[] = {&any, selector__numbered(member->class)};

	if (!member->port || old->kind == FAULT_STALL || member->step >= s->hunt->scenario->until ||
	    !in_budget(s, old, FAULT_STALL))
		return 0;
	for (size_t i = 0; i < 2 && selectors[i]; i++) {
		const struct fault fresh = {.kind = FAULT_STALL,
					    .a = member->src,
					    .b = member->dst,
					    .from = member->step,
					    .delay_ns = old->delay_ns,
					    .selector = *selectors[i]};
		int breaks = try_instead(s, old, &fresh);

		if (breaks)
			return breaks;
	}
	return 0;
}

/* In place of @old a fault on the link of @member only. 1: one breaks. */
static int try_link(struct shrink *s, const struct fault *old, const struct support_member *member)
{
	static const enum fault_kind kinds[] = {FAULT_LOSS, FAULT_LINK, FAULT_PARTITION};
	const uint32_t until = s->hunt->scenario->until;
	int stalls = try_stalls(s, old, member);

	if (stalls)
		return stalls;
	for (size_t i = 0; i < 3; i++) {
		struct fault fresh = {.kind = kinds[i],
				      .a = member->src,
				      .b = member->dst,
				      .delay_ns = old->delay_ns};
		int breaks;

		if (kinds[i] == old->kind || (old->kind == FAULT_LINK && kinds[i] != FAULT_LOSS))
			break;
		fresh.from = kinds[i] == FAULT_LOSS ? member->step : old->from;
		if (fresh.from >= until || !in_budget(s, old, kinds[i]))
			continue;
		if (kinds[i] == FAULT_PARTITION && fresh.a > fresh.b) {
			fresh.a = member->dst;
			fresh.b = member->src;
		}
		breaks = try_instead(s, old, &fresh);
		if (breaks)
			return breaks;
	}
	return 0;
}

/* The surest member of @support that @fault takes, on none of the links that were @done. */
static const struct support_member *surest(const struct shrink *s, const struct support *support,
					   const struct fault *fault, uint64_t done[MAX_NODES])
{
	const struct support_member *best = NULL;

	for (size_t i = 0; i < support->cnt; i++) {
		const struct support_member *member = &support->v[i];

		if ((done[member->src] >> member->dst & 1) ||
		    ((s->hunt->spare >> member->src | s->hunt->spare >> member->dst) & 1) ||
		    !fault__reaches(fault, member->src, member->dst, member->step,
				    s->hunt->scenario->heal))
			continue;
		if (!best || member->confidence > best->confidence)
			best = member;
	}
	if (best)
		done[best->src] |= 1ULL << best->dst;
	return best;
}

/* What does it take that the promise rested on without it? One link of that may be enough. */
static int narrow(struct shrink *s, const struct fault *fault, const struct support *support)
{
	uint64_t done[MAX_NODES] = {0};

	for (int i = 0; i < NARROWER_LINKS; i++) {
		const struct support_member *member = surest(s, support, fault, done);
		int breaks = member ? try_link(s, fault, member) : 0;

		if (breaks || !member)
			return breaks;
	}
	return 0;
}

static int narrow_all(struct shrink *s)
{
	const struct fault_set before = s->violation->faults;

	const struct tried *rest[MAX_FAULTS];

	memcpy(rest, s->violation->rest, sizeof(rest));
	for (size_t i = 0; i < before.cnt; i++)
		if (before.v[i].kind != FAULT_LOSS && before.v[i].kind != FAULT_STALL && rest[i] &&
		    narrow(s, &before.v[i], &rest[i]->support) < 0)
			return -1;
	return 0;
}

/* What breaks by a hair's breadth breaks less surely on another day: the violation stays the set as it was, and that
 * with the shortest delay stands beside it. */
static int shorten(struct shrink *s)
{
	struct violation *violation = s->violation;
	const struct fault_set faults = violation->faults;
	const struct tried *rest[MAX_FAULTS];
	int bad;

	memcpy(rest, violation->rest, sizeof(rest));
	bad = shorten__run(s);
	if (!fault_set__equal(&violation->faults, &faults))
		violation->late = violation->faults;
	violation->faults = faults;
	memcpy(violation->rest, rest, sizeof(rest));
	return bad;
}

static int steps_and_kinds(struct shrink *s)
{
	if (move_all_later(s))
		return -1;
	return s->hunt->opts->all ? 0 : narrow_all(s);
}

int shrink__run(struct hunt *hunt, struct violation *violation, struct err *err)
{
	struct shrink s = {
		.hunt = hunt, .violation = violation, .first_run = hunt->lab.runs, .err = err};
	int bad;

	bad = drop_faults(&s);
	note_rest(&s);
	violation->minimal = !s.unsure && !violation->unshrunk && hunt->stop == STOP_NONE;
	if (!bad && hunt->scenario->shorten && !hunt->opts->all)
		bad = shorten(&s);
	bad = bad || steps_and_kinds(&s);
	violation->shrink_runs = spent(&s);
	return bad ? -1 : 0;
}
