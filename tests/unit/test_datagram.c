// SPDX-License-Identifier: GPL-2.0-only
/* Which receive took which datagram; unix streams, pipes and eventfds beside them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "causal/graph.h"
#include "tests/unit/two_nodes.h"

#define AF_UNIX 1
#define AF_INET 2
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define UDP 17

#define CLIENT_SENDS 1	 /* client:5000 to server:53 */
#define SERVER_ANYBODY 2 /* server:53, whose datagram it is was not asked */
#define SERVER_TOLD 3	 /* server:53, from client:5000 */
#define SERVER_ANSWERS SERVER_TOLD

static void describe_in(struct kit *kit, struct kit_task *task, uint32_t netns, uint32_t number,
			const char *local, uint16_t local_port, const char *remote,
			uint16_t remote_port)
{
	struct event event = { .kind = EV_SOCKET };

	event.socket.socket = number;
	event.socket.family = AF_INET;
	event.socket.proto = UDP;
	event.socket.local_port = local_port;
	event.socket.remote_port = remote_port;
	event.socket.netns = netns;
	if (local)
		memcpy(event.socket.local, local, 4);
	if (remote)
		memcpy(event.socket.remote, remote, 4);
	kit__emit(kit, task, &event, NULL, 0);
}

static void describe(struct kit *kit, struct kit_task *task, uint32_t number, const char *local,
		     uint16_t local_port, const char *remote, uint16_t remote_port)
{
	describe_in(kit, task, task->node, number, local, local_port, remote, remote_port);
}

#define CLIENT_IP "\xc6\x12\x00\x01"
#define SERVER_IP "\xc6\x12\x00\x02"

static struct kit *with_sockets(void)
{
	struct kit *kit = two_nodes();

	describe(kit, &client, CLIENT_SENDS, NULL, 5000, SERVER_IP, 53);
	describe(kit, &server, SERVER_ANYBODY, NULL, 53, NULL, 0);
	describe(kit, &server, SERVER_TOLD, NULL, 53, CLIENT_IP, 5000);
	return kit;
}

/* @text's first @len bytes, as the kernel side prints them. */
static void datagram(struct kit *kit, struct kit_task *task, uint16_t kind, uint32_t socket,
		     const char *text, uint32_t len)
{
	struct event event = { .kind = kind, .flags = EVENT_DATAGRAM };

	event.io.socket = socket;
	event.io.len = event.io.ret = len;
	for (uint32_t i = 0; i < len; i++)
		event.io.seq_end = event.io.seq_end * 31 + text[i];
	for (uint32_t i = 0; i < len && i < 8; i++)
		event.io.print8 = event.io.print8 * 31 + text[i];
	kit__emit(kit, task, &event, NULL, 0);
}

static void sends(struct kit *kit, const char *text)
{
	datagram(kit, &client, EV_SEND, CLIENT_SENDS, text, strlen(text));
}

static void takes(struct kit *kit, uint32_t socket, const char *text)
{
	datagram(kit, &server, EV_RECV, socket, text, strlen(text));
}

static void each_is_a_message_and_taken_in_any_order(void **state)
{
	struct kit *kit = with_sockets();
	struct graph *graph;

	sends(kit, "one");
	sends(kit, "two");
	sends(kit, "");
	takes(kit, SERVER_ANYBODY, "two");
	takes(kit, SERVER_TOLD, "one");
	takes(kit, SERVER_TOLD, "");
	datagram(kit, &server, EV_SEND, SERVER_ANSWERS, "back", 4);
	datagram(kit, &client, EV_RECV, CLIENT_SENDS, "back", 4);
	graph = load(kit);
	assert_int_equal(graph__message_cnt(graph), 4);
	assert_int_equal(stats.receives, 4);
	assert_int_equal(stats.matched, 4);
	assert_true(stats.complete);
	for (size_t i = 0; i < 4; i++) {
		assert_true(data(graph, i)->delivered);
		assert_int_equal(data(graph, i)->carrier, CARRIER_UDP);
	}
	assert_true(data(graph, 1)->received_ns < data(graph, 0)->received_ns);
	assert_int_equal(data(graph, 1)->len, 3);
	assert_int_equal(data(graph, 0)->dst, 2);
	assert_int_equal(data(graph, 3)->dst, 1);
	assert_int_equal(data(graph, 3)->server_port, 53);
	done(kit, graph);
}

static void a_lost_one_is_no_hole_and_no_other_ones_partner(void **state)
{
	struct kit *kit = with_sockets();
	struct graph *graph;

	sends(kit, "again"); /* lost, and sent again */
	kit__sleep(kit, 200000000);
	sends(kit, "again");
	takes(kit, SERVER_TOLD, "again");
	kit__sleep(kit, 200000000);
	sends(kit, "again"); /* lost as well, after the receive */
	graph = load(kit);
	assert_int_equal(stats.receives, 1);
	assert_int_equal(stats.matched, 1);
	assert_true(stats.complete);
	assert_false(data(graph, 0)->delivered);
	assert_true(data(graph, 1)->delivered);
	assert_false(data(graph, 2)->delivered);
	done(kit, graph);
}

static void those_that_look_alike_keep_their_order(void **state)
{
	struct kit *kit = with_sockets();
	struct graph *graph;

	for (int i = 0; i < 3; i++)
		sends(kit, "tick");
	for (int i = 0; i < 3; i++)
		takes(kit, SERVER_ANYBODY, "tick");
	graph = load(kit);
	assert_int_equal(stats.matched, 3);
	assert_true(data(graph, 0)->received_ns < data(graph, 1)->received_ns);
	assert_true(data(graph, 1)->received_ns < data(graph, 2)->received_ns);
	done(kit, graph);
}

static void a_send_may_be_recorded_after_its_receive(void **state)
{
	struct kit *kit = with_sockets();
	struct graph *graph;

	takes(kit, SERVER_TOLD, "quick");
	sends(kit, "quick");
	graph = load(kit);
	assert_int_equal(stats.matched, 1);
	assert_true(data(graph, 0)->delivered);
	assert_true(data(graph, 0)->received_ns >= data(graph, 0)->sent_ns);
	done(kit, graph);
}

static void a_receive_that_nobody_sent_is_told(void **state)
{
	struct kit *kit = with_sockets();
	struct graph *graph;

	sends(kit, "here");
	takes(kit, SERVER_TOLD, "here");
	takes(kit, SERVER_TOLD, "from where?");
	graph = load(kit);
	/* it may be from before the trace */
	assert_int_equal(stats.receives, 1);
	assert_int_equal(stats.matched, 1);
	done(kit, graph);
}

static void one_from_a_traced_sender_is_missing(void **state)
{
	struct kit *kit = with_sockets();
	struct graph *graph;

	sends(kit, "here");
	takes(kit, SERVER_TOLD, "here");
	kit__sleep(kit, 10000000000);
	takes(kit, SERVER_TOLD, "from where?");
	describe(kit, &server, 9, NULL, 53, CLIENT_IP, 6000);
	takes(kit, 9, "from elsewhere"); /* node 1 is no container: others may send from its address */
	graph = load(kit);
	assert_int_equal(stats.receives, 2);
	assert_int_equal(stats.matched, 1);
	assert_int_equal(stats.holes, 1);
	assert_false(stats.complete);
	done(kit, graph);
}

/* The longer one fits both receives, the shorter only one: however late that came. */
static void what_fits_one_only_is_left_for_it(void **state)
{
	struct kit *kit = with_sockets();
	struct graph *graph;

	sends(kit, "beginning of two, longer");
	sends(kit, "beginning of two");
	datagram(kit, &server, EV_RECV, SERVER_TOLD, "beginning of two", 12);
	datagram(kit, &server, EV_RECV, SERVER_TOLD, "beginning of two, longer", 20);
	graph = load(kit);
	assert_int_equal(stats.receives, 2);
	assert_int_equal(stats.matched, 2);
	done(kit, graph);
}

static void one_cut_short_is_known_by_its_beginning(void **state)
{
	struct kit *kit = with_sockets();
	struct graph *graph;

	sends(kit, "beginning of the first");
	sends(kit, "quite another datagram");
	datagram(kit, &server, EV_RECV, SERVER_TOLD, "quite another datagram", 10);
	datagram(kit, &server, EV_RECV, SERVER_ANYBODY, "beginning of the first", 12);
	graph = load(kit);
	assert_int_equal(stats.receives, 2);
	assert_int_equal(stats.matched, 2);
	assert_true(data(graph, 1)->received_ns < data(graph, 0)->received_ns);
	done(kit, graph);
}

static void senders_behind_one_port_are_told_apart(void **state)
{
	struct kit *kit = with_sockets();
	struct graph *graph;

	describe(kit, &client, 9, NULL, 6000, SERVER_IP, 53);
	describe(kit, &server, 10, NULL, 53, CLIENT_IP, 6000);
	sends(kit, "same");
	datagram(kit, &client, EV_SEND, 9, "same", 4);
	takes(kit, 10, "same");
	takes(kit, SERVER_TOLD, "same");
	graph = load(kit);
	assert_int_equal(stats.matched, 2);
	assert_int_equal(stats.streams, 2);
	assert_true(data(graph, 1)->received_ns < data(graph, 0)->received_ns);
	done(kit, graph);
}

/* A cut is told before the send returns; of two that look alike it was the first. */
static void a_cut_datagram_is_marked(void **state)
{
	struct kit *kit = with_sockets();
	struct event cut = { .kind = EV_CUT, .node = 1 };
	struct graph *graph;

	cut.cut = (typeof(cut.cut)){ .action = CUT_DROP, .peer = 2, .len = 4, .sport = 5000,
				     .dport = 53, .proto = UDP, .family = AF_INET };
	kit__emit(kit, &client, &cut, NULL, 0);
	sends(kit, "tick");
	kit__sleep(kit, 50000000);
	sends(kit, "tick");
	takes(kit, SERVER_TOLD, "tick");
	graph = load(kit);
	assert_true(data(graph, 0)->cut);
	assert_false(data(graph, 0)->delivered);
	assert_false(data(graph, 1)->cut);
	assert_true(data(graph, 1)->delivered);
	done(kit, graph);
}

static uint32_t inodes[2]; /* of the unix socket that is described next, and of its peer */

static void describe_local(struct kit *kit, struct kit_task *task, uint32_t number, uint16_t family,
			   uint16_t type, uint64_t own, uint64_t other, const char *path,
			   const char *remote_path)
{
	struct event event = { .kind = EV_SOCKET,
			       .socket = { .inode = inodes[0], .peer_inode = inodes[1] } };
	char payload[CHANNEL_NAMES_BYTES + 2 * UNIX_PATH_BYTES] = { 0 };
	size_t len = family == AF_UNIX ? sizeof(payload) : CHANNEL_NAMES_BYTES;

	event.socket.socket = number;
	event.socket.family = family;
	event.socket.proto = type;
	memcpy(payload, &own, 8);
	memcpy(payload + 8, &other, 8);
	strcpy(payload + CHANNEL_NAMES_BYTES, path);
	strcpy(payload + CHANNEL_NAMES_BYTES + UNIX_PATH_BYTES, remote_path);
	kit__emit(kit, task, &event, payload, len);
}

static void bytes(struct kit *kit, struct kit_task *task, uint16_t kind, uint32_t socket,
		  uint32_t end, uint32_t len)
{
	struct event event = { .kind = kind };

	event.io.socket = socket;
	event.io.seq_end = end;
	event.io.len = event.io.ret = len;
	kit__emit(kit, task, &event, NULL, 0);
}

static void a_path_leads_to_who_is_bound_to_it(void **state)
{
	struct kit *kit = two_nodes();
	struct graph *graph;

	describe_local(kit, &client, 1, AF_UNIX, SOCK_DGRAM, 101, 0, "", "/run/log");
	describe_local(kit, &server, 2, AF_UNIX, SOCK_DGRAM, 102, 0, "/run/log", "");
	datagram(kit, &client, EV_SEND, 1, "line", 4);
	datagram(kit, &server, EV_RECV, 2, "line", 4);
	graph = load(kit);
	assert_int_equal(stats.matched, 1);
	assert_int_equal(data(graph, 0)->carrier, CARRIER_UNIX);
	assert_int_equal(data(graph, 0)->src, 1);
	assert_int_equal(data(graph, 0)->dst, 2);
	done(kit, graph);
}

/* The kernel gives the addresses of closed sockets out again. */
static void a_unix_streams_names_used_again_are_another_connection(void **state)
{
	struct kit *kit = two_nodes();
	struct graph *graph;

	for (uint32_t i = 0; i < 2; i++) {
		describe_local(kit, &client, 10 + i, AF_UNIX, SOCK_STREAM, 101, 102, "", "");
		describe_local(kit, &server, 20 + i, AF_UNIX, SOCK_STREAM, 102, 101, "/s", "");
		bytes(kit, &client, EV_SEND, 10 + i, 5, 5);
		bytes(kit, &server, EV_RECV, 20 + i, 3, 3);
		bytes(kit, &server, EV_RECV, 20 + i, 5, 2);
	}
	graph = load(kit);
	assert_int_equal(stats.streams, 2);
	assert_int_equal(stats.receives, 4);
	assert_int_equal(stats.matched, 4);
	assert_true(stats.complete);
	assert_true(data(graph, 0)->to_server); /* who has a path listens */
	done(kit, graph);
}

/* Of either connection one end is seen, and the addresses are used again the other way round. */
static void a_unix_streams_end_is_not_that_of_an_earlier_one(void **state)
{
	struct kit *kit = two_nodes();
	struct graph *graph;

	memcpy(inodes, (uint32_t[]){ 7, 8 }, sizeof(inodes));
	describe_local(kit, &client, 1, AF_UNIX, SOCK_STREAM, 101, 102, "", "");
	bytes(kit, &client, EV_SEND, 1, 5, 5);
	memcpy(inodes, (uint32_t[]){ 9, 0 }, sizeof(inodes)); /* whose peer is not known */
	describe_local(kit, &server, 2, AF_UNIX, SOCK_STREAM, 102, 101, "", "");
	bytes(kit, &server, EV_RECV, 2, 5, 5);
	memcpy(inodes, (uint32_t[]){ 8, 0 }, sizeof(inodes));
	describe_local(kit, &server, 3, AF_UNIX, SOCK_STREAM, 102, 101, "", "");
	bytes(kit, &server, EV_RECV, 3, 3, 3);
	bytes(kit, &server, EV_RECV, 3, 5, 2);
	memset(inodes, 0, sizeof(inodes));
	graph = load(kit);
	assert_int_equal(stats.receives, 2); /* what comes from outside is not counted */
	assert_int_equal(stats.matched, 2);
	assert_int_equal(data(graph, 0)->dst, 2);
	done(kit, graph);
}

/* Two that called the same listener, one after the other, whose end is not seen. */
static void callers_of_a_listener_are_not_each_others_peers(void **state)
{
	struct kit *kit = two_nodes();
	struct graph *graph;

	for (uint32_t i = 0; i < 2; i++) {
		struct kit_task *task = i ? &server : &client;

		describe_local(kit, task, 1 + i, AF_UNIX, SOCK_STREAM, 101 + i, 102 - i, "", "/run/s");
		bytes(kit, task, EV_SEND, 1 + i, 5, 5);
		bytes(kit, task, EV_RECV, 1 + i, 5, 5);
	}
	graph = load(kit);
	assert_int_equal(stats.receives, 0);
	assert_true(stats.complete);
	done(kit, graph);
}

static void pipes_and_eventfds_join_threads_of_a_node(void **state)
{
	struct kit *kit = two_nodes();
	struct graph *graph;

	describe_local(kit, &server, 1, CHANNEL_PIPE, 0, 7, 8, "", "");
	describe_local(kit, &other, 2, CHANNEL_PIPE, 0, 8, 7, "", "");
	describe_local(kit, &server, 3, CHANNEL_EVENTFD, 0, 9, 10, "", "");
	describe_local(kit, &other, 4, CHANNEL_EVENTFD, 0, 10, 9, "", "");
	bytes(kit, &server, EV_SEND, 1, 8, 8);
	bytes(kit, &server, EV_SEND, 3, 1, 1);
	bytes(kit, &server, EV_SEND, 3, 2, 1);
	bytes(kit, &other, EV_RECV, 2, 8, 8);
	bytes(kit, &other, EV_RECV, 4, 2, 2);
	graph = load(kit);
	assert_int_equal(stats.receives, 2);
	assert_int_equal(stats.matched, 2);
	assert_int_equal(data(graph, 0)->carrier, CARRIER_PIPE);
	assert_int_equal(data(graph, 0)->dst, 2);
	assert_true(data(graph, 1)->delivered);
	done(kit, graph);
}

/* Output into a pipe is a message where somebody whom we watch reads it, else a log line only. */
static void output_is_a_message_where_it_is_read(void **state)
{
	struct kit *kit = two_nodes();
	struct graph *graph;

	describe_local(kit, &server, 1, CHANNEL_PIPE, 0, 7, 8, "", "");
	describe_local(kit, &other, 2, CHANNEL_PIPE, 0, 8, 7, "", "");
	describe_local(kit, &client, 3, CHANNEL_PIPE, 0, 17, 18, "", "");
	bytes(kit, &server, EV_LOG, 1, 8, 8);
	bytes(kit, &client, EV_LOG, 3, 8, 8);
	bytes(kit, &other, EV_RECV, 2, 8, 8);
	graph = load(kit);
	assert_int_equal(graph__message_cnt(graph), 1);
	assert_int_equal(stats.matched, 1);
	assert_true(stats.complete);
	done(kit, graph);
}

#define RESOLVER "\x7f\x00\x00\x0b"
#define LOOPBACK "\x7f\x00\x00\x01"

/* iptables within the container lead port 53 to where dockerd listens, and back. */
static void dockers_resolver(void **state)
{
	for (int traced = 0; traced < 2; traced++)
		for (int contained = 0; contained < 2; contained++) {
			struct kit *kit = two_nodes();
			struct kit_task dockerd = { .node = 1, .tgid = 50, .tid = 50 };
			struct graph *graph;

			if (contained)
				kit__is_contained(kit); /* the server; its namespace is 2 */
			describe(kit, &server, 11, LOOPBACK, 41000, RESOLVER, 53);
			datagram(kit, &server, EV_SEND, 11, "where is redis2?", 16);
			if (traced) {
				describe_in(kit, &dockerd, 2, 12, RESOLVER, 40001, LOOPBACK, 41000);
				datagram(kit, &dockerd, EV_RECV, 12, "where is redis2?", 16);
				datagram(kit, &dockerd, EV_SEND, 12, "redis2 is here", 14);
			}
			datagram(kit, &server, EV_RECV, 11, "redis2 is here", 14);
			graph = load(kit);
			assert_true(stats.complete);
			assert_int_equal(stats.resolver, contained && !traced ? 2 : 0);
			assert_int_equal(stats.matched, contained && traced ? 2 : 0);
			if (contained && traced) {
				assert_int_equal(data(graph, 0)->dst, 1);
				assert_int_equal(data(graph, 1)->dst, 2);
				assert_int_equal(data(graph, 0)->server_port, 53);
				assert_int_equal(data(graph, 1)->server_port, 53);
				assert_true(data(graph, 0)->to_server && !data(graph, 1)->to_server);
			}
			done(kit, graph);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_a_message_and_taken_in_any_order),
		cmocka_unit_test(a_lost_one_is_no_hole_and_no_other_ones_partner),
		cmocka_unit_test(those_that_look_alike_keep_their_order),
		cmocka_unit_test(a_send_may_be_recorded_after_its_receive),
		cmocka_unit_test(a_receive_that_nobody_sent_is_told),
		cmocka_unit_test(one_from_a_traced_sender_is_missing),
		cmocka_unit_test(what_fits_one_only_is_left_for_it),
		cmocka_unit_test(one_cut_short_is_known_by_its_beginning),
		cmocka_unit_test(senders_behind_one_port_are_told_apart),
		cmocka_unit_test(a_cut_datagram_is_marked),
		cmocka_unit_test(dockers_resolver),
		cmocka_unit_test(a_path_leads_to_who_is_bound_to_it),
		cmocka_unit_test(a_unix_streams_names_used_again_are_another_connection),
		cmocka_unit_test(a_unix_streams_end_is_not_that_of_an_earlier_one),
		cmocka_unit_test(callers_of_a_listener_are_not_each_others_peers),
		cmocka_unit_test(pipes_and_eventfds_join_threads_of_a_node),
		cmocka_unit_test(output_is_a_message_where_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
