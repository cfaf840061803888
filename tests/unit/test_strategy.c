// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "hunt/strategy.h"

#define CLIENT 4

static struct model_opts opts_of(int silence, int link, int partition, int total)
{
	return (struct model_opts){
		.node_cnt = 4,
		.budget = { .max = { [FAULT_SILENCE] = silence,
				     [FAULT_LINK] = link,
				     [FAULT_PARTITION] = partition },
			    .total = total },
		.spare_nodes = 1ULL << CLIENT,
		.from = NOW_WORKLOAD,
		.until = NOW_CHECK,
		.heal = NOW_HEALED,
		.seed = 7,
	};
}

static size_t drain(struct strategy *strategy, struct tried_table *tried)
{
	struct fault_set set;
	size_t cnt = 0;

	while (strategy__next(strategy, tried, &set)) {
		assert_null(tried__find(tried, &set));
		assert_non_null(tried__get(tried, &set));
		for (size_t i = 0; i < set.cnt; i++) {
			assert_int_not_equal(set.v[i].a, CLIENT);
			assert_int_not_equal(set.v[i].b, CLIENT);
		}
		cnt++;
	}
	return cnt;
}

/* 3 nodes that may fail, 2 steps: 9 silences (2 steps and check.0), 12 links, 6 partitions. */
static void counts_its_units(void **state)
{
	const struct model_opts opts = opts_of(1, 1, 1, -1);
	struct strategy *strategy = strategy__new(false, &opts, NOW_WORKLOAD + 1);

	assert_non_null(strategy);
	assert_int_equal(strategy__unit_cnt(strategy), 9 + 12 + 6);
	strategy__free(strategy);
}

/* one silence: 9; one link: 12; both: 108 */
static void goes_through_all_in_order_of_size(void **state)
{
	const struct model_opts opts = opts_of(1, 1, 0, -1);
	struct strategy *strategy = strategy__new(false, &opts, NOW_WORKLOAD + 1);
	struct tried_table tried = { 0 };

	assert_int_equal(drain(strategy, &tried), 9 + 12 + 108);
	for (size_t i = 1; i < tried.cnt; i++)
		assert_true(tried.v[i - 1]->faults.cnt <= tried.v[i]->faults.cnt);
	tried__free(&tried);
	strategy__free(strategy);
}

static void heeds_the_total(void **state)
{
	const struct model_opts opts = opts_of(-1, -1, 0, 1);
	struct strategy *strategy = strategy__new(false, &opts, NOW_WORKLOAD + 1);
	struct tried_table tried = { 0 };

	assert_int_equal(drain(strategy, &tried), 9 + 12);
	tried__free(&tried);
	strategy__free(strategy);
}

/* two links of different pairs: 12 * 10 / 2 in two steps (never one pair twice) */
static void never_takes_one_link_twice(void **state)
{
	const struct model_opts opts = opts_of(0, 2, 0, -1);
	struct strategy *strategy = strategy__new(false, &opts, NOW_WORKLOAD + 1);
	struct tried_table tried = { 0 };

	assert_int_equal(drain(strategy, &tried), 12 + 60);
	tried__free(&tried);
	strategy__free(strategy);
}

static void chance_is_the_same_for_a_seed_and_finds_all(void **state)
{
	struct model_opts opts = opts_of(1, 1, 0, -1);
	struct strategy *one = strategy__new(true, &opts, NOW_WORKLOAD + 1);
	struct strategy *two = strategy__new(true, &opts, NOW_WORKLOAD + 1);
	struct strategy *other;
	struct tried_table tried = { 0 };
	struct fault_set a, b;
	bool differs = false;

	opts.seed = 8;
	other = strategy__new(true, &opts, NOW_WORKLOAD + 1);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(strategy__next(one, &tried, &a), 1);
		assert_int_equal(strategy__next(two, &tried, &b), 1);
		assert_true(fault_set__equal(&a, &b));
		assert_int_equal(strategy__next(other, &tried, &b), 1);
		differs |= !fault_set__equal(&a, &b);
	}
	assert_true(differs);
	assert_int_equal(drain(one, &tried), 9 + 12 + 108);
	tried__free(&tried);
	strategy__free(one);
	strategy__free(two);
	strategy__free(other);
}

static void links_begin_before_until(void **state)
{
	struct model_opts opts = opts_of(0, 1, 0, -1);
	struct strategy *strategy;

	opts.until = NOW_WORKLOAD + 1;
	strategy = strategy__new(false, &opts, NOW_WORKLOAD + 5);
	assert_int_equal(strategy__unit_cnt(strategy), 6);
	strategy__free(strategy);
}

/* a loss a link and step, and any number of one link's */
static void losses_are_of_single_steps(void **state)
{
	struct model_opts opts = opts_of(0, 0, 0, -1);
	struct tried_table tried = { 0 };
	struct strategy *strategy;

	opts.budget.max[FAULT_LOSS] = 2;
	opts.until = NOW_WORKLOAD + 2;
	strategy = strategy__new(false, &opts, NOW_WORKLOAD + 5);
	assert_int_equal(strategy__unit_cnt(strategy), 12);
	assert_int_equal(drain(strategy, &tried), 12 + 12 * 11 / 2);
	tried__free(&tried);
	strategy__free(strategy);
}

static void knows_what_it_tried(void **state)
{
	struct tried_table table = { 0 };
	struct tried *added;
	struct fault_set none = { 0 }, one = { 0 }, two;
	const struct fault a = { .kind = FAULT_SILENCE, .a = 1, .from = NOW_CHECK };
	const struct fault b = { .kind = FAULT_LINK, .a = 1, .b = 2, .from = NOW_WORKLOAD };

	assert_int_equal(fault_set__add(&one, &a), 0);
	two = one;
	assert_int_equal(fault_set__add(&two, &b), 0);
	assert_non_null(tried__get(&table, &none));
	added = tried__get(&table, &two);
	assert_ptr_equal(added, tried__find(&table, &two));
	assert_null(tried__find(&table, &one));
	assert_int_equal(tried__cnt(&table), 1);
	assert_true(fault_set__within(&one, &two));
	assert_false(fault_set__within(&two, &one));
	assert_true(fault_set__within(&none, &one));
	tried__free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_its_units),
		cmocka_unit_test(goes_through_all_in_order_of_size),
		cmocka_unit_test(heeds_the_total),
		cmocka_unit_test(never_takes_one_link_twice),
		cmocka_unit_test(chance_is_the_same_for_a_seed_and_finds_all),
		cmocka_unit_test(links_begin_before_until),
		cmocka_unit_test(losses_are_of_single_steps),
		cmocka_unit_test(knows_what_it_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
