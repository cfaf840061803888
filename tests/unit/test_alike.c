// SPDX-License-Identifier: GPL-2.0-only
/* Chains that are alike are searched as one, and few of many sets are kept: what is found stays the same. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/level.h"
#include "model/model.h"

#define CHAINS 6
#define CLAUSES 6
#define KINDS 2
#define STATES (1 << 2 * CHAINS) /* a digit a chain: a position + 1, or 0 */

static uint64_t random_state;

static uint32_t below(uint32_t limit)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(random_state >> 33) % limit;
}

struct instance {
	struct hitting_chain chains[CHAINS];
	struct hitting_clause clauses[CLAUSES];
	struct hitting_lit pos[CLAUSES][CHAINS], neg[CLAUSES][CHAINS];
	size_t clause_cnt;
	struct hitting_limits limits;
	double weight[CHAINS][4];
};

/* Where a literal of chain @c stands in a clause, or CHAINS. */
static size_t find(const struct hitting_lit *lits, size_t cnt, uint32_t c)
{
	for (size_t i = 0; i < cnt; i++)
		if (lits[i].chain == c)
			return i;
	return CHAINS;
}

static void add_chain(struct instance *in, uint32_t c, bool as_before, bool negations)
{
	in->chains[c] = (struct hitting_chain){ .len = 1 + below(3), .kind = below(KINDS) };
	if (as_before)
		in->chains[c] = in->chains[c - 1];
	for (size_t j = 0; j < in->clause_cnt; j++) {
		struct hitting_clause *clause = &in->clauses[j];
		struct hitting_lit lit = { .chain = c, .pos = below(in->chains[c].len) };
		const size_t before = c ? find(clause->pos, clause->pos_cnt, c - 1) : CHAINS;

		if (as_before && before < CHAINS)
			lit.pos = clause->pos[before].pos;
		if (as_before ? before < CHAINS : below(2))
			clause->pos[clause->pos_cnt++] = lit;
		lit.pos = below(in->chains[c].len);
		if (negations && below(8) == 0)
			clause->neg[clause->neg_cnt++] = lit;
	}
	/* earlier positions take more away, and weigh more */
	in->weight[c][3] = .05;
	for (int p = 2; p >= 0; p--)
		in->weight[c][p] = in->weight[c][p + 1] + .001 * (1 + below(250));
}

static void make_instance(struct instance *in, uint64_t seed, bool negations)
{
	memset(in, 0, sizeof(*in));
	random_state = seed * 0x9e3779b97f4a7c15ULL + 1;
	in->clause_cnt = 1 + below(CLAUSES);
	for (size_t j = 0; j < in->clause_cnt; j++)
		in->clauses[j] = (struct hitting_clause){ .pos = in->pos[j], .neg = in->neg[j] };
	for (uint32_t c = 0; c < CHAINS; c++)
		add_chain(in, c, c && below(3), negations);
	memset(in->limits.max, 0xff, sizeof(in->limits.max));
	in->limits.nodes = -1;
	in->limits.total = below(2) ? 1 + (int)below(4) : -1;
	in->limits.max[0] = below(3) ? (int)below(3) : -1;
}

static size_t picks_of(uint32_t state, struct hitting_lit *picks)
{
	size_t cnt = 0;

	for (uint32_t c = 0; c < CHAINS; c++)
		if (state >> 2 * c & 3)
			picks[cnt++] = (struct hitting_lit){ .chain = c, .pos = (state >> 2 * c & 3) - 1 };
	return cnt;
}

static uint32_t state_of(const struct hitting_lit *picks, size_t cnt)
{
	uint32_t state = 0;

	for (size_t i = 0; i < cnt; i++) {
		assert_true(picks[i].chain < CHAINS);
		state += (picks[i].pos + 1) << 2 * picks[i].chain;
	}
	return state;
}

static double weight_of(const struct instance *in, uint32_t state)
{
	double weight = 1;

	for (uint32_t c = 0; c < CHAINS; c++)
		weight *= state >> 2 * c & 3 ? in->weight[c][(state >> 2 * c & 3) - 1] : 1;
	return weight;
}

static bool is_affordable(const struct instance *in, uint32_t state)
{
	struct hitting_lit picks[CHAINS];
	const size_t cnt = picks_of(state, picks);
	int first = 0;

	for (size_t i = 0; i < cnt; i++) {
		if (picks[i].pos >= in->chains[picks[i].chain].len)
			return false;
		first += in->chains[picks[i].chain].kind == 0;
	}
	return (in->limits.max[0] < 0 || first <= in->limits.max[0]) &&
	       (in->limits.total < 0 || (int)cnt <= in->limits.total);
}

static bool is_inside(uint32_t x, uint32_t y)
{
	for (uint32_t c = 0; c < CHAINS; c++) {
		const uint32_t a = x >> 2 * c & 3, b = y >> 2 * c & 3;

		if (a && (!b || a < b))
			return false;
	}
	return true;
}

struct sets {
	uint32_t v[STATES];
	size_t cnt;
};

static void brute_force(const struct instance *in, struct sets *ret)
{
	static uint32_t models[STATES];
	size_t cnt = 0;

	ret->cnt = 0;
	for (uint32_t state = 0; state < STATES; state++) {
		struct hitting_lit picks[CHAINS];
		const size_t pick_cnt = picks_of(state, picks);
		bool there = true;

		for (size_t i = 0; i < pick_cnt; i++)
			there &= picks[i].pos < in->chains[picks[i].chain].len;
		if (there && hitting__holds(in->clauses, in->clause_cnt, picks, pick_cnt))
			models[cnt++] = state;
	}
	for (size_t i = 0; i < cnt; i++) {
		bool minimal = is_affordable(in, models[i]);

		for (size_t j = 0; j < cnt && minimal; j++)
			minimal = i == j || !is_inside(models[j], models[i]);
		if (minimal)
			ret->v[ret->cnt++] = models[i];
	}
}

static bool collect(void *ctx, const struct hitting_lit *picks, size_t cnt)
{
	struct sets *sets = ctx;

	assert_true(sets->cnt < STATES);
	sets->v[sets->cnt++] = state_of(picks, cnt);
	return true;
}

static int by_number(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

static void spelled_out_as_brute_force_finds(void **state)
{
	static struct sets expected, found;
	size_t total = 0, joined = 0;

	for (uint64_t seed = 0; seed < 3000; seed++) {
		struct instance in;
		struct hitting_result result;
		struct hitting *h;
		size_t cnt;

		make_instance(&in, seed, seed % 2);
		brute_force(&in, &expected);
		h = hitting__new(in.chains, CHAINS, in.clauses, in.clause_cnt);
		found.cnt = 0;
		result = hitting__search(h, &in.limits, NULL, collect, &found);
		assert_true(result.complete && !result.failed);
		qsort(found.v, found.cnt, sizeof(found.v[0]), by_number);
		if (found.cnt != expected.cnt || memcmp(found.v, expected.v, found.cnt * sizeof(found.v[0])))
			fail_msg("seed %llu: %zu sets, not %zu", (unsigned long long)seed, found.cnt, expected.cnt);
		total += found.cnt;
		joined += hitting__joined(h, CHAINS, &cnt) != NULL;
		hitting__free(h);
	}
	assert_true(total > 4000 && joined > 1000);
}

/* The best of them only: bounds of joined chains must be those of the best they stand for. */
struct best {
	const struct instance *in;
	const struct hitting *h;
	struct hitting_guide guide;
	uint64_t entered; /* chains */
	double most;	  /* of these, at their earliest */
	double v[4]; /* greatest first */
	size_t cnt, max;
};

static double most_of(const struct best *best, uint32_t chain)
{
	size_t cnt;
	const uint32_t *alike = hitting__joined(best->h, chain, &cnt);
	double most = 0;

	if (!alike)
		return best->in->weight[chain][0];
	for (size_t i = 0; i < cnt; i++)
		most = best->in->weight[alike[i]][0] > most ? best->in->weight[alike[i]][0] : most;
	return most;
}

static void enter(void *ctx, const struct hitting_lit *picks, size_t cnt, size_t more)
{
	struct best *best = ctx;

	best->entered = 0;
	best->most = 1;
	for (size_t i = 0; i < cnt; i++) {
		best->entered |= 1ULL << picks[i].chain;
		best->most *= most_of(best, picks[i].chain);
	}
}

static void rank(void *ctx, struct hitting_lit pick, double *ret_value, double *ret_bound)
{
	struct best *best = ctx;

	*ret_value = most_of(best, pick.chain);
	*ret_bound = best->most * (best->entered >> pick.chain & 1 ? 1 : *ret_value);
}

static bool keep(void *ctx, const struct hitting_lit *picks, size_t cnt)
{
	struct best *best = ctx;
	const double weight = weight_of(best->in, state_of(picks, cnt));
	size_t at = best->cnt < best->max ? best->cnt++ : best->max;

	for (; at > 0 && best->v[at - 1] < weight; at--)
		if (at < best->max)
			best->v[at] = best->v[at - 1];
	if (at < best->max)
		best->v[at] = weight;
	if (best->cnt == best->max)
		best->guide.floor = best->v[best->max - 1];
	return true;
}

static int greatest_first(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return *a > *b ? -1 : *a < *b;
}

static void the_best_are_the_best_of_all(void **state)
{
	static struct sets all;
	static double weights[STATES];

	for (uint64_t seed = 0; seed < 3000; seed++) {
		struct instance in;
		struct best best = { .in = &in, .guide = { enter, rank, -1, &best }, .max = 1 + seed % 4 };
		struct hitting_result result;
		struct hitting *h;

		make_instance(&in, seed, seed % 2);
		brute_force(&in, &all);
		for (size_t i = 0; i < all.cnt; i++)
			weights[i] = weight_of(&in, all.v[i]);
		qsort(weights, all.cnt, sizeof(weights[0]), greatest_first);
		h = hitting__new(in.chains, CHAINS, in.clauses, in.clause_cnt);
		best.h = h;
		result = hitting__search(h, &in.limits, &best.guide, keep, &best);
		assert_true(result.complete);
		assert_int_equal(best.cnt, all.cnt < best.max ? all.cnt : best.max);
		for (size_t i = 0; i < best.cnt; i++)
			assert_true(best.v[i] == weights[i]);
		hitting__free(h);
	}
}

/* As a list that is sorted whole; of equals the first. */
static void levels_keep_the_best(void **state)
{
	for (size_t max = 1; max < 40; max += 3) {
		struct level levels[LEVELS] = { 0 };
		struct scored one = { .cnt = 1 }, before = { .score = 2 };

		for (size_t cost = 0; cost < LEVELS; cost++)
			levels[cost].max = max;
		random_state = max;
		for (uint32_t i = 0; i < 300; i++) {
			one.score = .01 * (1 + below(30));
			one.picks[0].chain = i;
			assert_int_equal(level__offer(&levels[1], &one), 0);
		}
		assert_int_equal(levels[1].cnt, max);
		for (size_t i = 0; i < max; i++) {
			assert_true(levels__take(levels, LEVEL_FACTOR, &one));
			assert_true(one.score < before.score ||
				    (one.score == before.score && one.picks[0].chain > before.picks[0].chain));
			before = one;
		}
		/* none that was not kept is better, and none as good came before */
		random_state = max;
		for (uint32_t i = 0; i < 300; i++) {
			const double score = .01 * (1 + below(30));
			bool kept = score < before.score || (score == before.score && i > before.picks[0].chain);

			for (size_t k = 0; k < max && !kept; k++)
				kept = levels[1].picks[levels[1].v[k].at].chain == i;
			assert_true(kept);
		}
		levels__free(levels);
	}
}

#define NODES 6

/* Messages in groups that share their fate, so that losses of them are alike; some runs under a link's fault. */
static struct model *learn(uint64_t seed)
{
	struct model_opts opts = { .node_cnt = NODES, .from = NOW_WORKLOAD, .until = NOW_CHECK, .heal = NOW_HEALED,
				   .seed = seed };
	struct model *model;

	random_state = seed * 0x9e3779b97f4a7c15ULL + 1;
	opts.budget = (struct budget){ .max = { (int)below(2), (int)below(3), (int)below(2), (int)below(4) },
				       .total = below(2) ? 3 : -1 };
	model = model__new(&opts, NULL);
	for (unsigned int run = 0; run < 3 + seed % 4; run++) {
		const struct fault fault = { .kind = FAULT_LINK, .a = (uint16_t)(1 + below(NODES)), .b = 1,
					     .from = NOW_WORKLOAD };
		struct fault_set faults = { 0 };
		struct support support = { 0 };

		if (run && below(3) == 0 && fault.a != fault.b)
			fault_set__add(&faults, &fault);
		for (uint32_t group = 0; group < 10; group++)
			for (uint32_t i = 0, there = below(2); i < 3 && there; i++) {
				const uint32_t m = group * 3 + i;
				const struct support_member member = {
					.src = (uint16_t)(1 + m % NODES), .dst = (uint16_t)(1 + (m + 1 + group % 5) % NODES),
					.step = 1 + m / 8, .messages = 1,
					.confidence = .001f * (float)(1 + (m * 7919 + (uint32_t)seed * 31) % 1000),
					.promise = .1f * (float)(m % 7),
				};

				if (member.src != member.dst)
					assert_int_equal(support__add(&support, &member), 0);
			}
		assert_int_equal(model__learn(model, run, &faults, LESSON_SURVIVED, &support, NULL, NULL), 0);
		support__free(&support);
	}
	return model;
}

/* However few are asked for, they are the first of the whole list. */
static void few_are_the_first_of_all(void **state)
{
	static const size_t few[] = { 1, 2, 7, 30 };
	size_t cut_off = 0;

	for (uint64_t seed = 0; seed < 400; seed++) {
		struct model *model = learn(seed);
		struct candidate *all, *some;
		bool more;
		const long cnt = model__candidates(model, CLAUSE_MONOTONE, 1000000, &all, &more, NULL);

		assert_true(cnt >= 0 && !more);
		for (size_t i = 0; i < 4; i++) {
			const long got = model__candidates(model, CLAUSE_MONOTONE, few[i], &some, &more, NULL);

			assert_int_equal(got, (size_t)cnt < few[i] ? cnt : (long)few[i]);
			assert_int_equal(more, (size_t)cnt > few[i]);
			for (long k = 0; k < got; k++)
				if (!fault_set__equal(&some[k].faults, &all[k].faults) || some[k].score != all[k].score)
					fail_msg("seed %llu: the first %zu differ at %ld", (unsigned long long)seed,
						 few[i], k);
			cut_off += more;
			free(some);
		}
		free(all);
		model__free(model);
	}
	assert_true(cut_off > 400); /* not all lists are short */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spelled_out_as_brute_force_finds),
		cmocka_unit_test(the_best_are_the_best_of_all),
		cmocka_unit_test(levels_keep_the_best),
		cmocka_unit_test(few_are_the_first_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
