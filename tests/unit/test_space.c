// SPDX-License-Identifier: GPL-2.0-only
/* How many fault sets there are, beside the strategy that tries them all, one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "hunt/strategy.h"
#include "model/space.h"

/* All pairs of nodes talk in all steps of the workload, and in the check. */
static struct support chatter(uint16_t nodes, uint32_t last_step)
{
	struct support support = { 0 };

	for (uint16_t a = 1; a <= nodes; a++)
		for (uint16_t b = 1; b <= nodes; b++)
			for (uint32_t step = NOW_WORKLOAD; a != b && step <= last_step + 1; step++) {
				const struct support_member member = {
					.src = a, .dst = b, .step = step > last_step ? NOW_CHECK : step,
					.confidence = 1, .messages = 1
				};

				assert_int_equal(support__add(&support, &member), 0);
			}
	return support;
}

static double counted_one_by_one(const struct model_opts *opts, uint32_t last_step)
{
	struct strategy *strategy = strategy__new(false, opts, last_step);
	struct tried_table none = { 0 };
	struct fault_set set;
	double cnt = 0;

	assert_non_null(strategy);
	while (strategy__next(strategy, &none, &set))
		cnt++;
	strategy__free(strategy);
	return cnt;
}

static void check(struct budget budget, uint16_t nodes, uint64_t spare)
{
	const uint32_t last_step = NOW_WORKLOAD + 2;
	const struct model_opts opts = { .node_cnt = nodes, .budget = budget, .spare_nodes = spare,
					 .from = NOW_WORKLOAD, .until = NOW_CHECK, .heal = NOW_HEALED };
	struct support seen = chatter(nodes, last_step);
	struct space space;

	assert_int_equal(space__of_messages(&space, &opts, &seen), 0);
	assert_true(space__sets(&space, &budget) == counted_one_by_one(&opts, last_step));
	support__free(&seen);
}

static void test_as_many_as_the_exhaustive_strategy_tries(void **state)
{
	check((struct budget){ .max = { [FAULT_SILENCE] = 1 }, .total = -1 }, 3, 0);
	check((struct budget){ .max = { [FAULT_SILENCE] = 1, [FAULT_LINK] = 2 }, .total = -1 }, 4, 1 << 4);
	check((struct budget){ .max = { [FAULT_SILENCE] = 2, [FAULT_LINK] = 1 }, .total = 2 }, 4, 0);
	check((struct budget){ .max = { [FAULT_PARTITION] = 2, [FAULT_LOSS] = 2 }, .total = 3 }, 3, 0);
	check((struct budget){ .max = { [FAULT_LOSS] = -1, [FAULT_SILENCE] = 1 }, .total = 3 }, 3, 1 << 1);
}

static void test_of_nodes(void **state)
{
	const struct model_opts opts = {
		.node_cnt = 4, .spare_nodes = 1 << 4,
		.budget = { .max = { [FAULT_SILENCE] = 1, [FAULT_LINK] = 2 }, .total = -1 },
	};
	struct space space;

	space__of_nodes(&space, &opts);
	assert_int_equal(space.faults[FAULT_SILENCE], 3);
	assert_int_equal(space.faults[FAULT_LINK], 6);
	assert_int_equal(space.faults[FAULT_PARTITION], 0);
	/* (1 + 3) times (1 + 6 + 15), but for the empty one */
	assert_true(space__sets(&space, &opts.budget) == 87);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_many_as_the_exhaustive_strategy_tries),
		cmocka_unit_test(test_of_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
