// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long is part of the fault: the shortest delay that still breaks, by bisection on a logarithmic
 * scale between none and the run's length. All faults are as late, but those that break only when they are
 * endless.
 */
#include "hunt/shrink.h"

#include "base/units.h"

/* Twelve to a decade (IEC 60063: E12), from 1 ms to the longest that can be held. */
static const unsigned int e12[] = {10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82};
#define E12_CNT (sizeof(e12) / sizeof(e12[0]))
#define DELAY_CNT (6 * E12_CNT)

static uint64_t delay_at(size_t index)
{
	uint64_t ns = NSEC_PER_MSEC / 10 * e12[index % E12_CNT];

	for (size_t i = 0; i < index / E12_CNT; i++)
		ns *= 10;
	return ns < PARK_DELAY_MAX_NS ? ns : PARK_DELAY_MAX_NS;
}

/* The first that is not shorter. */
static size_t index_of(uint64_t ns)
{
	size_t index = 0;

	while (index + 1 < DELAY_CNT && delay_at(index) < ns)
		index++;
	return index;
}

enum answer { KEEPS, BREAKS, UNSURE, OVER };

/* As often as it did without an end, or longer delayed? */
static bool as_often(const struct tried *tried, struct rate was)
{
	return tried__broken(tried) * was.made >= was.broken * tried__made(tried);
}

static int ask(struct shrink *s, const struct fault_set *set, struct rate was, struct tried **ret,
	       enum answer *ret_answer)
{
	if (shrink__try(s, set, ret) ||
	    (*ret && trial__make_sure(s->hunt, *ret, s->err)))
		return -1;
	if (!*ret || (*ret)->standing == STANDING_OPEN)
		*ret_answer = OVER;
	else if ((*ret)->standing == STANDING_SURVIVED)
		*ret_answer = KEEPS;
	else if ((*ret)->standing == STANDING_VIOLATED && as_often(*ret, was))
		*ret_answer = BREAKS;
	else
		*ret_answer = UNSURE;
	return 0;
}

static struct rate rate_of(const struct tried *tried)
{
	return (struct rate){tried__broken(tried), tried__made(tried)};
}

/* The set with all faults that are @was late made @ns late. */
static struct fault_set delayed(const struct fault_set *set, uint64_t was_ns, uint64_t ns)
{
	struct fault_set ret = {0};

	for (size_t i = 0; i < set->cnt; i++) {
		struct fault fault = set->v[i];

		if (fault.delay_ns == was_ns)
			fault.delay_ns = ns;
		fault_set__add(&ret, &fault);
	}
	return ret;
}

static void note_kept(struct shortest *shortest, uint64_t ns, const struct tried *tried)
{
	shortest->kept_ns = ns;
	shortest->kept = rate_of(tried);
	shortest->run = tried->last_run;
}

/* *ret: it breaks, so late; then the violation is that. 0 or -1. */
static int try_at(struct shrink *s, const struct fault_set *set, uint64_t ns, struct rate was, bool *ret)
{
	struct shortest *shortest = &s->violation->shortest;
	enum answer answer;
	struct tried *tried;

	if (ask(s, set, was, &tried, &answer))
		return -1;
	*ret = answer == BREAKS;
	if (answer == BREAKS) {
		shrink__becomes(s, &tried->faults, NULL, NULL);
		shortest->breaks_ns = ns;
	} else if (answer == KEEPS && ns > shortest->kept_ns) {
		note_kept(shortest, ns, tried);
	} else if (answer == UNSURE && ns > shortest->unsure_ns) {
		shortest->unsure_ns = ns;
	}
	return 0;
}

/* Which of them have to be endless? Each that has not is as late as a run is long. */
static int make_finite(struct shrink *s, uint64_t longest_ns, struct rate was)
{
	const struct fault_set endless = s->violation->faults;
	struct fault_set late = delayed(&endless, 0, longest_ns);
	bool breaks;

	if (try_at(s, &late, longest_ns, was, &breaks))
		return -1;
	for (size_t i = 0; i < endless.cnt && endless.cnt > 1 && !breaks; i++) {
		bool alone;

		late = s->violation->faults;
		for (size_t k = 0; k < late.cnt; k++)
			if (fault__equal(&late.v[k], &endless.v[i])) {
				struct fault fault = late.v[k];

				fault.delay_ns = longest_ns;
				fault_set__remove(&late, k);
				fault_set__add(&late, &fault);
				break;
			}
		if (try_at(s, &late, longest_ns, was, &alone))
			return -1;
	}
	return 0;
}

/* Between none, which keeps, and what breaks. */
static int bisect(struct shrink *s, struct rate was)
{
	struct shortest *shortest = &s->violation->shortest;
	size_t low = 0, high = index_of(shortest->breaks_ns); /* what is below low is known */

	shortest->kept_ns = shortest->unsure_ns = 0;
	while (low < high && !shrink__over(s)) {
		const size_t middle = low + (high - low) / 2;
		const uint64_t ns = delay_at(middle);
		const struct fault_set set =
			delayed(&s->violation->faults, shortest->breaks_ns, ns);
		bool breaks;

		if (try_at(s, &set, ns, was, &breaks))
			return -1;
		if (breaks)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

int shorten__run(struct shrink *s)
{
	struct violation *violation = s->violation;
	const struct tried *known = tried__find(&s->hunt->tried, &violation->faults);
	const uint64_t delay_ns = s->hunt->scenario->delay_ns;
	struct rate was;

	if (!known || !known->longest_ns || shrink__over(s))
		return 0;
	was = rate_of(known);
	if (delay_ns)
		violation->shortest.breaks_ns = delay_ns;
	else if (make_finite(s, delay_at(index_of(known->longest_ns)), was))
		return -1;
	return violation->shortest.breaks_ns ? bisect(s, was) : 0;
}
