// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "causal/graph.h"
#include "tests/unit/two_nodes.h"

#define PUBLISHED "198.18.0.254", 7701

/* The client connects to a published port, which is no address of the server's. */
static struct kit_conn *published(struct kit *kit, uint32_t seq)
{
	struct kit_conn *conn = kit__old_connection(kit, &client, &server, 6379, seq);

	kit__translate(conn, 1, PUBLISHED);
	return conn;
}

static void ping(struct kit *kit, struct kit_conn *conn)
{
	kit__wait(kit, &client);
	kit__pass(kit, &client, &server, conn, "PING\r\n");
	kit__pass(kit, &server, &client, conn, "+PONG\r\n");
}

static void assert_joined(const struct graph *graph, unsigned streams)
{
	assert_int_equal(stats.streams, streams);
	assert_int_equal(stats.matched, stats.receives);
	assert_true(stats.complete);
	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);

		assert_int_equal(message->src + message->dst, 3);
		assert_int_equal(message->server_port, 6379);
		assert_int_equal(message->to_server, message->src == 1);
		assert_true(message->delivered);
	}
}

static void a_published_port(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = published(kit, 1000);
	struct graph *graph;

	kit__handshake(kit, conn, &client, &server);
	ping(kit, conn);
	graph = load(kit);
	assert_int_equal(graph__message_cnt(graph), 4);
	assert_joined(graph, 2);
	done(kit, graph);
}

static void nothing_is_sent(void **state)
{
	struct kit *kit = two_nodes();
	struct graph *graph;

	kit__handshake(kit, published(kit, 1000), &client, &server);
	graph = load(kit);
	assert_int_equal(graph__message_cnt(graph), 2);
	assert_joined(graph, 0);
	done(kit, graph);
}

static void only_one_side_speaks(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = published(kit, 1000);
	struct graph *graph;

	kit__handshake(kit, conn, &client, &server);
	kit__pass(kit, &server, &client, conn, "hello");
	graph = load(kit);
	assert_joined(graph, 1);
	done(kit, graph);
}

static void sequence_numbers_wrap(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = published(kit, 0xfffffff9);
	struct graph *graph;

	kit__set_seq(conn, 2, 0xfffffffd);
	for (int i = 0; i < 5; i++)
		ping(kit, conn);
	graph = load(kit);
	assert_int_equal(stats.receives, 10);
	assert_joined(graph, 2);
	done(kit, graph);
}

/* Bytes sent before tracing began, and bytes still on their way when it ended. */
static void an_old_connection_in_full_flow(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = published(kit, 5000);
	struct graph *graph;

	kit__send_unseen(kit, &client, conn, "before");
	kit__send_unseen(kit, &server, conn, "before that");
	kit__recv(kit, &server, conn, 100);
	kit__recv(kit, &client, conn, 100);
	ping(kit, conn);
	kit__send(kit, &client, conn, "on its way");
	kit__send(kit, &server, conn, "on its way");
	graph = load(kit);
	assert_int_equal(stats.early, 2);
	assert_int_equal(stats.matched, 2);
	assert_int_equal(stats.streams, 2);
	assert_true(stats.complete);
	done(kit, graph);
}

/* MASQUERADE leaves a port as it was, if that: both directions have to agree then. */
static void both_ends_are_translated(void **state)
{
	for (int both = 0; both < 2; both++) {
		struct kit *kit = two_nodes();
		struct kit_conn *conn = published(kit, 1000);
		struct graph *graph;

		kit__translate(conn, 2, "198.18.0.253", 40000);
		kit__handshake(kit, conn, &client, &server);
		kit__pass(kit, &client, &server, conn, "PING\r\n");
		if (both)
			kit__pass(kit, &server, &client, conn, "+PONG\r\n");
		graph = load(kit);
		assert_int_equal(data(graph, 0)->dst, both ? 2 : NODE_OUTSIDE);
		assert_int_equal(stats.streams, both ? 2 : 0);
		done(kit, graph);
	}
}

/* Behind one address, each begins a few bytes after the other: only the same first byte counts. */
static void sequence_numbers_that_are_near(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conns[8];
	struct graph *graph;

	for (int i = 0; i < 8; i++) {
		conns[i] = published(kit, 1000 + 3 * i);
		kit__translate(conns[i], 2, "198.18.0.253", 50000 + i);
		kit__translate(conns[i], 1, "198.18.0.2", 6379);
		kit__handshake(kit, conns[i], &client, &server);
	}
	for (int i = 0; i < 8; i++)
		for (int k = 0; k <= i; k++)
			ping(kit, conns[i]);
	graph = load(kit);
	assert_int_equal(stats.receives, 72);
	assert_joined(graph, 16);
	done(kit, graph);
}

/* Old ones, of which the beginnings are not known for sure. */
static void near_and_older_than_the_trace(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conns[2];
	struct graph *graph;

	for (int i = 0; i < 2; i++) {
		conns[i] = published(kit, 1000 + 3 * i);
		kit__translate(conns[i], 2, "198.18.0.253", 50000 + i);
		kit__translate(conns[i], 1, "198.18.0.2", 6379);
		ping(kit, conns[i]);
	}
	graph = load(kit);
	assert_joined(graph, 4);
	done(kit, graph);
}

/* Two connections with the very same bytes: which is which cannot be known. */
static void what_is_ambiguous_stays_apart(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conns[3];
	struct graph *graph;

	for (int i = 0; i < 3; i++) {
		conns[i] = published(kit, i < 2 ? 1000 : 777000);
		kit__translate(conns[i], 2, "198.18.0.253", 50000 + i);
		kit__translate(conns[i], 1, "198.18.0.2", 6379);
		kit__handshake(kit, conns[i], &client, &server);
		ping(kit, conns[i]);
	}
	graph = load(kit);
	assert_int_equal(stats.streams, 2); /* the third's */
	assert_int_equal(data(graph, 4)->dst, 2);
	assert_true(data(graph, 4)->delivered);
	assert_false(data(graph, 0)->delivered);
	assert_false(data(graph, 2)->delivered);
	done(kit, graph);
}

/* The same address at both ends, other bytes: a connection to somebody whom we do not see. */
static void other_bytes_are_another_connection(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = published(kit, 1000), *other = published(kit, 900000);
	struct graph *graph;

	kit__translate(other, 2, "198.18.0.1", 40000); /* the first one's client */
	kit__send(kit, &client, conn, "PING\r\n");
	kit__send_unseen(kit, &client, other, "PING\r\n");
	kit__recv(kit, &server, other, 100);
	graph = load(kit);
	assert_int_equal(data(graph, 0)->dst, NODE_OUTSIDE);
	assert_int_equal(stats.streams, 0);
	done(kit, graph);
}

/* Packets are cut where the server is: their ports are those that it sees. */
static void a_cut_packet_is_found(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = published(kit, 1000);
	struct event event = { .kind = EV_CUT, .node = 1 };
	struct graph *graph;

	kit__handshake(kit, conn, &client, &server);
	ping(kit, conn);
	kit__send(kit, &client, conn, "lost");
	event.cut = (typeof(event.cut)){ .action = CUT_DROP, .peer = 2, .seq = 1000 + 6, .len = 4,
					 .sport = 40000, .dport = 6379, .proto = 6 };
	kit__emit(kit, NULL, &event, NULL, 0);
	graph = load(kit);
	assert_true(data(graph, 2)->cut);
	assert_false(data(graph, 0)->cut);
	done(kit, graph);
}

/* On the host a docker-proxy's packets are told from the client's by nothing: they are cut as those. */
static void a_packet_of_a_proxy(void **state)
{
	struct kit_task proxy = { .node = 3, .tgid = 30, .tid = 30 };
	struct kit *kit = two_nodes();
	struct event event = { .kind = EV_CUT, .node = 1 };
	struct kit_conn *conn;
	struct graph *graph;

	kit__node(kit, 3, "server-proxy", "198.18.0.1", 7700, false);
	kit__is_proxy(kit);
	conn = kit__connect(kit, &proxy, &server, 6379);
	kit__send(kit, &proxy, conn, "lost");
	event.cut = (typeof(event.cut)){ .action = CUT_DROP, .peer = 2, .seq = 1000, .len = 4,
					 .sport = 40000, .dport = 6379, .proto = 6 };
	kit__emit(kit, NULL, &event, NULL, 0);
	graph = load(kit);
	assert_int_equal(data(graph, 0)->src, 3);
	assert_true(data(graph, 0)->cut);
	done(kit, graph);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_published_port),
		cmocka_unit_test(nothing_is_sent),
		cmocka_unit_test(only_one_side_speaks),
		cmocka_unit_test(sequence_numbers_wrap),
		cmocka_unit_test(an_old_connection_in_full_flow),
		cmocka_unit_test(both_ends_are_translated),
		cmocka_unit_test(sequence_numbers_that_are_near),
		cmocka_unit_test(near_and_older_than_the_trace),
		cmocka_unit_test(what_is_ambiguous_stays_apart),
		cmocka_unit_test(other_bytes_are_another_connection),
		cmocka_unit_test(a_cut_packet_is_found),
		cmocka_unit_test(a_packet_of_a_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
