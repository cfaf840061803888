// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a trace as the kernel side would: make_trace FILE EVENTS [NODES [STEPS [SEED]]]
 *
 * Node 1 is the client: its processes ask a server each in turn; the server asks the next server,
 * waits for its answer and then answers itself. Eight sends and receives make one such request; up
 * to 16 are under way at a time, all by TCP on connections that stay. There is one step, or STEPS of about as many
 * events each; another SEED makes other traffic. Prints nothing.
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/trace.h"

#define CLIENTS 16
#define PORT 6379
#define STAGES 8

/* One end of a connection; stream 0 is from the asking side, 1 the answers. */
struct conn {
	uint32_t number; /* its ends are sockets 2 * number and 2 * number + 1 */
	uint32_t seq[2];
};

struct traffic {
	struct trace_writer *writer;
	uint64_t events, ts_ns;
	uint32_t nodes, conn_cnt;
	uint32_t task_seq[MAX_NODES + CLIENTS];
	uint64_t task_ns[MAX_NODES + CLIENTS];
	uint32_t step;
	struct conn asks[CLIENTS][MAX_NODES]; /* from a client's process to a server */
	struct conn passes[MAX_NODES];	      /* from a server to the next one */
};

struct request {
	uint32_t client, server, stage;
};

static uint32_t next_of(const struct traffic *traffic, uint32_t server)
{
	return server == traffic->nodes ? 2 : server + 1;
}

static json_t *meta(uint32_t nodes)
{
	json_t *list = json_array();

	for (uint32_t node = 1; node <= nodes; node++) {
		char name[32], address[32];

		snprintf(name, sizeof(name), node == 1 ? "client" : "server%u", node - 1);
		snprintf(address, sizeof(address), "198.18.0.%u", node);
		json_array_append_new(list, json_pack("{s:i, s:s, s:b, s:[s], s:[i]}", "id", node,
						      "name", name, "client", node == 1,
						      "addresses", address, "listen", PORT));
	}
	return json_pack("{s:o}", "nodes", list);
}

/* A task is a client's process (of node 1), or the server of a node. */
static uint32_t task_of_client(uint32_t client)
{
	return MAX_NODES + client;
}

static void emit(struct traffic *traffic, struct event *event, uint32_t task)
{
	/* the CPUs' records are not quite in order, a task's are */
	traffic->ts_ns += 200 + random() % 3000;
	event->ts_ns = traffic->ts_ns - random() % 2000;
	if (event->ts_ns < traffic->task_ns[task])
		event->ts_ns = traffic->task_ns[task];
	traffic->task_ns[task] = event->ts_ns;
	event->node = task < MAX_NODES ? task : 1;
	event->tgid = event->tid = 1000 + task;
	event->task_seq = ++traffic->task_seq[task];
	event->now = traffic->step;
	if (trace_writer__add(traffic->writer, event) < 0)
		errx(1, "cannot write");
	traffic->events++;
}

static void emit_phase(struct traffic *traffic, uint32_t phase)
{
	struct event event = {.kind = EV_PHASE, .ts_ns = traffic->ts_ns + 4000};

	traffic->ts_ns += 8000;
	event.now = traffic->step;
	event.phase.phase = phase;
	if (trace_writer__add(traffic->writer, &event) < 0)
		errx(1, "cannot write");
	traffic->events++;
}

static void describe(struct traffic *traffic, const struct conn *conn, uint32_t task, uint32_t from,
		     uint32_t to, bool accepted)
{
	struct event event = {.kind = EV_SOCKET};
	uint16_t port = 20000 + conn->number;

	event.socket.socket = 2 * conn->number + accepted;
	event.socket.family = 2;
	event.socket.proto = 6;
	event.socket.local_port = accepted ? PORT : port;
	event.socket.remote_port = accepted ? port : PORT;
	memcpy(event.socket.local, (uint8_t[]){198, 18, 0, accepted ? to : from}, 4);
	memcpy(event.socket.remote, (uint8_t[]){198, 18, 0, accepted ? from : to}, 4);
	emit(traffic, &event, task);
}

static void open_conn(struct traffic *traffic, struct conn *conn, uint32_t task, uint32_t server)
{
	uint32_t from = task < MAX_NODES ? task : 1;

	conn->number = ++traffic->conn_cnt;
	conn->seq[0] = (uint32_t)random() * 2;
	conn->seq[1] = (uint32_t)random() * 2;
	describe(traffic, conn, task, from, server, false);
	describe(traffic, conn, server, from, server, true);
}

static void io(struct traffic *traffic, uint32_t task, struct conn *conn, bool answer,
	       uint16_t kind)
{
	uint32_t len = answer ? 5 : 45;
	bool accepted = answer == (kind == EV_SEND);
	struct event event = {.kind = kind};

	if (kind == EV_SEND)
		conn->seq[answer] += len;
	else
		event.flags = EVENT_WAITED;
	event.io.socket = 2 * conn->number + accepted;
	event.io.fd = 7 + conn->number;
	event.io.seq_end = conn->seq[answer];
	event.io.len = event.io.ret = len;
	event.io.syscall = kind == EV_SEND;
	emit(traffic, &event, task);
}

/* What comes next of the request. */
static void advance(struct traffic *traffic, struct request *request)
{
	uint32_t client = task_of_client(request->client), server = request->server;
	struct conn *ask = &traffic->asks[request->client][server];
	struct conn *pass = &traffic->passes[server];
	uint32_t next = next_of(traffic, server);

	switch (request->stage) {
	case 0:
		return io(traffic, client, ask, false, EV_SEND);
	case 1:
		return io(traffic, server, ask, false, EV_RECV);
	case 2:
		return io(traffic, server, pass, false, EV_SEND);
	case 3:
		return io(traffic, next, pass, false, EV_RECV);
	case 4:
		return io(traffic, next, pass, true, EV_SEND);
	case 5:
		return io(traffic, server, pass, true, EV_RECV);
	case 6:
		return io(traffic, server, ask, true, EV_SEND);
	default:
		return io(traffic, client, ask, true, EV_RECV);
	}
}

/*
 * A connection between two servers carries one request at a time: the others wait. When there are
 * enough events no request begins any more, and those under way come to their end.
 */
static void generate(struct traffic *traffic, uint64_t events, uint32_t steps)
{
	struct request requests[CLIENTS] = {0};
	bool busy[MAX_NODES] = {false};
	uint32_t under_way = 0;

	while (under_way || traffic->events < events) {
		uint32_t client = random() % CLIENTS;
		struct request *request = &requests[client];

		if (request->stage == 0) {
			if (traffic->events >= events)
				continue;
			traffic->step = NOW_WORKLOAD + (uint32_t)(traffic->events * steps / events);
			request->client = client;
			request->server = 2 + random() % (traffic->nodes - 1);
			under_way++;
		}
		if (request->stage == 2 && busy[request->server])
			continue;
		advance(traffic, request);
		if (request->stage == 2)
			busy[request->server] = true;
		else if (request->stage == 5)
			busy[request->server] = false;
		request->stage = (request->stage + 1) % STAGES;
		under_way -= request->stage == 0;
	}
}

static void open_conns(struct traffic *traffic)
{
	for (uint32_t server = 2; server <= traffic->nodes; server++) {
		for (uint32_t i = 0; i < CLIENTS; i++)
			open_conn(traffic, &traffic->asks[i][server], task_of_client(i), server);
		open_conn(traffic, &traffic->passes[server], server, next_of(traffic, server));
	}
}

int main(int argc, char **argv)
{
	struct traffic *traffic = calloc(1, sizeof(*traffic));
	struct ledger ledger = {0};
	struct err err;
	uint32_t steps;
	json_t *json;

	if (!traffic || argc < 3)
		errx(2, "usage: make_trace FILE EVENTS [NODES [STEPS [SEED]]]");
	traffic->nodes = argc > 3 ? atoi(argv[3]) : 7;
	if (traffic->nodes < 3 || traffic->nodes >= MAX_NODES)
		errx(2, "from 3 to %d nodes", MAX_NODES - 1);
	steps = argc > 4 ? atoi(argv[4]) : 1;
	if (steps < 1 || steps > 10000)
		errx(2, "from 1 to 10000 steps");
	if (argc > 5)
		srandom(atoi(argv[5]));
	json = meta(traffic->nodes);
	traffic->writer = trace_writer__open(argv[1], json, &err);
	json_decref(json);
	if (!traffic->writer)
		errx(1, "%s", err.msg);
	traffic->ts_ns = 1000000000;
	traffic->step = NOW_WORKLOAD;
	emit_phase(traffic, PHASE_WORKLOAD);
	open_conns(traffic);
	generate(traffic, strtoull(argv[2], NULL, 10), steps);
	traffic->step = NOW_END;
	emit_phase(traffic, PHASE_END);
	ledger.seen = ledger.emitted = ledger.drained = traffic->events;
	if (trace_writer__close(traffic->writer, &ledger, &err) < 0)
		errx(1, "%s", err.msg);
	free(traffic);
	return 0;
}
