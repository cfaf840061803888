// SPDX-License-Identifier: GPL-2.0-only
/* Real runs, and what is known of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "causal/lineage.h"

static struct graph *load(const char *name)
{
	struct graph *graph;
	char path[128];
	struct err err;

	snprintf(path, sizeof(path), "tests/golden/%s.trace", name);
	graph = graph__load(path, &err);
	if (!graph)
		fail_msg("%s", err.msg);
	return graph;
}

static void every_receive_is_matched(void **state)
{
	static const struct {
		const char *name;
		uint64_t receives;
	} traces[] = { { "redis-baseline", 178 },
		       { "redis-failover", 209 },
		       { "redis-reset", 324 },
		       { "etcd-baseline", 208 },
		       { "etcd-fin", 54 } };
	struct graph_stats stats;

	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		struct graph *graph = load(traces[i].name);

		graph__stats(graph, &stats);
		assert_int_equal(stats.receives, traces[i].receives);
		assert_int_equal(stats.matched, traces[i].receives);
		assert_true(stats.complete);
		graph__free(graph);
	}
}

static bool contains(const struct message *message, const char *text)
{
	return message->payload &&
	       memmem(message->payload, message->payload_len, text, strlen(text));
}

/* The best confidence of a message between these nodes that contains @text. */
static float confidence(const struct graph *graph, const struct lineage *lineage, const char *src,
			const char *dst, const char *text)
{
	float best = 0;

	for (size_t i = 0; i < lineage->cnt; i++) {
		const struct message *message = graph__message(graph, lineage->v[i].message);

		if (!strcmp(graph__node_name(graph, message->src), src) &&
		    !strcmp(graph__node_name(graph, message->dst), dst) &&
		    contains(message, text) && lineage->v[i].confidence > best)
			best = lineage->v[i].confidence;
	}
	return best;
}

/* The best confidence of any message between two servers, but one from @src to @dst. */
static float any_other(const struct graph *graph, const struct lineage *lineage, const char *src,
		       const char *dst)
{
	float best = 0;

	for (size_t i = 0; i < lineage->cnt; i++) {
		const struct message *message = graph__message(graph, lineage->v[i].message);

		if (graph__node(graph, message->src)->client ||
		    graph__node(graph, message->dst)->client)
			continue;
		if (!strcmp(graph__node_name(graph, message->src), src) &&
		    !strcmp(graph__node_name(graph, message->dst), dst))
			continue;
		if (lineage->v[i].confidence > best)
			best = lineage->v[i].confidence;
	}
	return best;
}

static void a_read_at_the_primary(void **state)
{
	struct graph *graph = load("redis-baseline");
	struct lineage members;

	assert_int_equal(lineage__of(graph, OUTCOME_CHECK, NULL, &members, NULL), 0);
	assert_true(members.sound);
	assert_true(confidence(graph, &members, "redis1", "client", "value_") > 0.99f);
	assert_true(confidence(graph, &members, "client", "redis1", "SET") >= 0.79f);
	assert_true(confidence(graph, &members, "client", "redis1", "GET") >= 0.79f);
	/* 172 members; not one between servers counts, and every one is in it */
	assert_true(any_other(graph, &members, "", "") <= 0.05f);
	assert_true(confidence(graph, &members, "redis2", "redis1", "REPLCONF") > 0);
	lineage__free(&members);
	graph__free(graph);
}

static void a_read_at_the_replica_that_took_over(void **state)
{
	struct graph *graph = load("redis-failover");
	struct lineage members;

	assert_int_equal(lineage__of(graph, OUTCOME_CHECK, NULL, &members, NULL), 0);
	assert_true(confidence(graph, &members, "redis3", "client", "value_") > 0.99f);
	assert_true(confidence(graph, &members, "client", "redis1", "SET") >= 0.79f);
	assert_true(confidence(graph, &members, "redis1", "redis3", "SET") >= 0.79f);
	assert_true(any_other(graph, &members, "redis1", "redis3") <= 0.05f);
	lineage__free(&members);
	graph__free(graph);
}

static void a_put_and_a_get(void **state)
{
	struct graph *graph = load("etcd-baseline");
	struct lineage members;

	assert_int_equal(lineage__of(graph, OUTCOME_CHECK, NULL, &members, NULL), 0);
	assert_true(members.sound);
	assert_true(members.cnt > 100);
	/* the value's way in and out, although the last thing received was HTTP/2's own */
	assert_true(confidence(graph, &members, "etcd1", "client", "value_") >= 0.79f);
	assert_true(confidence(graph, &members, "client", "etcd1", "value_") >= 0.79f);
	lineage__free(&members);
	graph__free(graph);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_receive_is_matched),
		cmocka_unit_test(a_read_at_the_primary),
		cmocka_unit_test(a_read_at_the_replica_that_took_over),
		cmocka_unit_test(a_put_and_a_get),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
