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
#define NEXT_NODES 300000
#define ALL_NODES 20000000L

_Static_assert(HITTING_PICKS == MAX_FAULTS, "what is found fits into a fault set");
_Static_assert(HITTING_KINDS >= FAULT_KINDS, "kinds of faults are kinds of chains");

/* The parts of a support that are looked at, one after the other (clause.h). */
static const float parts[] = { 0.5f, 0.1f, 0 };
#define PART_CNT (sizeof(parts) / sizeof(parts[0]))

struct search {
	const struct search_space *space;
	struct score *score; /* borrowed */
	struct hitting *hitting;
	struct hitting_guide guide;
	struct hitting_limits limits;
	struct level levels[LEVELS];
	double level_factor;
	size_t cost; /* of the level that is being searched */
	bool keep_all;
	bool failed;
	bool complete; /* so far */
	const struct search_opts *opts; /* whom to ask whether to go on; NULL: nobody */
	long nodes;			/* of the costs before */
};

static void set_limits(struct search *s, long nodes)
{
	const struct budget *budget = &s->space->vars->opts->budget;

	for (int kind = 0; kind < HITTING_KINDS; kind++)
		s->limits.max[kind] = kind < FAULT_KINDS ? budget->max[kind] : 0;
	s->limits.total = budget->total;
	s->limits.nodes = nodes;
}

static int search__init(struct search *s, const struct search_space *space,
			const struct formula *formula, struct score *score, size_t max, long nodes)
{
	memset(s, 0, sizeof(*s));
	s->space = space;
	s->score = score;
	s->complete = true;
	s->level_factor = score__watched(score) ? LEVEL_FACTOR_WATCHED : LEVEL_FACTOR;
	s->hitting = formula__hitting(formula);
	s->guide = (struct hitting_guide){ .enter = score__enter, .rank = score__rank, .ctx = score };
	for (size_t cost = 0; cost < LEVELS; cost++)
		s->levels[cost].max = max;
	set_limits(s, nodes);
	return s->hitting ? score__join(score, s->hitting) : -1;
}

static void search__free(struct search *s)
{
	levels__free(s->levels);
	hitting__free(s->hitting);
}

static bool go_on(void *ctx, long nodes)
{
	const struct search *s = ctx;
	struct search_state state = { .cost = s->cost, .nodes = s->nodes + nodes };

	for (size_t cost = 0; cost < LEVELS; cost++) {
		state.found += s->levels[cost].offered;
		state.best = fmax(state.best, s->levels[cost].best);
	}
	return s->opts->go_on(s->opts->ctx, &state);
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
static double best_below(const struct search *s, size_t cost, double floor)
{
	double best = floor;

	for (size_t lower = 0; lower < cost; lower++)
		if (s->levels[lower].cnt && s->levels[lower].best > best)
			best = s->levels[lower].best;
	return best;
}

/* The score above which a set of that cost comes before the last of those that are asked for: where a level below
 * is full, all of its sets come before others that are not so many times better. */
static double last_below(const struct search *s, size_t cost)
{
	double last = -1;

	for (size_t lower = 0; lower < cost; lower++)
		last = fmax(last, s->level_factor * level__floor(&s->levels[lower]));
	return last;
}

/*
 * Is there no use in looking at that cost? An exact candidate leaves a way whole that was seen to work, and
 * so has little of a score: the smallest come first.
 */
static bool is_hopeless(const struct search *s, double floor)
{
	const double most = score__most(s->score, s->cost);

	if (s->keep_all)
		return last_below(s, s->cost) >= most;
	return best_below(s, s->cost, floor) >= (s->space->mode == CLAUSE_EXACT ? 0 : most);
}

/* Sets whose score is not above @floor need not be found. */
static int search_levels(struct search *s, double floor)
{
	const int total = s->limits.total;
	const size_t last = total >= 0 && total < HITTING_PICKS ? (size_t)total : HITTING_PICKS;

	for (s->cost = 0; s->cost <= last && !is_hopeless(s, floor); s->cost++) {
		struct hitting_result result;

		s->guide.floor = s->keep_all ? last_below(s, s->cost) : best_below(s, s->cost, floor);
		s->limits.total = (int)s->cost;
		result = hitting__search(s->hitting, &s->limits, &s->guide, take, s);
		if (result.failed || s->failed)
			return -1;
		s->complete = s->complete && result.complete;
		s->nodes += result.nodes;
		s->limits.nodes -= result.nodes < s->limits.nodes ? result.nodes : s->limits.nodes;
		if (!result.more || result.stopped || (!result.complete && !s->keep_all))
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

/* The first among those that cut each support in one of its strongest members. *ret_found: there is
 * one above @floor; *floor is raised to LEVEL_FACTOR times the best. *ret_complete: all were looked at.
 * 0 or -1 (memory). */
static int search_part(const struct search_space *space, struct score *score, float part,
		       double *floor, struct scored *ret, bool *ret_found, bool *ret_complete)
{
	struct formula formula;
	struct search s;
	int failed = -1;

	if (formula__make(&formula, space->records, space->record_cnt, space->vars, space->mode,
			  part) < 0)
		return -1;
	if (search__init(&s, space, &formula, score, 1, NEXT_NODES) < 0 ||
	    search_levels(&s, *floor) < 0)
		goto free_search;
	*floor = fmax(*floor, s.level_factor * best_below(&s, LEVELS, -1));
	*ret_found = levels__take(s.levels, s.level_factor, ret);
	*ret_complete = s.complete;
	failed = 0;
free_search:
	search__free(&s);
	formula__free(&formula);
	return failed;
}

/* Returns 1, 0 or -1 as model__next does; *ret_complete: 0 means that nothing is left. */
static int search_parts(const struct search_space *space, struct score *score, struct scored *ret,
			bool *ret_complete)
{
	bool found_any = false;
	double floor = -1;

	for (size_t i = space->mode == CLAUSE_EXACT ? PART_CNT - 1 : 0; i < PART_CNT; i++) {
		bool found = false;

		if (search_part(space, score, parts[i], &floor, ret, &found, ret_complete) < 0)
			return -1;
		found_any |= found;
	}
	return found_any;
}

/* The enumerator gave up with empty hands, or found that nothing is left. */
static int ask_oracle(struct oracle *oracle, bool complete, struct scored *ret)
{
	int found = oracle__minimal(oracle, complete, ret->picks, &ret->cnt);

	assert(found <= 0 || !complete);
	return found;
}

static int out_of_memory(struct err *err)
{
	return err__set(err, EXIT_MACHINE, "cannot search for fault sets: out of memory");
}

int candidate__next(const struct search_space *space, struct candidate *ret, struct err *err)
{
	struct oracle *oracle = oracle__new(space);
	struct score *score = score__new(space->vars, space->records, space->run_cnt);
	struct scored scored;
	bool complete = false;
	int found = -1;

	if (!oracle || !score)
		goto free_all;
	found = search_parts(space, score, &scored, &complete);
	if (found == 0)
		found = ask_oracle(oracle, complete, &scored);
	if (found != 1)
		goto free_all;
	found = oracle__allows(oracle, scored.picks, scored.cnt);
	if (found < 0)
		goto free_all;
	if (found == 0)
		abort(); /* two solvers disagree: no answer can be trusted */
	scored.score = score__of(score, scored.picks, scored.cnt);
	fill(space, &scored, ret);
free_all:
	score__free(score);
	oracle__free(oracle);
	return found < 0 ? out_of_memory(err) : found;
}

/* Each costs as much as there are runs to score it by. */
static long all_nodes(const struct search_space *space)
{
	return ALL_NODES / (1 + (long)space->record_cnt / 16);
}

static void hand_out(struct search *s, struct search_end *ret)
{
	struct candidate candidate;
	struct scored scored;

	memset(ret, 0, sizeof(*ret));
	while (ret->cnt < s->opts->max && levels__take(s->levels, s->level_factor, &scored)) {
		fill(s->space, &scored, &candidate);
		s->opts->take(s->opts->ctx, &candidate);
		ret->cnt++;
	}
	ret->complete = s->complete;
	ret->more = !s->complete || levels__take(s->levels, s->level_factor, &scored);
}

int candidate__all(const struct search_space *space, const struct search_opts *opts, struct search_end *ret,
		   struct err *err)
{
	const size_t keep = opts->max < SIZE_MAX ? opts->max + 1 : opts->max;
	struct score *score = score__new(space->vars, space->records, space->run_cnt);
	struct search s = { 0 };
	int failed = -1;

	if (!score || search__init(&s, space, space->formula, score, keep, all_nodes(space)) < 0)
		goto free_all;
	s.keep_all = true;
	s.opts = opts;
	if (opts->go_on) {
		s.limits.go_on = go_on;
		s.limits.ctx = &s;
	}
	if (search_levels(&s, -1) < 0)
		goto free_all;
	hand_out(&s, ret);
	failed = 0;
free_all:
	search__free(&s);
	score__free(score);
	return failed ? out_of_memory(err) : 0;
}
