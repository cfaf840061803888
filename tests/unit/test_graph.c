// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "causal/graph.h"
#include "causal/key.h"
#include "tests/unit/two_nodes.h"

static void a_request_and_its_answer(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	const struct message *message;
	struct graph *graph;

	kit__set_now(kit, NOW_WORKLOAD);
	kit__pass(kit, &client, &server, conn, "GET foo");
	kit__pass(kit, &server, &client, conn, "bar");
	graph = load(kit);
	assert_int_equal(stats.streams, 2);
	assert_int_equal(stats.receives, 2);
	assert_int_equal(stats.matched, 2);
	assert_true(stats.complete);
	assert_int_equal(stats.messages, 4);
	message = graph__message(graph, 0);
	assert_int_equal(message->class, MSG_CONNECT);
	assert_true(message->delivered && message->src == 1 && message->dst == 2);
	message = graph__message(graph, 1);
	assert_int_equal(message->class, MSG_ACCEPT);
	assert_true(message->delivered && message->src == 2 && message->dst == 1);
	message = data(graph, 0);
	assert_true(message->src == 1 && message->dst == 2 && message->to_server);
	assert_int_equal(message->server_port, 6379);
	assert_int_equal(message->len, 7);
	assert_int_equal(message->step, NOW_WORKLOAD);
	assert_memory_equal(message->payload, "GET foo", 7);
	assert_true(message->delivered && message->received_ns > message->sent_ns);
	assert_false(data(graph, 1)->to_server);
	done(kit, graph);
}

static void partial_and_coalesced_reads(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct graph *graph;

	kit__send(kit, &client, conn, "0123456789");
	assert_int_equal(kit__recv(kit, &server, conn, 3), 3);
	assert_int_equal(kit__recv(kit, &server, conn, 4), 4);
	kit__wait(kit, &client);
	kit__send(kit, &client, conn, "abc");
	kit__wait(kit, &client);
	kit__send(kit, &client, conn, "def");
	assert_int_equal(kit__recv(kit, &server, conn, 8), 8);
	graph = load(kit);
	assert_int_equal(stats.receives, 3);
	assert_int_equal(stats.matched, 3);
	assert_true(stats.complete);
	assert_true(data(graph, 0)->delivered);
	assert_true(data(graph, 1)->delivered);
	assert_false(data(graph, 2)->delivered); /* "f" is still on its way */
	assert_true(data(graph, 2)->received_ns > 0);
	assert_null(data(graph, 3));
	done(kit, graph);
}

static void a_burst_is_one_message(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct kit_conn *second = kit__connect(kit, &client, &server, 6379);
	struct graph *graph;

	kit__send(kit, &client, conn, "one ");
	kit__send(kit, &server, conn, "unrelated");
	kit__send(kit, &client, conn, "message");
	kit__send(kit, &client, second, "x");
	kit__send(kit, &client, conn, "two");
	kit__set_now(kit, 7);
	kit__send(kit, &client, conn, "three");
	graph = load(kit);
	assert_int_equal(data(graph, 0)->len, 11);
	assert_int_equal(data(graph, 2)->len, 1);
	assert_int_equal(data(graph, 3)->len, 3);
	assert_int_equal(data(graph, 4)->len, 5);
	assert_int_equal(data(graph, 4)->step, 7);
	assert_int_equal(data(graph, 3)->stream, data(graph, 0)->stream);
	assert_int_not_equal(data(graph, 2)->stream, data(graph, 0)->stream);
	done(kit, graph);
}

/* What a thread did later has an earlier time: nothing that rests on times can be believed. */
static void a_clock_that_goes_back_is_told(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct graph *graph;

	kit__pass(kit, &client, &server, conn, "before");
	kit__sleep(kit, -1000000);
	kit__send(kit, &client, conn, "after");
	graph = load(kit);
	assert_int_equal(stats.backward, 1);
	assert_false(stats.complete);
	assert_int_equal(stats.holes + stats.lost, 0);
	done(kit, graph);
}

/* Two CPUs, one file: records come nearly in order, or far from it. */
static void events_are_put_in_order(void **state)
{
	static const int64_t back_ns[] = { 3500, 900000000 };

	for (int i = 0; i < 2; i++) {
		struct kit *kit = two_nodes();
		struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
		struct kit_task other = { .node = 2, .tgid = 20, .tid = 21 };
		struct graph *graph;

		for (int k = 0; k < 5000; k++) {
			kit__wait(kit, &client);
			kit__pass(kit, &client, &server, conn, "x");
		}
		kit__send(kit, &client, conn, "late in time");
		kit__sleep(kit, -back_ns[i]);
		kit__send(kit, &other, conn, "late in the file");
		graph = load(kit);
		assert_true(stats.complete);
		for (size_t k = 1; k < graph__message_cnt(graph); k++)
			assert_true(graph__message(graph, k)->sent_ns >=
				    graph__message(graph, k - 1)->sent_ns);
		done(kit, graph);
	}
}

static void a_receive_may_be_recorded_before_its_send(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct event event = { .kind = EV_RECV };
	struct graph *graph;

	event.io.socket = 2;
	event.io.seq_end = 1000 + 4;
	event.io.len = 4;
	kit__emit(kit, &server, &event, NULL, 0);
	kit__send(kit, &client, conn, "late");
	graph = load(kit);
	assert_int_equal(stats.matched, 1);
	assert_true(stats.complete);
	assert_true(data(graph, 0)->received_ns >= data(graph, 0)->sent_ns);
	done(kit, graph);
}

/* All nodes have the same address, as on one host: what never arrived was for who serves there. */
static void on_one_host_the_service_tells_the_node(void **state)
{
	struct kit *kit = kit__new();
	struct kit_task one = { .node = 1 }, other = { .node = 2 }, caller = { .node = 3 };
	struct kit_conn *lost;
	struct graph *graph;

	kit__share(kit, 7);
	kit__node(kit, 1, "one", "198.18.0.1", 0, false);
	kit__node(kit, 2, "other", "198.18.0.1", 0, false);
	kit__node(kit, 3, "caller", "198.18.0.1", 0, false);
	kit__connect(kit, &caller, &one, 7001);
	kit__connect(kit, &caller, &other, 7002);
	lost = kit__old_connection(kit, &caller, &(struct kit_task){ .node = 2 }, 7002, 1);
	kit__send(kit, &caller, lost, "hello?");
	lost = kit__old_connection(kit, &caller, &(struct kit_task){ .node = 2 }, 7003, 1);
	kit__send(kit, &caller, lost, "anybody?");
	graph = load(kit);
	assert_int_equal(data(graph, 0)->dst, 2);
	assert_int_equal(data(graph, 1)->dst, NODE_OUTSIDE);
	done(kit, graph);
}

static void outside_is_nobody(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_task stranger = { .node = NODE_OUTSIDE };
	struct kit_conn *conn = kit__old_connection(kit, &client, &stranger, 80, 1);
	struct graph *graph;

	kit__send(kit, &client, conn, "hello?");
	graph = load(kit);
	assert_int_equal(stats.streams, 0);
	assert_int_equal(data(graph, 0)->dst, NODE_OUTSIDE);
	assert_false(data(graph, 0)->delivered);
	assert_true(stats.complete);
	done(kit, graph);
}

static void drop(struct kit *kit, uint32_t seq, uint32_t len, uint8_t tcp_flags)
{
	struct event event = { .kind = EV_CUT, .node = 1 };

	event.cut.action = CUT_DROP;
	event.cut.peer = 2;
	event.cut.seq = seq;
	event.cut.len = len;
	event.cut.sport = 40000;
	event.cut.dport = 6379;
	event.cut.tcp_flags = tcp_flags;
	kit__emit(kit, NULL, &event, NULL, 0);
}

static void what_the_injector_dropped_is_marked(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct graph *graph;

	kit__pass(kit, &client, &server, conn, "passes");
	kit__wait(kit, &client);
	kit__send(kit, &client, conn, "dropped");
	drop(kit, 1006, 7, 0x18);
	graph = load(kit);
	assert_false(data(graph, 0)->cut);
	assert_true(data(graph, 1)->cut);
	assert_false(data(graph, 1)->delivered);
	assert_false(graph__message(graph, 0)->cut);
	done(kit, graph);
}

static void a_dropped_syn_is_a_cut_connect(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__old_connection(kit, &client, &server, 6379, 1);
	struct event event = { .kind = EV_CONNECT };
	struct graph *graph;

	kit__send_unseen(kit, &client, conn, "");
	event.io.socket = 1;
	event.io.ret = -115;
	{
		struct event socket = { .kind = EV_SOCKET };

		socket.socket.socket = 1;
		socket.socket.family = 2;
		socket.socket.local_port = 40000;
		socket.socket.remote_port = 6379;
		memcpy(socket.socket.local, (uint8_t[]){ 198, 18, 0, 1 }, 4);
		memcpy(socket.socket.remote, (uint8_t[]){ 198, 18, 0, 2 }, 4);
		kit__emit(kit, &client, &socket, NULL, 0);
	}
	kit__emit(kit, &client, &event, NULL, 0);
	drop(kit, 0, 0, 0x02);
	graph = load(kit);
	assert_int_equal(graph__message_cnt(graph), 1);
	assert_int_equal(graph__message(graph, 0)->class, MSG_CONNECT);
	assert_int_equal(graph__message(graph, 0)->dst, 2); /* by its address */
	assert_true(graph__message(graph, 0)->cut);
	assert_false(graph__message(graph, 0)->delivered);
	done(kit, graph);
}

static void phases_have_times_and_codes(void **state)
{
	struct kit *kit = two_nodes();
	struct graph_phase workload;
	struct graph *graph;

	kit__phase(kit, PHASE_IDLE, 0);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__sleep(kit, 5000000);
	kit__phase(kit, PHASE_CHECK, 3);
	graph = load(kit);
	workload = graph__phase(graph, PHASE_WORKLOAD);
	assert_int_equal(workload.end_ns - workload.begin_ns, 5001000);
	assert_int_equal(workload.code, 3);
	assert_int_equal(graph__phase(graph, PHASE_SETTLE).begin_ns, 0);
	done(kit, graph);
}

/* The same exchange with another value, other ports and other positions has the same keys. */
static void keys_are_the_same_in_the_next_run(void **state)
{
	static const char *const value[] = { "SET k v_123456789", "SET k v_987654321" };
	uint64_t keys[2][3];

	for (int run = 0; run < 2; run++) {
		struct kit *kit = two_nodes();
		struct kit_conn *conn;
		struct graph *graph;

		for (int i = 0; i < run; i++)
			kit__connect(kit, &client, &server, 6379);
		kit__set_now(kit, NOW_WORKLOAD);
		conn = kit__connect(kit, &client, &server, 6379);
		kit__pass(kit, &client, &server, conn, value[run]);
		kit__wait(kit, &client);
		kit__pass(kit, &client, &server, conn, value[run]);
		kit__wait(kit, &client);
		kit__pass(kit, &client, &server, conn, "GET k");
		graph = load(kit);
		for (int i = 0; i < 3; i++)
			keys[run][i] = data(graph, i)->key;
		done(kit, graph);
	}
	assert_memory_equal(keys[0], keys[1], sizeof(keys[0]));
	assert_int_not_equal(keys[0][0], keys[0][1]); /* the first and the second of a class */
	assert_int_not_equal(keys[0][1], keys[0][2]);
}

static void skeletons_forget_data_and_keep_form(void **state)
{
#define SKELETON(text) key__skeleton((const uint8_t *)(text), strlen(text))
	assert_int_equal(SKELETON("ACK 998"), SKELETON("ACK 1001"));
	assert_int_equal(SKELETON("SET k v_123456"), SKELETON("SET k a9b8c7d6e5"));
	assert_int_not_equal(SKELETON("PING"), SKELETON("PONG"));
	assert_int_not_equal(SKELETON("REPLCONF"), SKELETON("SUBSCRIBE"));
	assert_int_equal(SKELETON("\1\2\3\4\5\6"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_and_its_answer),
		cmocka_unit_test(partial_and_coalesced_reads),
		cmocka_unit_test(a_burst_is_one_message),
		cmocka_unit_test(events_are_put_in_order),
		cmocka_unit_test(a_clock_that_goes_back_is_told),
		cmocka_unit_test(a_receive_may_be_recorded_before_its_send),
		cmocka_unit_test(on_one_host_the_service_tells_the_node),
		cmocka_unit_test(outside_is_nobody),
		cmocka_unit_test(what_the_injector_dropped_is_marked),
		cmocka_unit_test(a_dropped_syn_is_a_cut_connect),
		cmocka_unit_test(phases_have_times_and_codes),
		cmocka_unit_test(keys_are_the_same_in_the_next_run),
		cmocka_unit_test(skeletons_forget_data_and_keep_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
