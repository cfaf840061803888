// SPDX-License-Identifier: GPL-2.0-only
#include "model/candidate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/level.h"
#include "model/oracle.h"
#include "model/score.h"

/* About a second; beyond it the best so far is good enough, and MiniSat decides whether any is left. */
#define NEXT_NODES 200000
#define ALL_NODES 20000000

_Static_assert(HITTING_PICKS == MAX_FAULTS, "what is found fits into a fault set");
_Static_assert(HITTING_KINDS >= FAULT_KINDS, "kinds of faults are kinds of chains");

struct search {
	const struct search_space *space;
	struct score *score;
	struct hitting *hitting;
	struct hitting_guide guide;
	struct hitting_limits limits;
	struct level levels[LEVELS];
	size_t cost; /* of the level that is being searched */
	bool keep_all;
	bool failed;
	bool complete; /* so far */
};

static struct hitting *make_hitting(const struct search_space *space)
{
	const struct variables *vars = space->vars;
	struct hitting_chain *chains = calloc(vars->cnt + 1, sizeof(*chains));
	struct hitting *hitting = NULL;

	if (!chains)
		return NULL;
	for (size_t c = 0; c < vars->cnt; c++)
		chains[c] = (struct hitting_chain){ .len = (uint32_t)vars->v[c].cnt,
						    .kind = (uint8_t)vars->v[c].kind };
	hitting = hitting__new(chains, vars->cnt, space->formula->clauses,
			       space->formula->clause_cnt);
	free(chains);
	return hitting;
}

static void set_limits(struct search *s, long nodes)
{
	const struct budget *budget = &s->space->vars->opts->budget;

	for (int kind = 0; kind < HITTING_KINDS; kind++)
		s->limits.max[kind] = kind < FAULT_KINDS ? budget->max[kind] : 0;
	s->limits.total = budget->total;
	s->limits.nodes = nodes;
}

static int search__init(struct search *s, const struct search_space *space, size_t max, long nodes)
{
	memset(s, 0, sizeof(*s));
	s->space = space;
	s->complete = true;
	s->hitting = make_hitting(space);
	s->score = score__new(space->vars, space->records, space->record_cnt);
	s->guide = (struct hitting_guide){ .enter = score__enter, .rank = score__rank, .floor = -1,
					   .ctx = s->score };
	for (size_t cost = 0; cost < LEVELS; cost++)
		s->levels[cost].max = max;
	set_limits(s, nodes);
	return s->hitting && s->score ? 0 : -1;
}

static void search__free(struct search *s)
{
	levels__free(s->levels);
	hitting__free(s->hitting);
	score__free(s->score);
}

/* Lower costs were found before, on their own levels. */
static bool take(void *ctx, const struct hitting_lit *picks, size_t cnt)
{
	struct search *s = ctx;
	struct scored scored = { .cnt = cnt };
	double floor;

	if (cnt != s->cost)
		return true;
	memcpy(scored.picks, picks, cnt * sizeof(*picks));
	scored.score = score__of(s->score, picks, cnt);
	s->failed = level__offer(&s->levels[cnt], &scored) < 0;
	floor = level__floor(&s->levels[cnt]);
	if (floor > s->guide.floor)
		s->guide.floor = floor;
	return !s->failed;
}

/* The best score of the levels below, which a higher one must exceed to be looked at. */
static double best_below(const struct search *s, size_t cost)
{
	double best = -1;

	for (size_t lower = 0; lower < cost; lower++)
		if (s->levels[lower].cnt && s->levels[lower].v[0].score > best)
			best = s->levels[lower].v[0].score;
	return best;
}

static int search_levels(struct search *s)
{
	const int total = s->limits.total;
	const size_t last = total >= 0 && total < HITTING_PICKS ? (size_t)total : HITTING_PICKS;

	for (s->cost = 0; s->cost <= last; s->cost++) {
		struct hitting_result result;
		double best = best_below(s, s->cost);

		if (!s->keep_all && best * LEVEL_FACTOR > score__most(s->cost))
			break;
		s->guide.floor = s->keep_all ? -1 : best;
		s->limits.total = (int)s->cost;
		result = hitting__search(s->hitting, &s->limits, &s->guide, take, s);
		if (result.failed || s->failed)
			return -1;
		s->complete = s->complete && result.complete;
		s->limits.nodes -= result.nodes < s->limits.nodes ? result.nodes : s->limits.nodes;
		if (!result.more || (!result.complete && !s->keep_all))
			break;
	}
	s->limits.total = total;
	return 0;
}

static void fill(const struct search_space *space, const struct scored *scored,
		 struct candidate *ret)
{
	ret->faults.cnt = 0;
	ret->score = scored->score;
	for (size_t i = 0; i < scored->cnt; i++) {
		const struct fault fault = variables__fault(space->vars, scored->picks[i]);

		fault_set__add(&ret->faults, &fault);
	}
}

/* The enumerator gave up with empty hands, or found that nothing is left. */
static int ask_oracle(struct search *s, struct oracle *oracle, struct candidate *ret)
{
	struct scored scored;
	int found = oracle__minimal(oracle, s->complete, scored.picks, &scored.cnt);

	if (found <= 0)
		return found;
	assert(!s->complete);
	scored.score = score__of(s->score, scored.picks, scored.cnt);
	fill(s->space, &scored, ret);
	return 1;
}

static int out_of_memory(struct err *err)
{
	return err__set(err, EXIT_MACHINE, "cannot search for fault sets: out of memory");
}

int candidate__next(const struct search_space *space, struct candidate *ret, struct err *err)
{
	struct oracle *oracle = oracle__new(space);
	const struct scored *first;
	struct search s;
	int found = -1;

	if (search__init(&s, space, 1, NEXT_NODES) < 0 || !oracle || search_levels(&s) < 0)
		goto free_search;
	first = levels__take(s.levels);
	if (first) {
		bool allowed = oracle__allows(oracle, first->picks, first->cnt);

		assert(allowed);
		(void)allowed;
		fill(space, first, ret);
		found = 1;
	} else {
		found = ask_oracle(&s, oracle, ret);
	}
free_search:
	search__free(&s);
	oracle__free(oracle);
	return found < 0 ? out_of_memory(err) : found;
}

long candidate__all(const struct search_space *space, size_t max, struct candidate **ret,
		    bool *ret_more, struct err *err)
{
	const struct scored *scored;
	struct candidate *v = NULL;
	size_t cnt = 0, room = 0;
	struct search s;

	if (max > SIZE_MAX / 2 / sizeof(*v))
		max = SIZE_MAX / 2 / sizeof(*v);
	if (search__init(&s, space, max + 1, ALL_NODES) < 0)
		goto free_search;
	s.keep_all = true;
	if (search_levels(&s) < 0)
		goto free_search;
	for (size_t cost = 0; cost < LEVELS; cost++)
		room += s.levels[cost].cnt;
	v = calloc(room + 1, sizeof(*v));
	if (!v)
		goto free_search;
	while (cnt < max && (scored = levels__take(s.levels)))
		fill(space, scored, &v[cnt++]);
	*ret_more = room > cnt || !s.complete;
	*ret = v;
free_search:
	search__free(&s);
	return v ? (long)cnt : out_of_memory(err);
}
