// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "causal/graph.h"
#include "tests/unit/two_nodes.h"

static void sequence_numbers_wrap(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__old_connection(kit, &client, &server, 6379, 0xfffffff0);
	struct graph *graph;

	for (int i = 0; i < 8; i++) {
		kit__wait(kit, &client);
		kit__pass(kit, &client, &server, conn, "12345");
	}
	graph = load(kit);
	assert_int_equal(stats.matched, 8);
	assert_true(stats.complete);
	assert_true(data(graph, 7)->delivered);
	done(kit, graph);
}

static void a_tuple_used_again_is_another_connection(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379), *again;
	struct graph *graph;

	kit__pass(kit, &client, &server, conn, "first");
	/* its positions overlap those of the first: time tells them apart */
	again = kit__reconnect(kit, conn, &client, &server, 1002);
	kit__pass(kit, &client, &server, again, "second");
	kit__pass(kit, &server, &client, again, "answer");
	graph = load(kit);
	assert_int_equal(stats.receives, 3);
	assert_int_equal(stats.matched, 3);
	assert_int_equal(stats.streams, 3);
	assert_true(stats.complete);
	assert_int_not_equal(data(graph, 0)->stream, data(graph, 1)->stream);
	done(kit, graph);
}

static void two_numbers_for_one_socket_are_one(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct event twice = { .kind = EV_SOCKET }, event = { .kind = EV_RECV };
	struct graph *graph;

	kit__pass(kit, &client, &server, conn, "first");
	kit__send(kit, &client, conn, "second");
	twice.socket.socket = 99;
	twice.socket.family = 2;
	twice.socket.proto = 6;
	twice.socket.local_port = 6379;
	twice.socket.remote_port = 40000;
	twice.socket.netns = 102;
	memcpy(twice.socket.local, (uint8_t[]){ 198, 18, 0, 2 }, 4);
	memcpy(twice.socket.remote, (uint8_t[]){ 198, 18, 0, 1 }, 4);
	kit__emit(kit, &other, &twice, NULL, 0);
	event.io.socket = 99;
	event.io.seq_end = 1000 + 11;
	event.io.len = 6;
	kit__emit(kit, &other, &event, NULL, 0);
	graph = load(kit);
	assert_int_equal(stats.receives, 2);
	assert_int_equal(stats.matched, 2);
	assert_true(stats.complete);
	done(kit, graph);
}

static void a_connection_older_than_the_trace(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__old_connection(kit, &client, &server, 6379, 5000);
	struct graph *graph;

	kit__send_unseen(kit, &client, conn, "sent before we looked");
	kit__recv(kit, &server, conn, 10);
	kit__recv(kit, &server, conn, 100);
	kit__pass(kit, &client, &server, conn, "seen");
	graph = load(kit);
	assert_int_equal(stats.early, 2);
	assert_int_equal(stats.receives, 1);
	assert_int_equal(stats.matched, 1);
	assert_int_equal(stats.holes, 0);
	assert_true(stats.complete);
	assert_false(graph__message_cnt(graph) != 1);
	assert_true(data(graph, 0)->to_server); /* nobody saw the connect: the node listens there */
	done(kit, graph);
}

static void bytes_that_nobody_sent_are_a_hole(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct graph *graph;

	kit__pass(kit, &client, &server, conn, "seen");
	kit__send_unseen(kit, &client, conn, "io_uring");
	kit__recv(kit, &server, conn, 100);
	kit__pass(kit, &client, &server, conn, "seen again");
	graph = load(kit);
	assert_int_equal(stats.receives, 3);
	assert_int_equal(stats.matched, 2);
	assert_int_equal(stats.holes, 1);
	assert_false(stats.complete);
	done(kit, graph);
}

/* The same on an old connection: the hole lies behind what we saw first. Nothing at the end hides it. */
static void a_hole_at_the_end_counts(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__old_connection(kit, &client, &server, 6379, 5000);
	struct graph *graph;

	kit__pass(kit, &client, &server, conn, "seen");
	kit__send_unseen(kit, &client, conn, "io_uring");
	kit__recv(kit, &server, conn, 100);
	graph = load(kit);
	assert_int_equal(stats.receives, 2);
	assert_int_equal(stats.matched, 1);
	assert_int_equal(stats.holes, 1);
	assert_false(stats.complete);
	done(kit, graph);
}

static void bytes_that_nobody_took_are_a_hole(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct graph *graph;

	kit__pass(kit, &client, &server, conn, "seen");
	kit__send(kit, &client, conn, "spliced");
	kit__recv(kit, &server, conn, 3);
	kit__send(kit, &client, conn, "later");
	{
		/* four bytes go to somebody whom we do not see */
		struct event event = { .kind = EV_RECV };

		event.io.socket = 2;
		event.io.seq_end = 1000 + 16;
		event.io.len = 5;
		kit__emit(kit, &server, &event, NULL, 0);
	}
	graph = load(kit);
	assert_int_equal(stats.holes, 1);
	assert_int_equal(stats.matched, stats.receives);
	assert_false(stats.complete);
	done(kit, graph);
}

/* On an old connection the first bytes that we saw sent went to somebody whom we do not see. */
static void a_hole_at_the_beginning_counts(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__old_connection(kit, &client, &server, 6379, 5000);
	struct event event = { .kind = EV_RECV };
	struct graph *graph;

	kit__pass(kit, &server, &client, conn, "both are described");
	kit__send(kit, &client, conn, "gone");
	kit__send(kit, &client, conn, "seen");
	event.io.socket = 2;
	event.io.seq_end = 5000 + 8;
	event.io.len = 4;
	kit__emit(kit, &server, &event, NULL, 0);
	graph = load(kit);
	assert_int_equal(stats.receives, 2);
	assert_int_equal(stats.matched, 2);
	assert_int_equal(stats.holes, 1);
	assert_int_equal(graph__hole(graph, 0)->len, 4);
	assert_false(stats.complete);
	done(kit, graph);
}

static void send_at(struct kit *kit, struct kit_task *task, uint32_t seq_end, uint32_t len)
{
	struct event event = { .kind = EV_SEND };

	event.io.socket = 1;
	event.io.seq_end = seq_end;
	event.io.len = len;
	kit__emit(kit, task, &event, NULL, 0);
}

/* A receiver passes over an urgent byte, the first of all: the range of its receive begins behind it. */
static void an_urgent_byte_at_the_beginning(void **state)
{
	for (int urgent = 0; urgent < 2; urgent++) {
		struct kit *kit = two_nodes();
		struct event event = { .kind = EV_SEND, .flags = urgent ? EVENT_URGENT : 0 };
		struct graph *graph;

		kit__connect(kit, &client, &server, 6379);
		event.io.socket = 1;
		event.io.seq_end = 1000 + 1;
		event.io.len = 1;
		kit__emit(kit, &client, &event, NULL, 0);
		send_at(kit, &client, 1000 + 9, 8);
		event = (struct event){ .kind = EV_RECV };
		event.io.socket = 2;
		event.io.seq_end = 1000 + 9;
		event.io.len = 8;
		kit__emit(kit, &server, &event, NULL, 0);
		graph = load(kit);
		assert_int_equal(stats.holes, !urgent);
		assert_int_equal(stats.complete, urgent);
		done(kit, graph);
	}
}

/* The last bytes and the FIN in one call: its range lies one too far. */
static void a_receive_that_meets_the_fin(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct event event = { .kind = EV_RECV };
	struct graph *graph;

	kit__pass(kit, &client, &server, conn, "first");
	kit__send(kit, &client, conn, "last");
	event.io.socket = 2;
	event.io.seq_end = 1000 + 9 + 1;
	event.io.len = 4;
	kit__emit(kit, &server, &event, NULL, 0);
	graph = load(kit);
	assert_int_equal(stats.matched, 2);
	assert_int_equal(stats.holes, 0);
	assert_true(stats.complete);
	assert_true(data(graph, 0)->delivered);
	done(kit, graph);
}

static void reset_socket(struct kit *kit, uint32_t begin)
{
	struct event socket = { .kind = EV_SOCKET }, event = { .kind = EV_SEND };

	socket.socket.socket = 99;
	socket.socket.family = 2;
	socket.socket.remote_port = 40000;
	socket.socket.netns = 102;
	memcpy(socket.socket.local, (uint8_t[]){ 198, 18, 0, 2 }, 4);
	memcpy(socket.socket.remote, (uint8_t[]){ 198, 18, 0, 1 }, 4);
	kit__emit(kit, &server, &socket, NULL, 0);
	event.io.socket = 99;
	event.io.seq_end = begin + 4;
	event.io.len = 4;
	kit__emit(kit, &server, &event, NULL, 0);
}

static void a_reset_socket_has_lost_its_port(void **state)
{
	for (int right = 0; right < 2; right++) {
		struct kit *kit = two_nodes();
		struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
		struct graph *graph;

		kit__pass(kit, &server, &client, conn, "first");
		reset_socket(kit, 1000 + 77777 + (right ? 5 : 500));
		graph = load(kit);
		assert_int_equal(stats.undescribed, !right);
		assert_int_equal(stats.complete, right);
		assert_true(!right || data(graph, 0)->len == 9);
		done(kit, graph);
	}
}

/* It had only received so far: there is no other that it could be. */
static void a_socket_reset_before_its_first_send(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct graph *graph;

	kit__pass(kit, &client, &server, conn, "PING");
	reset_socket(kit, 1000 + 77777);
	graph = load(kit);
	assert_true(stats.complete);
	assert_int_equal(data(graph, 1)->dst, 1);
	done(kit, graph);
}

/* One thread reads the position after the other has moved it; then one event is truly missing. */
static void threads_that_share_a_socket(void **state)
{
	for (uint32_t missing = 0; missing < 4; missing += 3) {
		struct kit *kit = two_nodes();
		struct kit_task second = { .node = 1, .tgid = 10, .tid = 11 };
		struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
		struct graph *graph;

		kit__send(kit, &client, conn, "begin");
		send_at(kit, &client, 1005 + 10 + 7, 10); /* was at 1015 when it was done */
		send_at(kit, &second, 1005 + 10 + 7, 7 - missing);
		kit__send_unseen(kit, &client, conn, "0123456789abcdefg");
		kit__send(kit, &client, conn, "end");
		for (int i = 0; i < 4; i++)
			kit__recv(kit, &server, conn, 8);
		graph = load(kit);
		assert_int_equal(stats.repaired, missing ? 0 : 1);
		assert_int_equal(stats.complete, !missing);
		assert_true(missing ? stats.holes > 0 : stats.matched == stats.receives);
		assert_true(missing || data(graph, 1)->delivered);
		done(kit, graph);
	}
}

/* One thread alone cannot have been overtaken: what does not tile is a hole. */
static void one_thread_is_never_put_right(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct graph *graph;

	kit__send(kit, &client, conn, "begin");
	send_at(kit, &client, 1005 + 10 + 7, 10);
	send_at(kit, &client, 1005 + 10 + 7, 7);
	graph = load(kit);
	assert_int_equal(stats.repaired, 0);
	assert_int_equal(stats.holes, 1);
	done(kit, graph);
}

/* The first bytes of a connection that was made before our eyes have a sender, or it is a hole. */
/* What was connected and written to just before the trace is accepted in it. */
static void an_accepted_connection_may_have_a_past(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__old_connection(kit, &client, &server, 6379, 1000);
	struct event accept = { .kind = EV_ACCEPT };
	struct graph *graph;

	kit__send_unseen(kit, &client, conn, "before");
	accept.io = (typeof(accept.io)){ .socket = 2, .seq_end = 1000 };
	kit__recv(kit, &server, conn, 100);
	kit__emit(kit, &server, &accept, NULL, 0);
	kit__pass(kit, &client, &server, conn, "seen");
	graph = load(kit);
	assert_int_equal(stats.early, 1);
	assert_int_equal(stats.matched, 1);
	assert_int_equal(stats.holes, 0);
	done(kit, graph);
}

static void a_new_connection_has_no_past(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct graph *graph;

	kit__send_unseen(kit, &client, conn, "unseen");
	kit__recv(kit, &server, conn, 100);
	kit__pass(kit, &client, &server, conn, "seen");
	graph = load(kit);
	assert_int_equal(stats.early, 0);
	assert_int_equal(stats.receives, 2);
	assert_int_equal(stats.matched, 1);
	assert_int_equal(stats.holes, 1);
	done(kit, graph);
}

/* Nobody leaves bytes unread for so long: these were sent while we looked. */
static void late_bytes_are_no_past(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__old_connection(kit, &client, &server, 6379, 5000);
	struct graph *graph;

	kit__wait(kit, &client);
	kit__sleep(kit, 3000000000ULL);
	kit__send_unseen(kit, &client, conn, "unseen");
	kit__recv(kit, &server, conn, 100);
	kit__pass(kit, &client, &server, conn, "seen");
	graph = load(kit);
	assert_int_equal(stats.early, 0);
	assert_int_equal(stats.holes, 1);
	assert_false(stats.complete);
	done(kit, graph);
}

/* The first connection's other end never showed up; the second's must not be taken for it. */
static void positions_tell_connections_apart(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__old_connection(kit, &client, &server, 6379, 1000), *again;
	struct graph *graph;

	kit__send(kit, &client, conn, "never read");
	again = kit__reconnect(kit, conn, &client, &server, 5000000);
	kit__pass(kit, &client, &server, again, "read");
	graph = load(kit);
	assert_int_equal(stats.matched, 1);
	assert_true(stats.complete);
	assert_false(data(graph, 0)->delivered);
	assert_true(data(graph, 1)->delivered);
	done(kit, graph);
}

static void lost_events_are_counted(void **state)
{
	struct ledger ledger = { .seen = 10, .failed = 2, .missed = 1 };
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	struct graph *graph;

	kit__pass(kit, &client, &server, conn, "one");
	client.seq += 5;
	kit__pass(kit, &client, &server, conn, "two");
	graph = graph__load(kit__finish_with(kit, &ledger), NULL);
	graph__stats(graph, &stats);
	assert_int_equal(stats.lost, 6); /* the two that failed are among the five missing */
	assert_int_equal(stats.holes, 0);
	assert_false(stats.complete);
	done(kit, graph);
}

static void ipv6_sockets_meet_ipv4_ones(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__old_connection(kit, &client, &server, 6379, 1);
	struct graph *graph;

	kit__send(kit, &client, conn, "from AF_INET");
	kit__set_ipv6(kit, true);
	kit__recv(kit, &server, conn, 100);
	graph = load(kit);
	assert_int_equal(stats.matched, 1);
	assert_true(stats.complete);
	assert_true(data(graph, 0)->delivered);
	done(kit, graph);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequence_numbers_wrap),
		cmocka_unit_test(a_tuple_used_again_is_another_connection),
		cmocka_unit_test(two_numbers_for_one_socket_are_one),
		cmocka_unit_test(a_connection_older_than_the_trace),
		cmocka_unit_test(bytes_that_nobody_sent_are_a_hole),
		cmocka_unit_test(a_hole_at_the_end_counts),
		cmocka_unit_test(bytes_that_nobody_took_are_a_hole),
		cmocka_unit_test(a_hole_at_the_beginning_counts),
		cmocka_unit_test(a_receive_that_meets_the_fin),
		cmocka_unit_test(a_reset_socket_has_lost_its_port),
		cmocka_unit_test(a_socket_reset_before_its_first_send),
		cmocka_unit_test(threads_that_share_a_socket),
		cmocka_unit_test(one_thread_is_never_put_right),
		cmocka_unit_test(an_accepted_connection_may_have_a_past),
		cmocka_unit_test(a_new_connection_has_no_past),
		cmocka_unit_test(late_bytes_are_no_past),
		cmocka_unit_test(an_urgent_byte_at_the_beginning),
		cmocka_unit_test(positions_tell_connections_apart),
		cmocka_unit_test(lost_events_are_counted),
		cmocka_unit_test(ipv6_sockets_meet_ipv4_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
