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

#define ALIVE "\x85\x90\x91\x92"
#define COPIED "\x83\x90\x91\x92"

static struct kit_task task[NODES + 1];
static struct kit_conn *between[NODES + 1][NODES + 1];

struct rest {
	unsigned int rounds; /* of chatter between write and read */
	bool joined;	     /* now and then two questions are sent in one go */
	uint16_t read_at;    /* 0: 3, which has a copy */
	bool binary;	     /* answers of 4 bytes: that a copy has come is one of them, too */
	bool spare_idle;
};

static void chatter(struct kit *kit, unsigned int times, bool joined, bool binary)
{
	const char *answer = binary ? ALIVE : "yes";
	const char *question = "are you there?", *two = "are you there?are you there?";

	for (unsigned int i = 0; i < times; i++)
		for (uint16_t a = 2; a <= NODES; a++)
			for (uint16_t b = 2; b <= NODES; b++)
				if (a < b) {
					kit__sleep(kit, 10 * 1000 * 1000);
					kit__pass(kit, &task[a], &task[b], between[a][b],
						  joined && i % 3 == 1 ? two : question);
					kit__pass(kit, &task[b], &task[a], between[a][b], answer);
				}
}

/* A rest, a write at 2 that 3 gets a copy of, and as many rounds of chatter before the client goes; a read. */
static struct kit *write_and_rest(const struct rest *rest)
{
	const uint16_t at = rest->read_at ? rest->read_at : 3;
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
	chatter(kit, 5, false, rest->binary);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__set_now(kit, NOW_WORKLOAD);
	write = kit__connect(kit, &task[1], &task[2], 7000);
	kit__pass(kit, &task[1], &task[2], write, "put value_271828");
	kit__pass(kit, &task[2], &task[3], between[2][3], "copy value_271828");
	if (rest->binary)
		kit__pass(kit, &task[3], &task[2], between[2][3], COPIED);
	kit__pass(kit, &task[2], &task[1], write, "done value_271828");
	kit__set_now(kit, NOW_WORKLOAD + 1);
	chatter(kit, rest->rounds, rest->joined, rest->binary);
	kit__phase(kit, PHASE_CHECK, 0);
	kit__set_now(kit, NOW_HEALED);
	read = kit__connect(kit, &reader, &task[at], 7000);
	kit__pass(kit, &reader, &task[at], read, "get");
	kit__pass(kit, &task[at], &reader, read, "is value_271828");
	kit__phase(kit, PHASE_END, 0);
	return kit;
}

static struct support support_of(const struct rest *rest)
{
	struct kit *kit = write_and_rest(rest);
	struct graph *graph = graph__load(kit__finish(kit), NULL);
	struct evidence *evidence = evidence__new();
	struct lineage outcome, promise;
	struct support support = { 0 };

	assert_non_null(graph);
	assert_int_equal(evidence__learn_idle(evidence, graph), 0);
	assert_int_equal(lineage__of(graph, OUTCOME_CHECK, evidence, &outcome, NULL), 0);
	assert_int_equal(lineage__of(graph, OUTCOME_WORKLOAD, evidence, &promise, NULL), 0);
	assert_int_equal(support__from_lineage(graph, &outcome, &promise, rest->spare_idle, SUPPORT_LINKS,
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

static void propose(struct rest rest, struct proposed *ret)
{
	const struct model_opts opts = {
		.node_cnt = NODES, .spare_nodes = 1 << 1, .from = NOW_WORKLOAD, .until = NOW_CHECK, .heal = NOW_HEALED,
		.budget = { .max = { [FAULT_SILENCE] = 1, [FAULT_LINK] = 2 }, .total = -1 }, .seed = 1,
	};
	struct support support = support_of(&rest);
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

	propose((struct rest){ .rounds = 2 }, &some);
	propose((struct rest){ .rounds = 600 }, &many);
	assert_int_equal(many.cnt, some.cnt);
	for (long i = 0; i < some.cnt; i++)
		assert_string_equal(many.text[i], some.text[i]);
	assert_string_equal(many.text[0], "{silence:#3@check.0}");
	assert_string_equal(many.text[1], "{link:#2>#3@workload.0}");
}

/* The same with background spared and no rest at all; more with it and without sparing. */
static void adds_nothing(struct rest rest)
{
	static struct proposed none, many;

	rest.spare_idle = true;
	propose(rest, &many);
	propose((struct rest){ .read_at = rest.read_at, .spare_idle = true }, &none);
	assert_int_equal(many.cnt, none.cnt);
	for (long i = 0; i < none.cnt; i++)
		assert_string_equal(many.text[i], none.text[i]);
	rest.spare_idle = false;
	propose(rest, &none);
	assert_true(none.cnt > many.cnt);
}

static void test_spared_background_is_never_proposed(void **state)
{
	adds_nothing((struct rest){ .rounds = 600 });
}

/* Which of them meet in one send is chance, and was not seen before. */
static void test_joined_background_is_background(void **state)
{
	adds_nothing((struct rest){ .rounds = 600, .joined = true });
}

/* 2 has heard of 3 since, so the copy came before what 2 says; but only background says so. */
static void test_what_led_to_background_only_is_not_proposed(void **state)
{
	adds_nothing((struct rest){ .rounds = 600, .read_at = 2 });
}

/* An answer that is as long as those at rest and not the same is none of them. */
static void test_binary_background_is_told_by_its_bytes(void **state)
{
	const struct rest rest = { .rounds = 600, .binary = true, .read_at = 2, .spare_idle = true };
	struct support support = support_of(&rest);

	assert_non_null(support__find(&support, 2, 3, NOW_WORKLOAD));
	assert_non_null(support__find(&support, 3, 2, NOW_WORKLOAD));
	assert_null(support__find(&support, 4, 2, NOW_WORKLOAD + 1));
	support__free(&support);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longer_rest_proposes_no_more),
		cmocka_unit_test(test_spared_background_is_never_proposed),
		cmocka_unit_test(test_joined_background_is_background),
		cmocka_unit_test(test_binary_background_is_told_by_its_bytes),
		cmocka_unit_test(test_what_led_to_background_only_is_not_proposed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
