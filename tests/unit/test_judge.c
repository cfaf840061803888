// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/units.h"
#include "hunt/judge.h"
#include "tests/unit/tracekit.h"

enum { CLIENT = 1, P, R };

static struct kit_task client, p, r;
static struct kit_conn *to_p, *to_r;

static struct kit *three_nodes(void)
{
	struct kit *kit = kit__new();

	client = (struct kit_task){ .node = CLIENT, .tgid = 10, .tid = 10 };
	p = (struct kit_task){ .node = P, .tgid = 20, .tid = 20 };
	r = (struct kit_task){ .node = R, .tgid = 30, .tid = 30 };
	kit__node(kit, CLIENT, "client", "198.18.0.1", 0, true);
	kit__node(kit, P, "p", "198.18.0.2", 6379, false);
	kit__node(kit, R, "r", "198.18.0.3", 6379, false);
	to_r = kit__connect(kit, &p, &r, 6379);
	kit__set_now(kit, NOW_WORKLOAD);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	to_p = kit__connect(kit, &client, &p, 6379);
	kit__pass(kit, &client, &p, to_p, "hello");
	kit__pass(kit, &p, &client, to_p, "welcome");
	kit__set_now(kit, NOW_WORKLOAD + 1);
	kit__pass(kit, &client, &p, to_p, "set key_1 value_1");
	kit__sleep(kit, 100 * NSEC_PER_MSEC);
	return kit;
}

static void heal(struct kit *kit)
{
	kit__set_now(kit, NOW_CHECK);
	kit__phase(kit, PHASE_HOLD, 0);
	kit__sleep(kit, 50 * NSEC_PER_MSEC);
	kit__set_now(kit, NOW_HEALED);
	kit__phase(kit, PHASE_SETTLE, 0);
	kit__sleep(kit, NSEC_PER_MSEC);
}

/* The check reads at R what P sent it. */
static const char *check(struct kit *kit)
{
	struct kit_conn *conn;

	kit__phase(kit, PHASE_CHECK, 0);
	conn = kit__connect(kit, &client, &r, 6379);
	kit__pass(kit, &client, &r, conn, "get key_1");
	kit__pass(kit, &r, &client, conn, "value_1");
	kit__phase(kit, PHASE_END, 0);
	return kit__finish(kit);
}

static struct judge judge_of(const char *trace, const struct fault_set *faults)
{
	return (struct judge){ .trace = trace,
			       .faults = faults,
			       .heal = NOW_HEALED,
			       .outcome = OUTCOME_CHECK };
}

static struct fault_set link_from(uint32_t step)
{
	const struct fault fault = { .kind = FAULT_LINK, .a = P, .b = R, .from = step };
	struct fault_set set = { 0 };

	assert_int_equal(fault_set__add(&set, &fault), 0);
	return set;
}

static const struct support_member *member(const struct support *support, uint16_t src,
					   uint16_t dst, uint32_t step)
{
	for (size_t i = 0; i < support->cnt; i++)
		if (support->v[i].src == src && support->v[i].dst == dst &&
		    support->v[i].step == step)
			return &support->v[i];
	return NULL;
}

static void sees_what_passed_in_the_window(void **state)
{
	struct kit *kit = three_nodes();
	const struct fault_set late = link_from(NOW_WORKLOAD + 1), later = link_from(NOW_WORKLOAD + 2);
	struct facts facts = { .workload.end = COMMAND_YES };
	struct judge judge;

	kit__pass(kit, &p, &r, to_r, "set key_1 value_1");
	kit__pass(kit, &p, &client, to_p, "ok");
	heal(kit);
	judge = judge_of(check(kit), &late);
	assert_int_equal(judge__facts(&judge, &facts, NULL), 0);
	assert_int_equal(facts.leaked, 1);
	assert_int_equal(facts.lost, 0);
	assert_false(facts.unsound);
	judge.faults = &later;
	assert_int_equal(judge__facts(&judge, &facts, NULL), 0);
	assert_int_equal(facts.leaked, 0);
	kit__free(kit);
}

/* Sent in the window, delivered after healing: no leak, and no longer a message of its step. */
static void takes_late_for_late(void **state)
{
	struct kit *kit = three_nodes();
	const struct fault_set set = link_from(NOW_WORKLOAD + 1);
	struct facts facts = { .workload.end = COMMAND_YES };
	struct support support = { 0 };
	struct judge judge;

	kit__send(kit, &p, to_r, "set key_1 value_1");
	kit__pass(kit, &p, &client, to_p, "ok");
	heal(kit);
	kit__recv(kit, &r, to_r, 100);
	judge = judge_of(check(kit), &set);
	assert_int_equal(judge__facts(&judge, &facts, NULL), 0);
	assert_int_equal(facts.leaked, 0);
	assert_int_equal(judge__support(&judge, &support, NULL, NULL), 0);
	assert_null(member(&support, P, R, NOW_WORKLOAD + 1));
	assert_non_null(member(&support, P, R, NOW_HEALED));
	assert_non_null(member(&support, R, CLIENT, NOW_HEALED));
	for (size_t i = 0; i < support.cnt; i++)
		assert_false(fault__covers(&set.v[0], support.v[i].src, support.v[i].dst,
					   support.v[i].step, NOW_HEALED));
	support__free(&support);
	kit__free(kit);
}

/* Nothing that comes later on a stream arrives where what came before it was lost. */
static void a_stream_needs_what_came_before(void **state)
{
	struct kit *kit = three_nodes();
	const struct fault_set none = { 0 };
	struct support support = { 0 };
	struct judge judge;

	kit__pass(kit, &p, &r, to_r, "heartbeat");
	kit__set_now(kit, NOW_WORKLOAD + 2);
	kit__pass(kit, &p, &r, to_r, "set key_1 value_1");
	kit__pass(kit, &p, &client, to_p, "ok");
	heal(kit);
	judge = judge_of(check(kit), &none);
	assert_int_equal(judge__support(&judge, &support, NULL, NULL), 0);
	assert_true(member(&support, P, R, NOW_WORKLOAD + 2)->confidence > .5f);
	assert_true(member(&support, P, R, NOW_WORKLOAD + 1)->confidence ==
		    member(&support, P, R, NOW_WORKLOAD + 2)->confidence);
	assert_int_equal(member(&support, P, R, NOW_WORKLOAD + 1)->messages, 1);
	support__free(&support);
	kit__free(kit);
}

static void knows_the_last_step(void **state)
{
	struct kit *kit = three_nodes();
	uint32_t step;

	kit__pass(kit, &p, &client, to_p, "ok");
	heal(kit);
	assert_int_equal(judge__last_step(check(kit), &step, NULL), 0);
	assert_int_equal(step, NOW_WORKLOAD + 1);
	kit__free(kit);
}

static void a_loss_is_a_loss(void **state)
{
	struct kit *kit = three_nodes();
	const struct ledger ledger = { .failed = 3 };
	const struct fault_set none = { 0 };
	struct facts facts = { .workload.end = COMMAND_YES };
	struct judge judge;

	kit__pass(kit, &p, &client, to_p, "ok");
	judge = judge_of(kit__finish_with(kit, &ledger), &none);
	judge.outcome = OUTCOME_WORKLOAD;
	assert_int_equal(judge__facts(&judge, &facts, NULL), 0);
	assert_int_equal(facts.lost, 3);
	kit__free(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees_what_passed_in_the_window),
		cmocka_unit_test(takes_late_for_late),
		cmocka_unit_test(a_stream_needs_what_came_before),
		cmocka_unit_test(knows_the_last_step),
		cmocka_unit_test(a_loss_is_a_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
