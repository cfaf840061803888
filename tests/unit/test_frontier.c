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

#define HUNT "tests/golden/redis-hunt/runs/"

struct pair {
	struct account good, bad;
	struct alignment alignment;
	struct frontier frontier;
};

static void load_one(struct account *account, const char *run)
{
	char path[128];
	struct err err;

	snprintf(path, sizeof(path), HUNT "%s/trace", run);
	account->graph = graph__load(path, &err);
	assert_non_null(account->graph);
	assert_int_equal(relevance__of(account->graph, NULL, &account->relevance, &err), 0);
}

static void load(struct pair *pair, const char *good, const char *bad)
{
	load_one(&pair->good, good);
	load_one(&pair->bad, bad);
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

	load(&pair, "0011", "0011");
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

	load(&pair, "0013", "0011");
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

	load(&pair, "0013", "0011");
	is_first(&pair, "redis1>redis2:6379", "SET key_", true);
	assert_int_equal(pair.frontier.cnt, 1);
	unload(&pair);
	load(&pair, "0008", "0011");
	is_first(&pair, "redis1>redis3:6379", "SET key_", true);
	unload(&pair);
}

/* The near miss without the silence: the client asked the primary, which it keeps away from here.
 */
static void the_question_that_was_not_asked(void **state)
{
	struct pair pair;

	load(&pair, "0012", "0011");
	is_first(&pair, "client>redis1:6379", "connect", false);
	unload(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_is_itself),
		cmocka_unit_test(pairs_are_mutual_and_look_alike),
		cmocka_unit_test(the_write_that_did_not_reach_the_replica),
		cmocka_unit_test(the_question_that_was_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
