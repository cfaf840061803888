// SPDX-License-Identifier: GPL-2.0-only
/* Supports out of traces. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/baseline.h"
#include "model/model.h"
#include "model/support_trace.h"
#include "tests/unit/tracekit.h"

/* A client writes at a server, which tells a backup; the check reads at the backup. Nodes are
 * numbered from 1, or the other way round. */
static struct kit *write_and_read(bool reversed)
{
	const uint16_t client_id = reversed ? 3 : 1, backup_id = reversed ? 1 : 3;
	struct kit_task client = { .node = client_id, .tgid = 10, .tid = 10 };
	struct kit_task server = { .node = 2, .tgid = 20, .tid = 20 };
	struct kit_task backup = { .node = backup_id, .tgid = 30, .tid = 30 };
	struct kit_task reader = { .node = client_id, .tgid = 40, .tid = 40 };
	struct kit_conn *write, *relay, *read;
	struct kit *kit = kit__new();

	kit__node(kit, client_id, "client", "198.18.0.1", 0, true);
	kit__node(kit, 2, "server", "198.18.0.2", 7000, false);
	kit__node(kit, backup_id, "backup", "198.18.0.3", 7000, false);
	kit__phase(kit, PHASE_IDLE, 0);
	relay = kit__connect(kit, &server, &backup, 7000);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__set_now(kit, NOW_WORKLOAD);
	write = kit__connect(kit, &client, &server, 7000);
	kit__pass(kit, &client, &server, write, "put value_271828");
	kit__pass(kit, &server, &backup, relay, "copy value_271828");
	kit__pass(kit, &server, &client, write, "done value_271828");
	kit__phase(kit, PHASE_CHECK, 0);
	kit__set_now(kit, NOW_HEALED);
	read = kit__connect(kit, &reader, &backup, 7000);
	kit__pass(kit, &reader, &backup, read, "get");
	kit__pass(kit, &backup, &reader, read, "is value_271828");
	kit__phase(kit, PHASE_END, 0);
	return kit;
}

static void one_name_is_one_node(void **state)
{
	struct kit *one = write_and_read(false), *two = write_and_read(true);
	char *paths[2] = { (char *)kit__finish(one), (char *)kit__finish(two) };
	struct baseline baseline;
	struct err err;

	if (baseline__load(&baseline, paths, 2, false, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(baseline.cnt, 2);
	assert_int_equal(baseline.node_cnt, 3);
	assert_int_equal(baseline.spare, 1 << 1);
	assert_null(baseline.unsound);
	assert_string_equal(baseline.names.name_of(baseline.names.ctx, 3), "backup");
	assert_null(baseline.names.name_of(baseline.names.ctx, 4));
	for (int i = 0; i < 2; i++) {
		const struct support *support = &baseline.supports[i];
		const struct support_member *copy = support__find(support, 2, 3, NOW_WORKLOAD);
		const struct support_member *put = support__find(support, 1, 2, NOW_WORKLOAD);
		const struct support_member *answer = support__find(support, 3, 1, NOW_HEALED);

		assert_non_null(copy);
		assert_non_null(put);
		assert_non_null(answer);
		assert_true(copy->confidence >= .5f && answer->confidence >= .5f);
		assert_true(put->promise >= .5f);	     /* the promise is made at the server */
		assert_true(copy->promise < put->promise); /* and does not wait for the backup */
	}
	baseline__free(&baseline);
	kit__free(one);
	kit__free(two);
}

/* It copies what goes to and fro: no fault is a proxy's, and those of the node behind it are found. */
static void a_proxy_is_on_the_way(void **state)
{
	struct kit_task client = { .node = 1, .tgid = 10, .tid = 10 };
	struct kit_task server = { .node = 2, .tgid = 20, .tid = 20 };
	struct kit_task proxy = { .node = 3, .tgid = 30, .tid = 30 };
	struct model_opts opts = { .budget = { .max = { 2, 2, 0, 0, 0 }, .total = -1 },
				   .from = NOW_WORKLOAD, .until = NOW_CHECK, .heal = NOW_HEALED };
	const struct fault_set none = { 0 };
	struct kit *kit = kit__new();
	struct kit_conn *near, *far;
	struct baseline baseline;
	struct candidate *cuts;
	struct model *model;
	char *path, text[256];
	bool more;

	kit__node(kit, 1, "client", "198.18.0.1", 0, true);
	kit__node(kit, 2, "server", "198.18.0.2", 7000, false);
	kit__node(kit, 3, "server-proxy", "198.18.0.1", 7700, false);
	kit__is_proxy(kit);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__set_now(kit, NOW_WORKLOAD);
	near = kit__connect(kit, &client, &proxy, 7700);
	far = kit__connect(kit, &proxy, &server, 7000);
	kit__pass(kit, &client, &proxy, near, "put value_271828");
	kit__pass(kit, &proxy, &server, far, "put value_271828");
	kit__pass(kit, &server, &proxy, far, "done value_271828");
	kit__pass(kit, &proxy, &client, near, "done value_271828");
	kit__phase(kit, PHASE_END, 0);
	path = (char *)kit__finish(kit);
	assert_int_equal(baseline__load(&baseline, &path, 1, false, NULL), 0);
	assert_int_equal(baseline.spare, 1 << 1 | 1 << 3);
	opts.node_cnt = baseline.node_cnt;
	opts.names = &baseline.names;
	opts.spare_nodes = baseline.spare;
	model = model__new(&opts, NULL);
	assert_int_equal(model__learn(model, 1, &none, LESSON_SURVIVED, &baseline.supports[0], NULL,
				      NULL), 0);
	assert_int_equal(model__candidates(model, CLAUSE_MONOTONE, 10, &cuts, &more, NULL), 1);
	assert_string_equal(fault_set__print(text, sizeof(text), &cuts[0].faults, &baseline.names),
			    "{silence:server@workload.0}");
	free(cuts);
	model__free(model);
	baseline__free(&baseline);
	kit__free(kit);
}

static void cuts_of_a_trace(void **state)
{
	struct kit *kit = write_and_read(false);
	char *path = (char *)kit__finish(kit), text[256];
	const struct fault_set none = { 0 };
	struct baseline baseline;
	struct candidate *cuts;
	struct model_opts opts = { .budget = { .max = { 1, 1, 0, 0, 0 }, .total = -1 },
				   .from = NOW_WORKLOAD, .until = NOW_CHECK, .heal = NOW_HEALED };
	struct model *model;
	bool more;
	long cnt;

	assert_int_equal(baseline__load(&baseline, &path, 1, false, NULL), 0);
	opts.node_cnt = baseline.node_cnt;
	opts.names = &baseline.names;
	opts.spare_nodes = baseline.spare;
	model = model__new(&opts, NULL);
	assert_int_equal(model__learn(model, 1, &none, LESSON_SURVIVED, &baseline.supports[0], NULL,
				      NULL), 0);
	cnt = model__candidates(model, CLAUSE_MONOTONE, 10, &cuts, &more, NULL);
	assert_true(cnt >= 2 && !more);
	assert_string_equal(fault_set__print(text, sizeof(text), &cuts[0].faults, &baseline.names),
			    "{silence:backup@check.0}");
	assert_string_equal(fault_set__print(text, sizeof(text), &cuts[1].faults, &baseline.names),
			    "{link:server>backup@workload.0}");
	free(cuts);
	model__free(model);
	baseline__free(&baseline);
	kit__free(kit);
}

static void delivered_is_all_that_came(void **state)
{
	struct kit *kit = write_and_read(false);
	struct graph *graph = graph__load(kit__finish(kit), NULL);
	struct support support;
	uint32_t messages = 0, delivered = 0;

	assert_int_equal(support__of_delivered(graph, SUPPORT_LINKS, &support, NULL), 0);
	for (size_t i = 0; i < support.cnt; i++) {
		messages += support.v[i].messages;
		assert_true(support.v[i].confidence == 1);
	}
	for (size_t i = 0; i < graph__message_cnt(graph); i++)
		delivered += graph__message(graph, i)->delivered;
	assert_int_equal(messages, delivered);
	assert_true(delivered >= 5);
	support__free(&support);
	graph__free(graph);
	kit__free(kit);
}

static void says_what_is_wrong(void **state)
{
	struct kit *kit = kit__new();
	char *paths[2];
	struct baseline baseline;
	struct err err = { 0 };

	kit__node(kit, 1, "client", "198.18.0.1", 0, true);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__phase(kit, PHASE_END, 0);
	paths[0] = (char *)kit__finish(kit);
	assert_int_equal(baseline__load(&baseline, paths, 1, false, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.msg, paths[0]));
	paths[1] = "/dev/null";
	assert_int_equal(baseline__load(&baseline, paths, 2, false, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.msg, "/dev/null"));
	kit__free(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_name_is_one_node),
		cmocka_unit_test(cuts_of_a_trace),
		cmocka_unit_test(a_proxy_is_on_the_way),
		cmocka_unit_test(delivered_is_all_that_came),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
