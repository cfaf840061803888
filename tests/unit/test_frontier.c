// SPDX-License-Identifier: GPL-2.0-only
/* Good minus bad, on runs of Redis of which it is known what went wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "report/caption.h"
#include "report/frontier.h"
#include "report/repeats.h"
#include "tests/unit/tracekit.h"

struct pair {
	struct account good, bad;
	struct alignment alignment;
	struct frontier frontier;
};

static void load_one(struct account *account, const char *hunt, const char *run)
{
	char path[128];
	struct err err;

	snprintf(path, sizeof(path), "tests/golden/%s/runs/%s/trace", hunt, run);
	account->graph = graph__load(path, &err);
	assert_non_null(account->graph);
	assert_int_equal(relevance__of(account->graph, NULL, &account->relevance, &err), 0);
}

static void load(struct pair *pair, const char *hunt, const char *good, const char *bad)
{
	load_one(&pair->good, hunt, good);
	load_one(&pair->bad, hunt, bad);
	assert_int_equal(alignment__of(pair->good.graph, pair->bad.graph, &pair->alignment), 0);
	assert_int_equal(
		frontier__of(&pair->good, &pair->bad, &pair->alignment, NULL, &pair->frontier), 0);
}

static void unload(struct pair *pair)
{
	frontier__free(&pair->frontier);
	alignment__free(&pair->alignment);
	relevance__free(&pair->good.relevance);
	relevance__free(&pair->bad.relevance);
	graph__free(pair->good.graph);
	graph__free(pair->bad.graph);
}

static void a_run_is_itself(void **state)
{
	struct pair pair;
	size_t cnt;

	load(&pair, "redis-hunt", "0011", "0011");
	cnt = graph__message_cnt(pair.good.graph);
	for (size_t i = 0; i < cnt; i++)
		if (message__is_between_nodes(graph__message(pair.good.graph, i)))
			assert_int_equal(pair.alignment.a_to_b[i], i);
	assert_int_equal(pair.alignment.by_neighbour + pair.alignment.by_order, 0);
	assert_int_equal(pair.frontier.missing, 0);
	unload(&pair);
}

static void pairs_are_mutual_and_look_alike(void **state)
{
	struct pair pair;
	size_t pairs = 0;

	load(&pair, "redis-hunt", "0013", "0011");
	for (uint32_t i = 0; i < graph__message_cnt(pair.good.graph); i++) {
		uint32_t mate = pair.alignment.a_to_b[i];

		if (mate == ALIGN_NONE)
			continue;
		pairs++;
		assert_int_equal(pair.alignment.b_to_a[mate], i);
		assert_true(align__look(pair.good.graph, graph__message(pair.good.graph, i)) ==
			    align__look(pair.bad.graph, graph__message(pair.bad.graph, mate)));
	}
	assert_int_equal(pairs, pair.alignment.by_key + pair.alignment.by_neighbour +
					pair.alignment.by_order);
	assert_true(pairs > 300);
	unload(&pair);
}

static void is_first(const struct pair *pair, const char *link, const char *caption, bool cut)
{
	const struct frontier_item *item = &pair->frontier.v[0];
	const struct message *message;
	char text[160];

	assert_true(pair->frontier.cnt > 0);
	message = graph__message(pair->good.graph, item->good);
	assert_string_equal(caption__link(text, sizeof(text), pair->good.graph, message), link);
	assert_non_null(strstr(caption__of(text, CAPTION_BYTES, message), caption));
	assert_true((item->bad != ALIGN_NONE) == cut);
	if (cut)
		assert_true(graph__message(pair->bad.graph, item->bad)->cut);
}

/* The near miss without the link to one replica: what that replica got there, and did not here. */
static void the_write_that_did_not_reach_the_replica(void **state)
{
	struct pair pair;

	load(&pair, "redis-hunt", "0013", "0011");
	is_first(&pair, "redis1>redis2:6379", "SET key_", true);
	assert_int_equal(pair.frontier.cnt, 1);
	unload(&pair);
	load(&pair, "redis-hunt", "0008", "0011");
	is_first(&pair, "redis1>redis3:6379", "SET key_", true);
	unload(&pair);
}

/* The near miss without the silence: the client asked the primary, which it keeps away from here.
 */
static void the_question_that_was_not_asked(void **state)
{
	struct pair pair;

	load(&pair, "redis-hunt", "0012", "0011");
	is_first(&pair, "client>redis1:6379", "connect", false);
	unload(&pair);
}

/*
 * A primary that hands a write on to its replica, or with @forgets does not, and acknowledges it;
 * then the client reads at the replica.
 */
static struct kit *write_and_read(bool forgets)
{
	struct kit *kit = kit__new();
	struct kit_task client = {.node = 1, .tgid = 10, .tid = 10};
	struct kit_task primary = {.node = 2, .tgid = 20, .tid = 20};
	struct kit_task replica = {.node = 3, .tgid = 30, .tid = 30};
	struct kit_conn *write, *copy, *read;

	kit__node(kit, 1, "client", "198.18.0.1", 0, true);
	kit__node(kit, 2, "primary", "198.18.0.2", 7600, false);
	kit__node(kit, 3, "replica", "198.18.0.3", 7600, false);
	copy = kit__connect(kit, &primary, &replica, 7600);
	kit__set_now(kit, NOW_WORKLOAD);
	write = kit__connect(kit, &client, &primary, 7600);
	kit__pass(kit, &client, &primary, write, "set key_1 value_of_run_1");
	if (!forgets)
		kit__pass(kit, &primary, &replica, copy, "set key_1 value_of_run_1");
	kit__pass(kit, &primary, &client, write, "ok");
	kit__set_now(kit, NOW_CHECK);
	read = kit__connect(kit, &client, &replica, 7600);
	kit__pass(kit, &client, &replica, read, "get key_1");
	kit__pass(kit, &replica, &client, read, forgets ? "none" : "value value_of_run_1");
	return kit;
}

static void load_kit(struct account *account, struct kit *kit)
{
	account->graph = graph__load(kit__finish(kit), NULL);
	assert_non_null(account->graph);
	assert_int_equal(relevance__of(account->graph, NULL, &account->relevance, NULL), 0);
}

/* What the primary did not do, though it had all that made it do so; the answer without the value
 * is what came of it, and no part of the frontier. */
static void the_step_that_was_not_taken(void **state)
{
	struct kit *good = write_and_read(false), *bad = write_and_read(true);
	struct pair pair;

	load_kit(&pair.good, good);
	load_kit(&pair.bad, bad);
	assert_int_equal(alignment__of(pair.good.graph, pair.bad.graph, &pair.alignment), 0);
	assert_int_equal(frontier__of(&pair.good, &pair.bad, &pair.alignment, NULL, &pair.frontier),
			 0);
	is_first(&pair, "primary>replica:7600", "set key_1", false);
	assert_int_equal(pair.frontier.cnt, 1);
	assert_int_equal(pair.frontier.missing, 2);
	unload(&pair);
	kit__free(good);
	kit__free(bad);
}

/* A message of which the evidence hardly thinks that it made the next one go on, and that was cut.
 */
static void the_weak_cause_that_was_cut(void **state)
{
	struct pair pair;

	load(&pair, "suite-classic-deliv", "0007", "0010");
	is_first(&pair, "C>A:7001/udp", " p", true);
	unload(&pair);
}

/* A client that asks until it is answered, beside a heartbeat that goes on in idle spans too. */
static struct graph *asks(struct kit *kit, unsigned int times)
{
	struct kit_task client = {.node = 1, .tgid = 10, .tid = 10};
	struct kit_task server = {.node = 2, .tgid = 20, .tid = 20};
	struct kit_conn *beat, *ask;

	kit__node(kit, 1, "client", "198.18.0.1", 0, true);
	kit__node(kit, 2, "server", "198.18.0.2", 7600, false);
	beat = kit__connect(kit, &client, &server, 7600);
	kit__pass(kit, &client, &server, beat, "ping");
	kit__set_now(kit, NOW_WORKLOAD);
	ask = kit__connect(kit, &client, &server, 7600);
	for (unsigned int i = 0; i < times; i++) {
		kit__send(kit, &client, ask, "is it there");
		kit__pass(kit, &client, &server, beat, "ping");
	}
	return graph__load(kit__finish(kit), NULL);
}

static void what_was_asked_again_and_again(void **state)
{
	struct kit *kits[] = { kit__new(), kit__new(), kit__new() };
	struct graph *bad = asks(kits[0], 4), *once = asks(kits[1], 1), *twice = asks(kits[2], 2);
	struct repeats repeats = { 0 };
	char text[CAPTION_BYTES];

	assert_true(bad && once && twice);
	assert_int_equal(repeats__see(&repeats, twice, false), 0);
	assert_int_equal(repeats__see(&repeats, bad, true), 0);
	assert_int_equal(repeats__see(&repeats, once, false), 0);
	repeats__pick(&repeats);
	assert_int_equal(repeats.cnt, 1);
	assert_string_equal(caption__of(text, sizeof(text), graph__message(bad, repeats.v[0].first)), "is it there");
	assert_int_equal(repeats.v[0].bad, 4);
	assert_int_equal(repeats.v[0].arrived, 0);
	assert_int_equal(repeats.v[0].most, 2);
	repeats__free(&repeats);

	/* once more may be chance */
	assert_int_equal(repeats__see(&repeats, twice, true), 0);
	assert_int_equal(repeats__see(&repeats, once, false), 0);
	repeats__pick(&repeats);
	assert_int_equal(repeats.cnt, 0);
	repeats__free(&repeats);
	graph__free(bad);
	graph__free(once);
	graph__free(twice);
	for (size_t i = 0; i < 3; i++)
		kit__free(kits[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_is_itself),
		cmocka_unit_test(pairs_are_mutual_and_look_alike),
		cmocka_unit_test(the_write_that_did_not_reach_the_replica),
		cmocka_unit_test(the_question_that_was_not_asked),
		cmocka_unit_test(the_step_that_was_not_taken),
		cmocka_unit_test(the_weak_cause_that_was_cut),
		cmocka_unit_test(what_was_asked_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
