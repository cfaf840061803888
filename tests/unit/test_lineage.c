// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "causal/lineage.h"
#include "tests/unit/tracekit.h"

enum { CLIENT = 1, P, R1, R2, S1 };

static struct kit_task client, second, p, p2, r1, r2, s1;

static struct kit_task task(uint16_t node, uint32_t tgid, uint32_t tid)
{
	return (struct kit_task){ .node = node, .tgid = tgid, .tid = tid };
}

static struct kit *five_nodes(void)
{
	struct kit *kit = kit__new();

	client = task(CLIENT, 10, 10);
	second = task(CLIENT, 11, 11);
	p = task(P, 20, 20);
	p2 = task(P, 20, 21);
	r1 = task(R1, 30, 30);
	r2 = task(R2, 40, 40);
	s1 = task(S1, 50, 50);
	kit__node(kit, CLIENT, "client", "198.18.0.1", 0, true);
	kit__node(kit, P, "p", "198.18.0.2", 6379, false);
	kit__node(kit, R1, "r1", "198.18.0.3", 6379, false);
	kit__node(kit, R2, "r2", "198.18.0.4", 6379, false);
	kit__node(kit, S1, "s1", "198.18.0.5", 26379, false);
	return kit;
}

/* The best confidence of a message from @src to @dst whose payload begins with @text. */
static float confidence(const struct graph *graph, const struct lineage *lineage, uint16_t src,
			uint16_t dst, const char *text)
{
	float best = 0;

	for (size_t i = 0; i < lineage->cnt; i++) {
		const struct message *message = graph__message(graph, lineage->v[i].message);

		if (message->src != src || message->dst != dst)
			continue;
		if (text && (message->payload_len < strlen(text) ||
			     memcmp(message->payload, text, strlen(text)) != 0))
			continue;
		if (lineage->v[i].confidence > best)
			best = lineage->v[i].confidence;
	}
	return best;
}

static void lineage(struct kit *kit, enum outcome outcome, struct graph **graph,
		    struct lineage *ret)
{
	*graph = graph__load(kit__finish(kit), NULL);
	assert_non_null(*graph);
	assert_int_equal(lineage__of(*graph, outcome, NULL, ret, NULL), 0);
}

static void done(struct kit *kit, struct graph *graph, struct lineage *lineage)
{
	lineage__free(lineage);
	graph__free(graph);
	kit__free(kit);
}

/* Floating point compared as people read it. */
#define assert_at_least(value, bound) assert_true((value) >= (bound) - 1e-6f)
#define assert_at_most(value, bound) assert_true((value) <= (bound) + 1e-6f)

/* P relays to R1 from an event loop; a heartbeat of S1 arrives in the same turn of the loop. */
static void a_token_wins_over_heartbeats(void **state)
{
	struct kit *kit = five_nodes();
	struct kit_conn *to_p, *beat, *relay;
	struct lineage members;
	struct graph *graph;

	kit__phase(kit, PHASE_IDLE, 0);
	beat = kit__connect(kit, &s1, &p, 6379);
	relay = kit__connect(kit, &p, &r1, 6379);
	for (int i = 0; i < 3; i++) {
		kit__wait(kit, &s1);
		kit__pass(kit, &s1, &p, beat, "PING 17");
		kit__pass(kit, &p, &s1, beat, "PONG");
	}
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__set_now(kit, NOW_WORKLOAD);
	to_p = kit__connect(kit, &client, &p, 6379);
	kit__send(kit, &client, to_p, "SET k v_314159");
	kit__send(kit, &s1, beat, "PING 18");
	kit__wait(kit, &p);
	kit__recv(kit, &p, to_p, 100);
	kit__recv(kit, &p, beat, 100);
	kit__send(kit, &p, relay, "store v_314159");
	kit__wait(kit, &r1);
	kit__recv(kit, &r1, relay, 100);
	kit__send(kit, &r1, relay, "stored v_314159");
	kit__wait(kit, &p);
	kit__recv(kit, &p, relay, 100);
	kit__send(kit, &p, to_p, "OK v_314159");
	kit__wait(kit, &client);
	kit__recv(kit, &client, to_p, 100);
	kit__phase(kit, PHASE_END, 0);
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	assert_at_least(confidence(graph, &members, P, CLIENT, "OK"), 1);
	assert_at_least(confidence(graph, &members, R1, P, "stored"), 0.8);
	assert_at_least(confidence(graph, &members, P, R1, "store"), 0.8);
	assert_at_least(confidence(graph, &members, CLIENT, P, "SET"), 0.8);
	assert_at_most(confidence(graph, &members, S1, P, "PING"), 0.05);
	assert_at_most(confidence(graph, &members, P, S1, "PONG"), 0.05);
	/* over-approximate: they are in it all the same */
	assert_true(confidence(graph, &members, S1, P, "PING") > 0);
	assert_true(members.sound);
	done(kit, graph, &members);
}

/* Another client's request in the same turn, never seen when idle: the token still tells them apart. */
static void a_token_wins_over_another_request(void **state)
{
	struct kit *kit = five_nodes();
	struct kit_conn *to_p, *other, *relay;
	struct lineage members;
	struct graph *graph;

	kit__set_now(kit, NOW_WORKLOAD);
	to_p = kit__connect(kit, &client, &p, 6379);
	other = kit__connect(kit, &s1, &p, 6379);
	relay = kit__connect(kit, &p, &r1, 6379);
	kit__send(kit, &client, to_p, "SET k v_314159");
	kit__send(kit, &s1, other, "CONFIG");
	kit__wait(kit, &p);
	kit__recv(kit, &p, to_p, 100);
	kit__recv(kit, &p, other, 100);
	kit__send(kit, &p, relay, "store v_314159");
	kit__pass(kit, &p, &r1, relay, " more");
	kit__pass(kit, &r1, &client, kit__connect(kit, &client, &r1, 6379), "got v_314159");
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	assert_at_least(confidence(graph, &members, CLIENT, P, "SET"), 0.8);
	assert_at_most(confidence(graph, &members, S1, P, "CONFIG"), 0.1);
	done(kit, graph, &members);
}

/* No bytes without a connection: its making is as sure as they are. */
static void a_connection_is_part_of_it(void **state)
{
	struct kit *kit = five_nodes();
	struct lineage members;
	struct kit_conn *to_p;
	struct graph *graph;
	float best[3] = { 0 };

	kit__set_now(kit, NOW_WORKLOAD);
	to_p = kit__connect(kit, &client, &p, 6379);
	kit__pass(kit, &client, &p, to_p, "GET k");
	kit__pass(kit, &p, &client, to_p, "none");
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	for (size_t i = 0; i < members.cnt; i++)
		best[graph__message(graph, members.v[i].message)->class] = members.v[i].confidence;
	assert_at_least(best[MSG_CONNECT], 0.8);
	assert_at_least(best[MSG_ACCEPT], 0.8);
	done(kit, graph, &members);
}

/* P made the word up: that it comes back to P and is sent once more shows nothing. */
static void the_origin_of_a_token_has_it_from_nobody(void **state)
{
	struct kit *kit = five_nodes();
	struct kit_conn *relay, *to_p;
	struct lineage members;
	struct graph *graph;

	kit__set_now(kit, NOW_WORKLOAD);
	relay = kit__connect(kit, &p, &r1, 6379);
	to_p = kit__connect(kit, &client, &p, 6379);
	kit__pass(kit, &p, &r1, relay, "run_id_77");
	kit__pass(kit, &r1, &p, relay, "echo run_id_77");
	kit__pass(kit, &client, &p, to_p, "who?");
	kit__pass(kit, &p, &client, to_p, "run_id_77");
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	assert_at_least(confidence(graph, &members, CLIENT, P, "who"), 0.8);
	assert_at_most(confidence(graph, &members, R1, P, "echo"), 0.1);
	done(kit, graph, &members);
}

/* A word that is about without a workload is vocabulary. */
static void what_is_said_when_idle_is_no_token(void **state)
{
	struct kit *kit = five_nodes();
	struct kit_conn *beat, *to_p;
	struct lineage members;
	struct graph *graph;

	kit__phase(kit, PHASE_IDLE, 0);
	beat = kit__connect(kit, &s1, &p, 6379);
	kit__pass(kit, &s1, &p, beat, "hello mymaster_1");
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__set_now(kit, NOW_WORKLOAD);
	to_p = kit__connect(kit, &client, &p, 6379);
	kit__pass(kit, &s1, &p, beat, "hello mymaster_1");
	kit__pass(kit, &client, &p, to_p, "who?");
	kit__pass(kit, &p, &client, to_p, "mymaster_1");
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	assert_at_most(confidence(graph, &members, S1, P, "hello"), 0.05);
	done(kit, graph, &members);
}

/* The value comes first and a trailer behind it: both are the answer; what came before counts less. */
static void an_answer_may_be_several_messages(void **state)
{
	struct kit *kit = five_nodes();
	struct kit_conn *to_p;
	struct lineage members;
	struct graph *graph;

	kit__set_now(kit, NOW_WORKLOAD);
	to_p = kit__connect(kit, &client, &p, 6379);
	kit__pass(kit, &p, &client, to_p, "greeting");
	kit__pass(kit, &client, &p, to_p, "GET k");
	kit__pass(kit, &p, &client, to_p, "value");
	kit__wait(kit, &p);
	kit__pass(kit, &p, &client, to_p, "trailer");
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	assert_at_least(confidence(graph, &members, P, CLIENT, "trailer"), 1);
	assert_at_least(confidence(graph, &members, P, CLIENT, "value"), 1);
	assert_at_least(confidence(graph, &members, CLIENT, P, "GET"), 0.8);
	assert_at_most(confidence(graph, &members, P, CLIENT, "greeting"), 0.9);
	assert_at_least(confidence(graph, &members, P, CLIENT, "greeting"), 0.8);
	done(kit, graph, &members);
}

/* One thread receives, another sends: only the value tells. */
static void a_token_crosses_threads(void **state)
{
	struct kit *kit = five_nodes();
	struct kit_conn *to_p, *relay;
	struct lineage members;
	struct graph *graph;

	kit__set_now(kit, NOW_WORKLOAD);
	to_p = kit__connect(kit, &client, &p, 6379);
	relay = kit__connect(kit, &p2, &r1, 6379);
	kit__pass(kit, &client, &p, to_p, "SET k v_314159");
	kit__wait(kit, &p2);
	kit__send(kit, &p2, relay, "store v_314159");
	kit__wait(kit, &r1);
	kit__recv(kit, &r1, relay, 100);
	kit__pass(kit, &r1, &p2, relay, "stored v_314159");
	kit__pass(kit, &p, &client, to_p, "done v_314159");
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	assert_at_least(confidence(graph, &members, P, R1, "store"), 0.8);
	assert_at_least(confidence(graph, &members, R1, P, "stored"), 0.8);
	done(kit, graph, &members);
}

/* Without any value to follow, order alone keeps the path in, low. */
static void without_a_token_order_is_left(void **state)
{
	struct kit *kit = five_nodes();
	struct kit_conn *to_p, *relay;
	struct lineage members;
	float relayed;
	struct graph *graph;

	kit__set_now(kit, NOW_WORKLOAD);
	to_p = kit__connect(kit, &client, &p, 6379);
	relay = kit__connect(kit, &p2, &r1, 6379);
	kit__pass(kit, &client, &p, to_p, "\1\2\3\4");
	kit__pass(kit, &p2, &r1, relay, "\5\6\7");
	kit__pass(kit, &r1, &p2, relay, "\7\7");
	kit__wait(kit, &p);
	kit__pass(kit, &p, &client, to_p, "\1\1");
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	relayed = confidence(graph, &members, R1, P, "\7\7");
	assert_true(relayed > 0 && relayed < 0.2);
	assert_at_least(confidence(graph, &members, CLIENT, P, "\1"), 0.5);
	done(kit, graph, &members);
}

/* Nothing that was received afterwards is in it. */
static void what_comes_later_is_no_cause(void **state)
{
	struct kit *kit = five_nodes();
	struct kit_conn *to_p, *relay;
	struct lineage members;
	struct graph *graph;

	kit__set_now(kit, NOW_WORKLOAD);
	to_p = kit__connect(kit, &client, &p, 6379);
	relay = kit__old_connection(kit, &p, &r1, 6379, 1);
	kit__pass(kit, &client, &p, to_p, "SET k v_314159");
	kit__pass(kit, &p, &client, to_p, "OK");
	kit__pass(kit, &p, &r1, relay, "store v_314159");
	kit__pass(kit, &r1, &p, relay, "stored v_314159");
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	assert_true(confidence(graph, &members, CLIENT, P, "SET") >= 0.8f - 1e-6f);
	assert_true(confidence(graph, &members, P, R1, NULL) == 0);
	assert_true(confidence(graph, &members, R1, P, NULL) == 0);
	done(kit, graph, &members);
}

/* A shell runs one command to learn where the primary is and another to write to it. */
static void a_client_is_several_processes(void **state)
{
	struct kit *kit = five_nodes();
	struct kit_conn *ask, *write;
	struct lineage members;
	struct graph *graph;

	kit__set_now(kit, NOW_WORKLOAD);
	ask = kit__connect(kit, &client, &s1, 26379);
	kit__pass(kit, &client, &s1, ask, "who is it");
	kit__pass(kit, &s1, &client, ask, "it is p");
	kit__set_now(kit, NOW_WORKLOAD + 1);
	write = kit__connect(kit, &second, &p, 6379);
	kit__pass(kit, &second, &p, write, "SET k v_1");
	kit__pass(kit, &p, &second, write, "OK");
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	assert_at_least(confidence(graph, &members, S1, CLIENT, "it is p"), 0.5);
	assert_at_least(confidence(graph, &members, CLIENT, S1, "who is it"), 0.5);
	done(kit, graph, &members);
}

struct shop {
	struct kit_conn *p_r1, *p_r2, *s_p, *s_r1, *s_r2;
};

static void beats(struct kit *kit, const struct shop *shop, bool p_lives)
{
	static int offset = 1000;
	char text[64];

	for (int i = 0; i < 3; i++) {
		offset += 14;
		snprintf(text, sizeof(text), "REPLCONF ACK %d", offset);
		if (p_lives) {
			kit__pass(kit, &p, &r1, shop->p_r1, "PING");
			kit__pass(kit, &p, &r2, shop->p_r2, "PING");
			kit__wait(kit, &r1);
			kit__pass(kit, &r1, &p, shop->p_r1, text);
			kit__wait(kit, &r2);
			kit__pass(kit, &r2, &p, shop->p_r2, text);
			kit__wait(kit, &s1);
			kit__pass(kit, &s1, &p, shop->s_p, "INFO");
			kit__pass(kit, &p, &s1, shop->s_p, "role:master redis_version:7");
		}
		kit__wait(kit, &s1);
		kit__pass(kit, &s1, &r1, shop->s_r1, "INFO");
		kit__pass(kit, &r1, &s1, shop->s_r1, "role:slave redis_version:7");
		kit__pass(kit, &s1, &r2, shop->s_r2, "INFO");
		kit__pass(kit, &r2, &s1, shop->s_r2, "role:slave redis_version:7");
	}
}

static void ask(struct kit *kit, const char *answer)
{
	struct kit_conn *conn = kit__connect(kit, &client, &s1, 26379);

	kit__pass(kit, &client, &s1, conn, "SENTINEL get-master-addr-by-name mymaster");
	kit__pass(kit, &s1, &client, conn, answer);
}

static void write_value(struct kit *kit, const struct shop *shop)
{
	struct kit_conn *conn = kit__connect(kit, &client, &p, 6379);

	kit__pass(kit, &client, &p, conn, "SET key_27 value_271828");
	kit__send(kit, &p, conn, "OK");
	kit__send(kit, &p, shop->p_r1, "SET key_27 value_271828");
	kit__send(kit, &p, shop->p_r2, "SET key_27 value_271828");
	kit__wait(kit, &client);
	kit__recv(kit, &client, conn, 100);
	kit__wait(kit, &r1);
	kit__recv(kit, &r1, shop->p_r1, 100);
	kit__wait(kit, &r2);
	kit__recv(kit, &r2, shop->p_r2, 100);
}

static void read_value(struct kit *kit, struct kit_task *from)
{
	struct kit_conn *conn = kit__connect(kit, &client, from, 6379);

	kit__pass(kit, &client, from, conn, "GET key_27");
	kit__pass(kit, from, &client, conn, "value_271828");
}

/* Redis with a sentinel, a SET, then a check that reads at @from; P is silent then if it is R1. */
static void run_shop(struct kit *kit, struct kit_task *from)
{
	struct shop shop;
	bool failover = from != &p;

	kit__phase(kit, PHASE_IDLE, 0);
	shop.p_r1 = kit__old_connection(kit, &r1, &p, 6379, 1);
	shop.p_r2 = kit__old_connection(kit, &r2, &p, 6379, 1);
	shop.s_p = kit__old_connection(kit, &s1, &p, 6379, 1);
	shop.s_r1 = kit__old_connection(kit, &s1, &r1, 6379, 1);
	shop.s_r2 = kit__old_connection(kit, &s1, &r2, 6379, 1);
	beats(kit, &shop, true);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__set_now(kit, NOW_WORKLOAD);
	ask(kit, "198.18.0.2 6379");
	kit__set_now(kit, NOW_WORKLOAD + 1);
	write_value(kit, &shop);
	beats(kit, &shop, true);
	kit__set_now(kit, NOW_CHECK);
	kit__phase(kit, PHASE_SETTLE, 0);
	beats(kit, &shop, !failover);
	kit__set_now(kit, NOW_HEALED);
	kit__phase(kit, PHASE_CHECK, 0);
	if (failover) {
		ask(kit, "198.18.0.2 6379");
		kit__wait(kit, &s1);
		kit__pass(kit, &s1, &r1, shop.s_r1, "SLAVEOF NO ONE");
		kit__pass(kit, &r1, &s1, shop.s_r1, "OK");
	}
	ask(kit, failover ? "198.18.0.3 6379" : "198.18.0.2 6379");
	beats(kit, &shop, !failover);
	read_value(kit, from);
	kit__phase(kit, PHASE_END, 0);
	kit__set_now(kit, NOW_END);
	beats(kit, &shop, !failover);
}

static void a_read_at_the_primary_rests_on_the_write(void **state)
{
	struct kit *kit = five_nodes();
	struct lineage members;
	struct graph *graph;

	run_shop(kit, &p);
	lineage(kit, OUTCOME_CHECK, &graph, &members);
	assert_at_least(confidence(graph, &members, P, CLIENT, "value"), 1);
	assert_at_least(confidence(graph, &members, CLIENT, P, "SET"), 0.8);
	assert_at_least(confidence(graph, &members, CLIENT, P, "GET"), 0.8);
	assert_at_least(confidence(graph, &members, S1, CLIENT, "198.18.0.2"), 0.8);
	assert_at_most(confidence(graph, &members, P, CLIENT, "OK"), 0.05); /* an earlier phase */
	assert_at_most(confidence(graph, &members, P, R1, "SET"), 0.05);
	assert_at_most(confidence(graph, &members, P, R2, "SET"), 0.05);
	assert_at_most(confidence(graph, &members, R1, P, NULL), 0.05);
	assert_at_most(confidence(graph, &members, S1, P, NULL), 0.05);
	assert_at_most(confidence(graph, &members, P, S1, NULL), 0.05);
	assert_at_most(confidence(graph, &members, R1, S1, NULL), 0.05);
	assert_true(confidence(graph, &members, R1, P, NULL) > 0);
	assert_true(members.sound);
	done(kit, graph, &members);
}

static void a_read_at_a_replica_rests_on_replication(void **state)
{
	struct kit *kit = five_nodes();
	struct lineage members;
	struct graph *graph;

	run_shop(kit, &r1);
	lineage(kit, OUTCOME_CHECK, &graph, &members);
	assert_at_least(confidence(graph, &members, R1, CLIENT, "value"), 1);
	assert_at_least(confidence(graph, &members, P, R1, "SET"), 0.8);
	assert_at_least(confidence(graph, &members, CLIENT, P, "SET"), 0.8);
	assert_at_most(confidence(graph, &members, P, R2, "SET"), 0.05);
	assert_at_most(confidence(graph, &members, R2, S1, NULL), 0.05);
	assert_at_most(confidence(graph, &members, P, S1, NULL), 0.05);
	/* what made R1 the primary counts more than a heartbeat */
	assert_true(confidence(graph, &members, R1, S1, "OK") > 0.01);
	done(kit, graph, &members);
}

static void the_promise_rests_on_the_workload_only(void **state)
{
	struct kit *kit = five_nodes();
	struct lineage members;
	struct graph *graph;

	run_shop(kit, &p);
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	assert_at_least(confidence(graph, &members, CLIENT, P, "SET"), 0.8);
	assert_true(confidence(graph, &members, CLIENT, P, "GET") == 0);
	assert_at_most(confidence(graph, &members, P, R1, "SET"), 0.05);
	for (size_t i = 0; i < members.cnt; i++)
		assert_true(graph__message(graph, members.v[i].message)->step < NOW_CHECK);
	done(kit, graph, &members);
}

/* What the idle phase of one trace taught holds for another that has none. */
static void learned_heartbeats_count_little(void **state)
{
	struct evidence *evidence = evidence__new();
	struct lineage members, taught;
	struct graph *graph, *other;
	struct kit *kit = five_nodes();
	struct kit_conn *beat, *to_p;

	kit__phase(kit, PHASE_IDLE, 0);
	beat = kit__connect(kit, &s1, &p, 6379);
	kit__pass(kit, &s1, &p, beat, "PING 1");
	graph = graph__load(kit__finish(kit), NULL);
	assert_int_equal(evidence__learn_idle(evidence, graph), 0);
	graph__free(graph);
	kit__free(kit);
	kit = five_nodes();
	kit__set_now(kit, NOW_WORKLOAD);
	beat = kit__connect(kit, &s1, &p, 6379);
	to_p = kit__connect(kit, &client, &p, 6379);
	kit__send(kit, &client, to_p, "GET k");
	kit__send(kit, &s1, beat, "PING 9");
	kit__wait(kit, &p);
	kit__recv(kit, &p, to_p, 100);
	kit__recv(kit, &p, beat, 100);
	kit__pass(kit, &p, &client, to_p, "none");
	lineage(kit, OUTCOME_WORKLOAD, &other, &members);
	assert_int_equal(lineage__of(other, OUTCOME_WORKLOAD, evidence, &taught, NULL), 0);
	assert_true(confidence(other, &members, S1, P, "PING") >
		    10 * confidence(other, &taught, S1, P, "PING"));
	lineage__free(&taught);
	evidence__free(evidence);
	done(kit, other, &members);
}

static void a_hole_in_the_lineage_makes_it_unsound(void **state)
{
	struct kit *kit = five_nodes();
	struct lineage members;
	struct kit_conn *to_p;
	struct graph *graph;

	kit__set_now(kit, NOW_WORKLOAD);
	to_p = kit__connect(kit, &client, &p, 6379);
	kit__pass(kit, &client, &p, to_p, "one");
	kit__send_unseen(kit, &client, to_p, "two");
	kit__pass(kit, &client, &p, to_p, "three");
	kit__pass(kit, &p, &client, to_p, "OK");
	lineage(kit, OUTCOME_WORKLOAD, &graph, &members);
	assert_false(members.sound);
	done(kit, graph, &members);
}

static void say(struct kit *kit, struct kit_task *who, const char *text)
{
	struct event line = { .kind = EV_LOG, .io.fd = 1, .io.len = (uint32_t)strlen(text) };

	kit__emit(kit, who, &line, text, strlen(text));
}

/* R1 writes down what P sent it and tells nobody; what R2 has comes after its line. */
static void who_only_logs_is_known_by_its_log(void **state)
{
	struct kit *kit = five_nodes();
	struct kit_conn *to_p, *to_r1, *to_r2;
	struct lineage members;
	struct graph *graph;

	kit__set_now(kit, NOW_WORKLOAD);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	to_r1 = kit__connect(kit, &p, &r1, 6379);
	to_r2 = kit__connect(kit, &p, &r2, 6379);
	to_p = kit__connect(kit, &client, &p, 6379);
	kit__pass(kit, &client, &p, to_p, "begin");
	kit__pass(kit, &p, &client, to_p, "begun");
	kit__pass(kit, &p, &r1, to_r1, "value");
	say(kit, &r1, "has value");
	say(kit, &r2, "waits");
	kit__pass(kit, &p, &r2, to_r2, "value");
	say(kit, &p, "client wants it");
	kit__set_now(kit, NOW_HEALED);
	kit__phase(kit, PHASE_CHECK, 0);
	kit__phase(kit, PHASE_END, 0);
	lineage(kit, OUTCOME_CHECK, &graph, &members);
	assert_int_equal(members.logs, 1 << P | 1 << R1 | 1 << R2);
	assert_at_least(confidence(graph, &members, P, R1, "value"), 0.5);
	assert_at_most(confidence(graph, &members, P, R2, "value"), 0);
	lineage__free(&members);
	assert_int_equal(lineage__of(graph, OUTCOME_WORKLOAD, NULL, &members, NULL), 0);
	/* the client heard P */
	assert_int_equal(members.logs, 1 << R1 | 1 << R2);
	assert_at_least(confidence(graph, &members, CLIENT, P, "begin"), 0.5);
	assert_at_least(confidence(graph, &members, P, R1, "value"), 0.3);
	assert_at_most(confidence(graph, &members, P, R1, "value"), 0.5);
	done(kit, graph, &members);
}

static void says_what_a_trace_has_no_outcome_of(void **state)
{
	struct kit *kit = five_nodes();
	struct lineage members;
	struct graph *graph;
	struct err err;

	kit__set_now(kit, NOW_WORKLOAD);
	kit__connect(kit, &client, &p, 6379);
	graph = graph__load(kit__finish(kit), NULL);
	assert_int_equal(lineage__of(graph, OUTCOME_CHECK, NULL, &members, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.msg, "has no check phase"));
	graph__free(graph);
	kit__free(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_wins_over_heartbeats),
		cmocka_unit_test(a_token_wins_over_another_request),
		cmocka_unit_test(a_connection_is_part_of_it),
		cmocka_unit_test(the_origin_of_a_token_has_it_from_nobody),
		cmocka_unit_test(what_is_said_when_idle_is_no_token),
		cmocka_unit_test(an_answer_may_be_several_messages),
		cmocka_unit_test(a_token_crosses_threads),
		cmocka_unit_test(without_a_token_order_is_left),
		cmocka_unit_test(what_comes_later_is_no_cause),
		cmocka_unit_test(a_client_is_several_processes),
		cmocka_unit_test(a_read_at_the_primary_rests_on_the_write),
		cmocka_unit_test(a_read_at_a_replica_rests_on_replication),
		cmocka_unit_test(the_promise_rests_on_the_workload_only),
		cmocka_unit_test(learned_heartbeats_count_little),
		cmocka_unit_test(a_hole_in_the_lineage_makes_it_unsound),
		cmocka_unit_test(who_only_logs_is_known_by_its_log),
		cmocka_unit_test(says_what_a_trace_has_no_outcome_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
