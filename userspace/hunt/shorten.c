// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long is part of the fault: the shortest delay that still breaks, by bisection on a logarithmic
 * scale between none and twice the run's length. All faults are as late, but those that break only when they are
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

struct shorten {
	struct shrink *shrink;
	struct shortest *shortest;
	struct rate was;	 /* how often it broke before */
	uint64_t least_unsure_ns; /* above the longest that is known to keep; 0: none */
};


/* As often as it did without an end, or longer delayed? */
static bool as_often(const struct tried *tried, struct rate was)
{
	return tried__broken(tried) * was.made >= was.broken * tried__made(tried);
}

static enum answer answer_of(const struct tried *tried, struct rate was)
{
	if (!tried || tried->standing == STANDING_OPEN)
		return OVER;
	if (tried->standing == STANDING_SURVIVED)
		return KEEPS;
	return tried->standing == STANDING_VIOLATED && as_often(tried, was) ? BREAKS : UNSURE;
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

static void note_kept(struct shorten *s, uint64_t ns, const struct tried *tried)
{
	if (ns <= s->shortest->kept_ns)
		return;
	s->shortest->kept_ns = ns;
	s->shortest->kept = rate_of(tried);
	s->shortest->run = tried->last_run;
	if (s->least_unsure_ns < ns)
		s->least_unsure_ns = 0;
}

static void note_unsure(struct shorten *s, uint64_t ns, const struct tried *tried)
{
	if (ns > s->shortest->unsure_ns) {
		s->shortest->unsure_ns = ns;
		s->shortest->unsure = rate_of(tried);
	}
	if (ns > s->shortest->kept_ns && (!s->least_unsure_ns || ns < s->least_unsure_ns))
		s->least_unsure_ns = ns;
}

/* Judged and repeated, so that it can be said how often. Where it breaks, the violation becomes it. 0 or -1. */
static int try_at(struct shorten *s, const struct fault_set *set, uint64_t ns, enum answer *ret)
{
	struct shrink *shrink = s->shrink;
	struct tried *tried;

	if (shrink__try(shrink, set, &tried) ||
	    (tried && trial__make_sure(shrink->hunt, tried, shrink->err)))
		return -1;
	*ret = answer_of(tried, s->was);
	if (*ret == BREAKS) {
		shrink__becomes(shrink, &tried->faults, NULL, NULL);
		s->shortest->breaks_ns = ns;
		if (s->shortest->unsure_ns >= ns)
			s->shortest->unsure_ns = 0;
	} else if (*ret == KEEPS) {
		note_kept(s, ns, tried);
	} else if (*ret == UNSURE) {
		note_unsure(s, ns, tried);
	}
	return 0;
}

/* The set with this fault @ns late. */
static struct fault_set with_late(const struct fault_set *set, const struct fault *fault, uint64_t ns)
{
	struct fault_set ret = {0};

	for (size_t i = 0; i < set->cnt; i++) {
		struct fault one = set->v[i];

		if (fault__equal(&one, fault))
			one.delay_ns = ns;
		fault_set__add(&ret, &one);
	}
	return ret;
}

/* Which of them have to be endless? Each that has not is twice as late as a run is long, for it gets longer by
 * that. */
static int make_finite(struct shorten *s, uint64_t longest_ns)
{
	const struct fault_set endless = s->shrink->violation->faults;
	struct fault_set late = delayed(&endless, 0, longest_ns);
	enum answer all, alone;

	if (try_at(s, &late, longest_ns, &all))
		return -1;
	for (size_t i = 0; i < endless.cnt && endless.cnt > 1 && all != BREAKS; i++) {
		late = with_late(&s->shrink->violation->faults, &endless.v[i], longest_ns);
		if (try_at(s, &late, longest_ns, &alone))
			return -1;
	}
	return 0;
}

/*
 * @low and @high number delays: what is shorter than the first is known, and so is the second. What @goes_up
 * is looked for above a delay of which it cannot be told, else below.
 */
static int bisect(struct shorten *s, size_t low, size_t high, bool goes_up)
{
	while (low < high && !shrink__over(s->shrink)) {
		const size_t middle = low + (high - low) / 2;
		const uint64_t ns = delay_at(middle);
		const struct fault_set set =
			delayed(&s->shrink->violation->faults, s->shortest->breaks_ns, ns);
		enum answer answer;

		if (try_at(s, &set, ns, &answer))
			return -1;
		if (answer == KEEPS || (answer == UNSURE && goes_up))
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* The shortest that breaks; then, below what could not be told, the longest that keeps. */
static int find_both_ends(struct shorten *s)
{
	struct shortest *shortest = s->shortest;
	size_t above;

	shortest->kept_ns = shortest->unsure_ns = s->least_unsure_ns = 0;
	if (bisect(s, 0, index_of(shortest->breaks_ns), true))
		return -1;
	above = shortest->kept_ns ? index_of(shortest->kept_ns) + 1 : 0;
	return s->least_unsure_ns ? bisect(s, above, index_of(s->least_unsure_ns), false) : 0;
}

int shorten__run(struct shrink *shrink)
{
	const struct hunt *hunt = shrink->hunt;
	const struct tried *known = tried__find(&hunt->tried, &shrink->violation->faults);
	struct shorten s = {.shrink = shrink, .shortest = &shrink->violation->shortest};

	if (!known || !known->longest_ns || shrink__over(shrink))
		return 0;
	s.was = rate_of(known);
	s.shortest->breaks_ns = hunt->scenario->delay_ns;
	if (!hunt->scenario->delay_ns && make_finite(&s, delay_at(index_of(2 * known->longest_ns))))
		return -1;
	return s.shortest->breaks_ns ? find_both_ends(&s) : 0;
}
