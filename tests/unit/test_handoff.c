// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "causal/lineage.h"
#include "tests/unit/tracekit.h"

/* A client asks a server, which passes the request on to another; one thread of it hears heartbeats. */
enum { CLIENT = 1, SERVER, BEHIND };
#define THREADS 6 /* of the server; the first reads requests, the last heartbeats */
#define READS 0
#define BEATS (THREADS - 1)

struct stage {
	struct kit *kit;
	struct kit_task client, server[THREADS], behind;
	struct kit_conn *request, *onward, *answer, *beats;
};

static void begin(struct stage *stage)
{
	struct kit *kit = kit__new();

	*stage = (struct stage){ .kit = kit,
				 .client = { .node = CLIENT, .tgid = 10, .tid = 10 },
				 .behind = { .node = BEHIND, .tgid = 30, .tid = 30 } };
	for (size_t i = 0; i < THREADS; i++)
		stage->server[i] = (struct kit_task){ .node = SERVER, .tgid = 20, .tid = 20 + i };
	kit__node(kit, CLIENT, "client", "198.18.0.1", 0, true);
	kit__node(kit, SERVER, "server", "198.18.0.2", 80, false);
	kit__node(kit, BEHIND, "behind", "198.18.0.3", 90, false);
	kit__phase(kit, PHASE_IDLE, 0);
	stage->onward = kit__connect(kit, &stage->server[BEATS], &stage->behind, 90);
	stage->beats = kit__connect(kit, &stage->server[BEATS], &stage->behind, 90);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__set_now(kit, NOW_WORKLOAD);
	stage->answer = kit__connect(kit, &stage->client, &stage->behind, 90);
	stage->request = kit__connect(kit, &stage->client, &stage->server[READS], 80);
	kit__pass(kit, &stage->behind, &stage->server[BEATS], stage->beats, "beat");
}

static void ask(struct stage *stage)
{
	kit__pass(stage->kit, &stage->client, &stage->server[READS], stage->request, "ask");
}

static void tell(struct stage *stage, uint16_t kind, size_t from, size_t to, int code)
{
	struct event event = { .kind = kind };

	event.life.other = stage->server[to].tgid;
	event.life.other_tid = stage->server[to].tid;
	event.life.code = code;
	kit__emit(stage->kit, &stage->server[from], &event, NULL, 0);
}

static void wake(struct stage *stage, size_t from, size_t to)
{
	tell(stage, EV_WAKE, from, to, HANDOFF_FUTEX);
}

static float confidence(const struct graph *graph, const struct lineage *lineage, const char *text)
{
	for (size_t i = 0; i < lineage->cnt; i++) {
		const struct message *message = graph__message(graph, lineage->v[i].message);

		if (message->payload_len == strlen(text) &&
		    !memcmp(message->payload, text, strlen(text)))
			return lineage->v[i].confidence;
	}
	return 0;
}

/* Thread @sender passes the request on, the client is answered. Returns how sure the request is. */
static float end(struct stage *stage, size_t sender)
{
	struct lineage lineage;
	struct graph *graph;
	float ret;

	kit__pass(stage->kit, &stage->server[sender], &stage->behind, stage->onward, "go");
	kit__pass(stage->kit, &stage->behind, &stage->client, stage->answer, "done");
	kit__phase(stage->kit, PHASE_END, 0);
	graph = graph__load(kit__finish(stage->kit), NULL);
	assert_non_null(graph);
	assert_int_equal(lineage__of(graph, OUTCOME_WORKLOAD, NULL, &lineage, NULL), 0);
	assert_true(confidence(graph, &lineage, "go") > 0.7f);
	assert_true(confidence(graph, &lineage, "beat") < 0.05f);
	ret = confidence(graph, &lineage, "ask");
	lineage__free(&lineage);
	graph__free(graph);
	kit__free(stage->kit);
	return ret;
}

static void without_one_order_is_left(void **state)
{
	struct stage stage;

	begin(&stage);
	ask(&stage);
	assert_true(end(&stage, 1) < 0.05f);
}

static void a_wake_up_hands_on(void **state)
{
	struct stage stage;

	begin(&stage);
	ask(&stage);
	wake(&stage, READS, 1);
	assert_true(end(&stage, 1) > 0.4f);
}

static void so_does_a_thread_that_is_made(void **state)
{
	struct stage stage;

	begin(&stage);
	ask(&stage);
	tell(&stage, EV_FORK, READS, 1, 0);
	assert_true(end(&stage, 1) > 0.4f);
}

static void a_signal_may(void **state)
{
	struct stage stage;
	float sure;

	begin(&stage);
	ask(&stage);
	tell(&stage, EV_SIGNAL, READS, 1, 10);
	sure = end(&stage, 1);
	assert_true(sure > 0.2f && sure < 0.3f);
}

static void it_may_be_relayed(void **state)
{
	struct stage stage;
	float sure;

	begin(&stage);
	ask(&stage);
	wake(&stage, READS, 1);
	wake(&stage, 1, 2);
	wake(&stage, 2, 3);
	sure = end(&stage, 3);
	assert_true(sure > 0.25f && sure < 0.4f);
}

/* Threads that wake each other in a circle: no way back is longer than the relays allowed. */
static void circles_end(void **state)
{
	struct stage stage;

	begin(&stage);
	ask(&stage);
	for (size_t i = 0; i < 1000; i++)
		wake(&stage, 1 + i % 3, 1 + (i + 1) % 3);
	assert_true(end(&stage, 1) < 0.05f);
}

static void a_wake_up_for_another_thread_is_none(void **state)
{
	struct stage stage;

	begin(&stage);
	ask(&stage);
	wake(&stage, READS, 2);
	assert_true(end(&stage, 1) < 0.05f);
}

static void nor_is_one_before_the_request(void **state)
{
	struct stage stage;

	begin(&stage);
	wake(&stage, READS, 1);
	ask(&stage);
	assert_true(end(&stage, 1) < 0.05f);
}

/* What was received before the thread waited is not handed on by what it does after. */
static void a_wait_ends_it(void **state)
{
	struct stage stage;

	begin(&stage);
	ask(&stage);
	kit__wait(stage.kit, &stage.server[READS]);
	wake(&stage, READS, 1);
	assert_true(end(&stage, 1) < 0.05f);
}

/* The thread was made and has the number of one that has gone: its counter begins anew. */
static void numbers_are_used_again(void **state)
{
	struct stage stage;

	begin(&stage);
	ask(&stage);
	kit__wait(stage.kit, &stage.server[1]);
	kit__wait(stage.kit, &stage.server[1]);
	tell(&stage, EV_FORK, READS, 1, 0);
	stage.server[1].seq = 0;
	assert_true(end(&stage, 1) > 0.4f);
}

/* A thread of which nothing was seen before: that its counter does not begin at 1 is no loss. */
static void the_woken_thread_may_be_older(void **state)
{
	struct graph_stats stats;
	struct stage stage;
	struct graph *graph;

	begin(&stage);
	ask(&stage);
	stage.server[1].seq = 1000;
	wake(&stage, READS, 1);
	kit__pass(stage.kit, &stage.server[1], &stage.behind, stage.onward, "go");
	graph = graph__load(kit__finish(stage.kit), NULL);
	assert_non_null(graph);
	graph__stats(graph, &stats);
	assert_int_equal(stats.lost, 0);
	graph__free(graph);
	kit__free(stage.kit);
}

/* Lines, programs and signals are kept, in the order of time. */
static void happenings_are_kept(void **state)
{
	char exec[EXEC_NAME_BYTES + 9] = "server", text[] = "began\n";
	struct event begun = { .kind = EV_EXEC }, line = { .kind = EV_LOG, .io.len = 900, .io.fd = 2 };
	struct event from_outside = { .kind = EV_SIGNAL, .node = SERVER, .life.code = 15 };
	const struct happenings *events;
	struct stage stage;
	struct graph *graph;

	memcpy(exec + EXEC_NAME_BYTES, "/bin/srv", 9);
	begin(&stage);
	ask(&stage);
	kit__emit(stage.kit, &stage.server[1], &begun, exec, sizeof(exec));
	kit__emit(stage.kit, &stage.server[1], &line, text, sizeof(text) - 1);
	from_outside.life.other = 20;
	kit__emit(stage.kit, NULL, &from_outside, NULL, 0);
	graph = graph__load(kit__finish(stage.kit), NULL);
	assert_non_null(graph);
	events = graph__happenings(graph);
	assert_int_equal(events->cnt, 3);
	assert_int_equal(events->v[0].kind, EV_EXEC);
	assert_int_equal(events->v[0].text_len, 8);
	assert_memory_equal(events->texts + events->v[0].text, "/bin/srv", 8);
	assert_int_equal(events->v[1].len, 900);
	assert_int_equal(events->v[1].code, 2);
	assert_int_equal(events->v[1].text_len, 6);
	assert_memory_equal(events->texts + events->v[1].text, "began\n", 6);
	assert_int_equal(events->v[2].code, 15);
	assert_int_equal(events->v[2].tid, 0);
	assert_int_equal(events->v[2].other, 20);
	graph__free(graph);
	kit__free(stage.kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_one_order_is_left),
		cmocka_unit_test(a_wake_up_hands_on),
		cmocka_unit_test(so_does_a_thread_that_is_made),
		cmocka_unit_test(a_signal_may),
		cmocka_unit_test(it_may_be_relayed),
		cmocka_unit_test(circles_end),
		cmocka_unit_test(a_wake_up_for_another_thread_is_none),
		cmocka_unit_test(nor_is_one_before_the_request),
		cmocka_unit_test(a_wait_ends_it),
		cmocka_unit_test(numbers_are_used_again),
		cmocka_unit_test(the_woken_thread_may_be_older),
		cmocka_unit_test(happenings_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
