// SPDX-License-Identifier: GPL-2.0-only
/* The solver's parts against brute force and against each other. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solve/cardinality.h"
#include "solve/hitting.h"

static uint64_t random_state;

static uint32_t below(uint32_t limit)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(random_state >> 33) % limit;
}

static void sat_answers(void **state)
{
	struct sat *sat = sat__new();
	int a = sat__new_var(sat, true, false), b = sat__new_var(sat, true, false);

	sat__add(sat, a);
	sat__add(sat, b);
	sat__add(sat, 0);
	assert_int_equal(sat__solve(sat, -1), SAT_SATISFIABLE);
	assert_true(sat__value(sat, a) != sat__value(sat, b)); /* false first: not both */
	sat__assume(sat, -a);
	assert_int_equal(sat__solve(sat, -1), SAT_SATISFIABLE);
	assert_true(sat__value(sat, b));
	sat__assume(sat, -a);
	sat__assume(sat, -b);
	assert_int_equal(sat__solve(sat, -1), SAT_UNSATISFIABLE);
	assert_true(sat__failed(sat, -a) && sat__failed(sat, -b));
	assert_int_equal(sat__solve(sat, -1), SAT_SATISFIABLE); /* assumptions are gone */
	sat__add(sat, -a);
	sat__add(sat, 0);
	sat__add(sat, -b);
	sat__add(sat, 0);
	assert_int_equal(sat__solve(sat, -1), SAT_UNSATISFIABLE);
	sat__free(sat);
	sat__free(NULL);
}

/* Under every assignment of n literals, each output must follow and be right. */
static void counts_by_propagation(void **state)
{
	for (size_t n = 0; n <= 6; n++)
		for (size_t upto = 1; upto <= 8; upto++) {
			struct cnf cnf = { 0 };
			int lits[6], out[8];
			struct sat *sat;

			for (size_t i = 0; i < n; i++)
				lits[i] = (i % 2 ? -1 : 1) * cnf__new_var(&cnf, true);
			cardinality__count(&cnf, lits, n, upto, out);
			sat = cnf__solver(&cnf);
			for (unsigned int bits = 0; bits < 1u << n; bits++) {
				for (size_t i = 0; i < n; i++)
					sat__assume(sat, bits >> i & 1 ? lits[i] : -lits[i]);
				assert_int_equal(sat__solve(sat, 1), SAT_SATISFIABLE);
				for (size_t j = 0; j < upto; j++) {
					bool more = (size_t)__builtin_popcount(bits) > j;

					assert_int_equal(sat__value(sat, out[j]), more);
					assert_int_equal(sat__value(sat, -out[j]), !more);
				}
				assert_true(cnf__holds(&cnf, sat));
			}
			sat__free(sat);
			cnf__free(&cnf);
		}
}

static void bounds_from_above(void **state)
{
	for (size_t n = 0; n <= 6; n++)
		for (size_t max = 0; max <= 7; max++)
			for (unsigned int bits = 0; bits < 1u << n; bits++) {
				struct cnf cnf = { 0 };
				int lits[6];
				struct sat *sat;
				bool fits = (size_t)__builtin_popcount(bits) <= max;

				for (size_t i = 0; i < n; i++)
					lits[i] = cnf__new_var(&cnf, true);
				cardinality__at_most(&cnf, lits, n, max);
				sat = cnf__solver(&cnf);
				for (size_t i = 0; i < n; i++)
					sat__assume(sat, bits >> i & 1 ? lits[i] : -lits[i]);
				assert_int_equal(sat__solve(sat, -1),
						 fits ? SAT_SATISFIABLE : SAT_UNSATISFIABLE);
				sat__free(sat);
				cnf__free(&cnf);
			}
}

/* A random instance, small enough for brute force: a state is a position + 1 per chain, 0 for none. */
#define CHAINS 5
#define CLAUSES 8
#define KINDS 2
#define FOUND 4096

struct instance {
	struct hitting_chain chains[CHAINS];
	size_t chain_cnt;
	struct hitting_clause clauses[CLAUSES];
	struct hitting_lit pos[CLAUSES][CHAINS], neg[CLAUSES][CHAINS];
	size_t clause_cnt;
	struct hitting_limits limits;
};

static void make_instance(struct instance *in, uint64_t seed, bool negations)
{
	memset(in, 0, sizeof(*in));
	random_state = seed * 0x9e3779b97f4a7c15ULL + 1;
	in->chain_cnt = 1 + below(CHAINS);
	in->clause_cnt = below(CLAUSES + 1);
	for (size_t c = 0; c < in->chain_cnt; c++)
		in->chains[c] = (struct hitting_chain){ .len = 1 + below(3), .kind = below(KINDS) };
	for (size_t j = 0; j < in->clause_cnt; j++) {
		struct hitting_clause *clause = &in->clauses[j];

		clause->pos = in->pos[j];
		clause->neg = in->neg[j];
		for (uint32_t c = 0; c < in->chain_cnt; c++) {
			struct hitting_lit lit = { .chain = c, .pos = below(in->chains[c].len) };

			if (below(2))
				clause->pos[clause->pos_cnt++] = lit;
			lit.pos = below(in->chains[c].len);
			if (negations && below(4) == 0)
				clause->neg[clause->neg_cnt++] = lit;
		}
	}
	memset(in->limits.max, 0xff, sizeof(in->limits.max)); /* -1: any */
	in->limits.nodes = -1;
	for (int k = 0; k < KINDS; k++)
		in->limits.max[k] = below(3) ? (int)below(4) : -1;
	in->limits.total = below(3) ? (int)below(4) : -1;
}

/* A set of sets, as sorted numbers: base-4 digits, one a chain. */
struct sets {
	uint32_t v[FOUND];
	size_t cnt;
};

static uint32_t number_of(const struct hitting_lit *picks, size_t cnt)
{
	uint32_t number = 0;

	for (size_t i = 0; i < cnt; i++)
		number += (picks[i].pos + 1) << 2 * picks[i].chain;
	return number;
}

static bool collect(void *ctx, const struct hitting_lit *picks, size_t cnt)
{
	struct sets *sets = ctx;

	assert_true(sets->cnt < FOUND);
	sets->v[sets->cnt++] = number_of(picks, cnt);
	return true;
}

static int by_number(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

static size_t picks_of(const struct instance *in, uint32_t number, struct hitting_lit *picks)
{
	size_t cnt = 0;

	for (uint32_t c = 0; c < in->chain_cnt; c++)
		if (number >> 2 * c & 3)
			picks[cnt++] = (struct hitting_lit){ .chain = c,
							     .pos = (number >> 2 * c & 3) - 1 };
	return cnt;
}

/* An earlier position makes more variables true: is every chain of x no more than in y? */
static bool is_inside(const struct instance *in, uint32_t x, uint32_t y)
{
	for (uint32_t c = 0; c < in->chain_cnt; c++) {
		uint32_t a = x >> 2 * c & 3, b = y >> 2 * c & 3;

		if (a && (!b || a < b))
			return false;
	}
	return true;
}

static bool is_state(const struct instance *in, uint32_t number)
{
	for (uint32_t c = 0; c < in->chain_cnt; c++)
		if ((number >> 2 * c & 3) > in->chains[c].len)
			return false;
	return true;
}

static bool is_affordable(const struct instance *in, uint32_t number)
{
	int total = 0, cnt[KINDS] = { 0 };

	for (uint32_t c = 0; c < in->chain_cnt; c++)
		if (number >> 2 * c & 3) {
			cnt[in->chains[c].kind]++;
			total++;
		}
	for (int k = 0; k < KINDS; k++)
		if (in->limits.max[k] >= 0 && cnt[k] > in->limits.max[k])
			return false;
	return in->limits.total < 0 || total <= in->limits.total;
}

static bool is_model(const struct instance *in, uint32_t number)
{
	struct hitting_lit picks[CHAINS];
	size_t cnt = picks_of(in, number, picks);

	return hitting__holds(in->clauses, in->clause_cnt, picks, cnt);
}

static void brute_force(const struct instance *in, struct sets *ret)
{
	static uint32_t models[FOUND];
	size_t cnt = 0;

	ret->cnt = 0;
	for (uint32_t n = 0; n < 1u << 2 * in->chain_cnt; n++)
		if (is_state(in, n) && is_model(in, n))
			models[cnt++] = n;
	for (size_t i = 0; i < cnt; i++) {
		bool minimal = is_affordable(in, models[i]);

		for (size_t j = 0; j < cnt && minimal; j++)
			minimal = i == j || !is_inside(in, models[j], models[i]);
		if (minimal)
			ret->v[ret->cnt++] = models[i];
	}
}

static void enumerate(const struct instance *in, struct hitting_guide *guide, struct sets *ret)
{
	struct hitting *h = hitting__new(in->chains, in->chain_cnt, in->clauses, in->clause_cnt);
	struct hitting_result result;

	ret->cnt = 0;
	result = hitting__search(h, &in->limits, guide, collect, ret);
	assert_true(result.complete && !result.failed && !result.stopped);
	qsort(ret->v, ret->cnt, sizeof(ret->v[0]), by_number);
	hitting__free(h);
}

/* MiniSat: block what is found and all that holds it, until nothing is left. */
static void enumerate_by_sat(const struct instance *in, struct sets *ret)
{
	struct cnf cnf = { 0 };
	int first[CHAINS], cost[CHAINS];
	struct sat *sat;
	size_t cnt;

	ret->cnt = 0;
	for (size_t c = 0; c < in->chain_cnt; c++)
		for (uint32_t p = 0; p < in->chains[c].len; p++) {
			int var = cnf__new_var(&cnf, true);

			if (p == 0)
				first[c] = var;
			else
				cnf__clause(&cnf, (int[]){ 1 - var, var }, 2);
		}
	for (size_t j = 0; j < in->clause_cnt; j++) {
		const struct hitting_clause *clause = &in->clauses[j];

		for (size_t i = 0; i < clause->pos_cnt; i++)
			cnf__add(&cnf, first[clause->pos[i].chain] + (int)clause->pos[i].pos);
		for (size_t i = 0; i < clause->neg_cnt; i++)
			cnf__add(&cnf, -first[clause->neg[i].chain] - (int)clause->neg[i].pos);
		cnf__add(&cnf, 0);
	}
	for (int k = -1; k < KINDS; k++) {
		int max = k < 0 ? in->limits.total : in->limits.max[k];

		cnt = 0;
		for (size_t c = 0; c < in->chain_cnt; c++)
			if (k < 0 || in->chains[c].kind == k)
				cost[cnt++] = first[c] + (int)in->chains[c].len - 1;
		if (max >= 0)
			cardinality__at_most(&cnf, cost, cnt, (size_t)max);
	}
	sat = cnf__solver(&cnf);
	while (sat__solve(sat, -1) == SAT_SATISFIABLE) {
		uint32_t number = 0;

		assert_true(cnf__holds(&cnf, sat));
		for (size_t c = 0; c < in->chain_cnt; c++)
			for (uint32_t p = 0; p < in->chains[c].len; p++)
				if (sat__value(sat, first[c] + (int)p)) {
					number += (p + 1) << 2 * c;
					break;
				}
		ret->v[ret->cnt++] = number;
		for (size_t c = 0; c < in->chain_cnt; c++)
			if (number >> 2 * c & 3)
				sat__add(sat, -(first[c] + (int)(number >> 2 * c & 3) - 1));
		sat__add(sat, 0);
	}
	qsort(ret->v, ret->cnt, sizeof(ret->v[0]), by_number);
	sat__free(sat);
	cnf__free(&cnf);
}

static void assert_same(const struct sets *x, const struct sets *y, uint64_t seed)
{
	if (x->cnt != y->cnt || memcmp(x->v, y->v, x->cnt * sizeof(x->v[0])) != 0)
		fail_msg("seed %llu: %zu sets against %zu", (unsigned long long)seed, x->cnt, y->cnt);
}

static void enumerates_what_brute_force_finds(void **state)
{
	static struct sets expected, found;
	size_t total = 0;

	for (uint64_t seed = 0; seed < 6000; seed++) {
		struct instance in;

		make_instance(&in, seed, seed % 2);
		brute_force(&in, &expected);
		enumerate(&in, NULL, &found);
		assert_same(&expected, &found, seed);
		total += found.cnt;
	}
	assert_in_range(total, 4000, 60000); /* the instances are not all trivial */
}

static void minisat_finds_the_same(void **state)
{
	static struct sets by_search, by_sat;

	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct instance in;

		make_instance(&in, seed, false);
		enumerate(&in, NULL, &by_search);
		enumerate_by_sat(&in, &by_sat);
		assert_same(&by_search, &by_sat, seed);
	}
}

/* With negations, blocking also takes models away that would have been minimal: each found is one. */
static void minisats_models_are_minimal(void **state)
{
	static struct sets minimal, by_sat;

	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct instance in;

		make_instance(&in, seed, true);
		brute_force(&in, &minimal);
		enumerate_by_sat(&in, &by_sat);
		assert_int_equal(by_sat.cnt == 0, minimal.cnt == 0);
		for (size_t i = 0; i < by_sat.cnt; i++)
			if (!bsearch(&by_sat.v[i], minimal.v, minimal.cnt, sizeof(minimal.v[0]),
				     by_number))
				fail_msg("seed %llu: not minimal", (unsigned long long)seed);
	}
}

/* A guide that prefers nonsense changes the order, never the sets. */
static void enter_nothing(void *ctx, const struct hitting_lit *picks, size_t cnt, size_t more)
{
}

static void rank_oddly(void *ctx, struct hitting_lit pick, double *ret_value, double *ret_bound)
{
	*ret_value = (pick.chain * 7 + pick.pos * 3) % 5;
	*ret_bound = 1;
}

static void a_guide_only_orders(void **state)
{
	static struct sets plain, guided;

	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct hitting_guide guide = { .enter = enter_nothing, .rank = rank_oddly };
		struct instance in;

		make_instance(&in, seed, seed % 2);
		enumerate(&in, NULL, &plain);
		enumerate(&in, &guide, &guided);
		assert_same(&plain, &guided, seed);
	}
}

static bool stop_at_once(void *ctx, const struct hitting_lit *picks, size_t cnt)
{
	++*(size_t *)ctx;
	return false;
}

static void stops_and_gives_up(void **state)
{
	struct instance in;
	struct hitting_result result;
	struct hitting *h;
	size_t cnt = 0;
	static struct sets found;

	memset(&in, 0, sizeof(in));
	for (uint32_t c = 0; c < 4; c++) {
		in.chains[c] = (struct hitting_chain){ .len = 1 };
		in.pos[0][c] = (struct hitting_lit){ .chain = c };
	}
	in.clauses[0] = (struct hitting_clause){ .pos = in.pos[0], .pos_cnt = 4, .neg = in.neg[0] };
	in.limits = (struct hitting_limits){ .max = { -1 }, .total = -1, .nodes = -1 };
	h = hitting__new(in.chains, 4, in.clauses, 1);
	result = hitting__search(h, &in.limits, NULL, stop_at_once, &cnt);
	assert_true(result.stopped && !result.complete);
	assert_int_equal(cnt, 1);
	in.limits.nodes = 0;
	found.cnt = 0;
	result = hitting__search(h, &in.limits, NULL, collect, &found);
	assert_false(result.complete);
	assert_true(found.cnt < 4);
	in.limits.nodes = -1;
	in.limits.total = 0;
	found.cnt = 0;
	result = hitting__search(h, &in.limits, NULL, collect, &found);
	assert_true(result.complete && result.more);
	assert_int_equal(found.cnt, 0);
	hitting__free(h);
	hitting__free(NULL);
}

static void writes_dimacs(void **state)
{
	struct cnf cnf = { 0 };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int a = cnf__new_var(&cnf, true), b = cnf__new_var(&cnf, true);

	cnf__note(&cnf, "one\nline");
	cnf__clause(&cnf, (int[]){ a, -b }, 2);
	cnf__note(&cnf, "last");
	assert_int_equal(cnf__write_dimacs(&cnf, out), 0);
	fclose(out);
	assert_string_equal(text, "p cnf 2 1\nc one line\n1 -2 0\nc last\n");
	free(text);
	cnf__free(&cnf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sat_answers),
		cmocka_unit_test(counts_by_propagation),
		cmocka_unit_test(bounds_from_above),
		cmocka_unit_test(enumerates_what_brute_force_finds),
		cmocka_unit_test(minisat_finds_the_same),
		cmocka_unit_test(minisats_models_are_minimal),
		cmocka_unit_test(a_guide_only_orders),
		cmocka_unit_test(stops_and_gives_up),
		cmocka_unit_test(writes_dimacs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
