// SPDX-License-Identifier: GPL-2.0-only
/* A store at rest chatters: how much of that gets into what is tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "causal/lineage.h"
#include "model/model.h"
#include "model/support_trace.h"
#include "tests/unit/tracekit.h"

#define NODES 4 /* a client, and three that write to each other */
#define MOST 400

static struct kit_task task[NODES + 1];
static struct kit_conn *between[NODES + 1][NODES + 1];

static void chatter(struct kit *kit, unsigned int times)
{
	for (unsigned int i = 0; i < times; i++)
		for (uint16_t a = 2; a <= NODES; a++)
			for (uint16_t b = 2; b <= NODES; b++)
				if (a < b) {
					kit__sleep(kit, 10 * 1000 * 1000);
					kit__pass(kit, &task[a], &task[b], between[a][b], "are you there?");
					kit__pass(kit, &task[b], &task[a], between[a][b], "yes");
				}
}

/* A rest, a write at 2 that 3 gets a copy of, and as many rounds of chatter before the client goes; a read at 3. */
static struct kit *write_and_rest(unsigned int rounds)
{
	struct kit *kit = kit__new();
	struct kit_conn *write, *read;
	struct kit_task reader = { .node = 1, .tgid = 99, .tid = 99 };
	char name[16], address[32];

	for (uint16_t id = 1; id <= NODES; id++) {
		snprintf(name, sizeof(name), "n%u", id);
		snprintf(address, sizeof(address), "198.18.0.%u", id);
		task[id] = (struct kit_task){ .node = id, .tgid = id * 10, .tid = id * 10 };
		kit__node(kit, id, name, address, id > 1 ? 7000 : 0, id == 1);
	}
	kit__phase(kit, PHASE_IDLE, 0);
	for (uint16_t a = 2; a <= NODES; a++)
		for (uint16_t b = a + 1; b <= NODES; b++)
			between[a][b] = kit__connect(kit, &task[a], &task[b], 7000);
	chatter(kit, 5);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__set_now(kit, NOW_WORKLOAD);
	write = kit__connect(kit, &task[1], &task[2], 7000);
	kit__pass(kit, &task[1], &task[2], write, "put value_271828");
	kit__pass(kit, &task[2], &task[3], between[2][3], "copy value_271828");
	kit__pass(kit, &task[2], &task[1], write, "done value_271828");
	kit__set_now(kit, NOW_WORKLOAD + 1);
	chatter(kit, rounds);
	kit__phase(kit, PHASE_CHECK, 0);
	kit__set_now(kit, NOW_HEALED);
	read = kit__connect(kit, &reader, &task[3], 7000);
	kit__pass(kit, &reader, &task[3], read, "get");
	kit__pass(kit, &task[3], &reader, read, "is value_271828");
	kit__phase(kit, PHASE_END, 0);
	return kit;
}

static struct support support_of(unsigned int rounds, bool spare_idle)
{
	struct kit *kit = write_and_rest(rounds);
	struct graph *graph = graph__load(kit__finish(kit), NULL);
	struct evidence *evidence = evidence__new();
	struct lineage outcome, promise;
	struct support support = { 0 };

	assert_non_null(graph);
	assert_int_equal(evidence__learn_idle(evidence, graph), 0);
	assert_int_equal(lineage__of(graph, OUTCOME_CHECK, evidence, &outcome, NULL), 0);
	assert_int_equal(lineage__of(graph, OUTCOME_WORKLOAD, evidence, &promise, NULL), 0);
	assert_int_equal(support__from_lineage(graph, &outcome, &promise, spare_idle, SUPPORT_LINKS,
					       &support, NULL), 0);
	lineage__free(&outcome);
	lineage__free(&promise);
	evidence__free(evidence);
	graph__free(graph);
	kit__free(kit);
	return support;
}

struct proposed {
	char text[MOST][256]; /* in order */
	long cnt;
};

static void propose(unsigned int rounds, bool spare_idle, struct proposed *ret)
{
	const struct model_opts opts = {
		.node_cnt = NODES, .spare_nodes = 1 << 1, .from = NOW_WORKLOAD, .until = NOW_CHECK, .heal = NOW_HEALED,
		.budget = { .max = { [FAULT_SILENCE] = 1, [FAULT_LINK] = 2 }, .total = -1 }, .seed = 1,
	};
	struct support support = support_of(rounds, spare_idle);
	struct model *model = model__new(&opts, NULL);
	const struct fault_set none = { 0 };
	struct candidate next;

	assert_int_equal(model__learn(model, 1, &none, LESSON_SURVIVED, &support, NULL, NULL), 0);
	/* what a hunt would try, were each of them to break it */
	for (ret->cnt = 0; model__next(model, CLAUSE_MONOTONE, &next, NULL) == 1; ret->cnt++) {
		assert_true(ret->cnt < MOST);
		fault_set__print(ret->text[ret->cnt], sizeof(ret->text[0]), &next.faults, NULL);
		assert_int_equal(model__learn(model, 2, &next.faults, LESSON_VIOLATED, NULL, NULL, NULL), 0);
	}
	model__free(model);
	support__free(&support);
}

/* Beyond what there are links of, nothing is added; and what the write rests on is tried first all the same. */
static void test_longer_rest_proposes_no_more(void **state)
{
	static struct proposed some, many;

	propose(2, false, &some);
	propose(600, false, &many);
	assert_int_equal(many.cnt, some.cnt);
	for (long i = 0; i < some.cnt; i++)
		assert_string_equal(many.text[i], some.text[i]);
	assert_string_equal(many.text[0], "{silence:#3@check.0}");
	assert_string_equal(many.text[1], "{link:#2>#3@workload.0}");
}

/* Where background is spared, rest adds nothing at all. */
static void test_spared_background_is_never_proposed(void **state)
{
	static struct proposed none, many;

	propose(0, true, &none);
	propose(600, true, &many);
	assert_int_equal(many.cnt, none.cnt);
	for (long i = 0; i < none.cnt; i++)
		assert_string_equal(many.text[i], none.text[i]);
	propose(600, false, &none);
	assert_true(none.cnt > many.cnt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longer_rest_proposes_no_more),
		cmocka_unit_test(test_spared_background_is_never_proposed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
