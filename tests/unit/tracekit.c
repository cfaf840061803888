// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/tracekit.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIPE_BYTES 65536

/* One direction: what was sent and not yet taken. */
struct lane {
	uint32_t seq; /* of the next byte to be sent */
	size_t bytes;
	char data[PIPE_BYTES];
};

struct kit_end {
	uint16_t node;
	uint16_t port;
	struct {
		uint8_t address[4];
		uint16_t port; /* 0: as the other end says */
	} sees;		       /* where it takes the other end to be */
	uint32_t socket;
	bool described;
	struct lane out;
};

struct kit_conn {
	struct kit_end end[2]; /* 0 connected, 1 listens */
	struct kit_conn *next;
};

struct kit {
	char path[64];
	json_t *nodes;
	struct trace_writer *writer;
	uint64_t ts_ns;
	uint32_t now;
	uint32_t sockets;
	uint16_t next_port;
	bool ipv6;
	uint8_t address[MAX_NODES][4];
	struct kit_conn *conns;
	uint32_t netns; /* 0: each node has its own */
};

struct kit *kit__new(void)
{
	struct kit *kit = calloc(1, sizeof(*kit));
	int fd;

	strcpy(kit->path, "/tmp/tracekit-XXXXXX");
	fd = mkstemp(kit->path);
	assert(fd >= 0);
	close(fd);
	kit->nodes = json_array();
	kit->ts_ns = 1000000000;
	kit->next_port = 40000;
	return kit;
}

void kit__free(struct kit *kit)
{
	while (kit->conns) {
		struct kit_conn *next = kit->conns->next;

		free(kit->conns);
		kit->conns = next;
	}
	if (kit->writer)
		kit__finish(kit);
	unlink(kit->path);
	json_decref(kit->nodes);
	free(kit);
}

void kit__node(struct kit *kit, uint16_t id, const char *name, const char *address, uint16_t listen,
	       bool client)
{
	json_t *node = json_pack("{s:i, s:s, s:b, s:i, s:[s], s:[]}", "id", id, "name", name, "client",
				 client, "netns", kit->netns ? kit->netns : id, "addresses", address, "listen");

	assert(node && inet_pton(AF_INET, address, kit->address[id]) == 1);
	if (listen)
		json_array_append_new(json_object_get(node, "listen"), json_integer(listen));
	json_array_append_new(kit->nodes, node);
}

void kit__share(struct kit *kit, uint32_t netns)
{
	kit->netns = netns;
}

static json_t *last_node(struct kit *kit)
{
	return json_array_get(kit->nodes, json_array_size(kit->nodes) - 1);
}

void kit__is_proxy(struct kit *kit)
{
	json_object_set_new(last_node(kit), "proxy", json_true());
}

void kit__is_contained(struct kit *kit)
{
	json_object_set_new(last_node(kit), "container", json_string("0123abcd"));
}

void kit__set_now(struct kit *kit, uint32_t now)
{
	kit->now = now;
}

void kit__sleep(struct kit *kit, uint64_t ns)
{
	kit->ts_ns += ns;
}

uint64_t kit__ts(const struct kit *kit)
{
	return kit->ts_ns;
}

void kit__set_ipv6(struct kit *kit, bool ipv6)
{
	kit->ipv6 = ipv6;
}

static struct trace_writer *writer_of(struct kit *kit)
{
	json_t *meta;

	if (!kit->writer) {
		meta = json_pack("{s:i, s:i, s:O}", "version", 1, "payload_bytes", MAX_PAYLOAD,
				 "nodes", kit->nodes);
		kit->writer = trace_writer__open(kit->path, meta, NULL);
		json_decref(meta);
		assert(kit->writer);
	}
	return kit->writer;
}

void kit__emit(struct kit *kit, struct kit_task *task, struct event *event, const void *payload,
	       size_t len)
{
	uint64_t room[(sizeof(*event) + MAX_PAYLOAD) / 8];
	struct event *record = (struct event *)room;

	kit->ts_ns += 1000;
	event->ts_ns = kit->ts_ns;
	event->now = kit->now;
	event->payload_len = len < MAX_PAYLOAD ? len : MAX_PAYLOAD;
	if (task) {
		event->node = task->node;
		event->tgid = task->tgid;
		event->tid = task->tid;
		event->task_seq = ++task->seq;
	}
	*record = *event;
	if (event->payload_len)
		memcpy(record + 1, payload, event->payload_len);
	assert(trace_writer__add(writer_of(kit), record) == 0);
}

static struct kit_end *end_of(struct kit_conn *conn, uint16_t node)
{
	assert(conn->end[0].node == node || conn->end[1].node == node);
	return &conn->end[conn->end[0].node != node];
}

static struct kit_end *other_end(struct kit_conn *conn, uint16_t node)
{
	return &conn->end[conn->end[0].node == node];
}

static void describe(struct kit *kit, struct kit_task *task, struct kit_conn *conn)
{
	struct kit_end *end = end_of(conn, task->node), *other = other_end(conn, task->node);
	const uint8_t *remote = end->sees.port ? end->sees.address : kit->address[other->node];
	struct event event = { .kind = EV_SOCKET };
	uint8_t ipv6[32];

	if (end->described)
		return;
	end->described = true;
	event.socket.socket = end->socket;
	event.socket.family = kit->ipv6 ? AF_INET6 : AF_INET;
	event.socket.proto = IPPROTO_TCP;
	event.socket.local_port = end->port;
	event.socket.remote_port = end->sees.port ? end->sees.port : other->port;
	event.socket.netns = kit->netns ? kit->netns : 100U + task->node;
	memcpy(event.socket.local, kit->address[end->node], 4);
	memcpy(event.socket.remote, remote, 4);
	trace__map_ipv4(kit->address[end->node], ipv6);
	trace__map_ipv4(remote, ipv6 + 16);
	kit__emit(kit, task, &event, ipv6, kit->ipv6 ? 32 : 0);
}

static void emit_io(struct kit *kit, struct kit_task *task, struct kit_conn *conn, uint16_t kind,
		    uint32_t seq_end, const char *data, size_t len)
{
	struct event event = { .kind = kind };

	describe(kit, task, conn);
	event.io.socket = end_of(conn, task->node)->socket;
	event.io.seq_end = seq_end;
	event.io.len = len;
	event.io.ret = len;
	event.flags = EVENT_NONBLOCK;
	kit__emit(kit, task, &event, data, len);
}

static struct kit_conn *conn_new(struct kit *kit, uint16_t from, uint16_t to, uint16_t from_port,
				 uint16_t to_port, uint32_t seq)
{
	struct kit_conn *conn = calloc(1, sizeof(*conn));

	conn->end[0] = (struct kit_end){ .node = from, .port = from_port, .out.seq = seq };
	conn->end[1] = (struct kit_end){ .node = to, .port = to_port, .out.seq = seq + 77777 };
	conn->end[0].socket = ++kit->sockets;
	conn->end[1].socket = ++kit->sockets;
	conn->next = kit->conns;
	kit->conns = conn;
	return conn;
}

void kit__handshake(struct kit *kit, struct kit_conn *conn, struct kit_task *from,
		    struct kit_task *to)
{
	emit_io(kit, from, conn, EV_CONNECT, conn->end[0].out.seq, NULL, 0);
	emit_io(kit, to, conn, EV_ACCEPT, conn->end[0].out.seq, NULL, 0);
}

struct kit_conn *kit__connect(struct kit *kit, struct kit_task *from, struct kit_task *to,
			      uint16_t port)
{
	struct kit_conn *conn = kit__old_connection(kit, from, to, port, 1000);

	kit__handshake(kit, conn, from, to);
	return conn;
}

struct kit_conn *kit__old_connection(struct kit *kit, const struct kit_task *from,
				     const struct kit_task *to, uint16_t port, uint32_t seq)
{
	return conn_new(kit, from->node, to->node, kit->next_port++, port, seq);
}

struct kit_conn *kit__reconnect(struct kit *kit, struct kit_conn *conn, struct kit_task *from,
				struct kit_task *to, uint32_t seq)
{
	struct kit_conn *again = conn_new(kit, from->node, to->node, conn->end[0].port,
					  conn->end[1].port, seq);

	kit__handshake(kit, again, from, to);
	return again;
}

void kit__set_seq(struct kit_conn *conn, uint16_t sender, uint32_t seq)
{
	end_of(conn, sender)->out.seq = seq;
}

void kit__translate(struct kit_conn *conn, uint16_t node, const char *address, uint16_t port)
{
	struct kit_end *end = end_of(conn, node);

	assert(inet_pton(AF_INET, address, end->sees.address) == 1);
	end->sees.port = port;
}

static void push(struct lane *lane, const char *text)
{
	size_t len = strlen(text);

	assert(lane->bytes + len <= sizeof(lane->data));
	memcpy(lane->data + lane->bytes, text, len);
	lane->bytes += len;
	lane->seq += len;
}

void kit__send(struct kit *kit, struct kit_task *task, struct kit_conn *conn, const char *text)
{
	struct lane *lane = &end_of(conn, task->node)->out;

	push(lane, text);
	emit_io(kit, task, conn, EV_SEND, lane->seq, text, strlen(text));
}

void kit__send_unseen(struct kit *kit, struct kit_task *task, struct kit_conn *conn,
		      const char *text)
{
	push(&end_of(conn, task->node)->out, text);
}

size_t kit__recv(struct kit *kit, struct kit_task *task, struct kit_conn *conn, size_t max)
{
	struct lane *lane = &other_end(conn, task->node)->out;
	size_t len = max < lane->bytes ? max : lane->bytes;

	emit_io(kit, task, conn, EV_RECV, lane->seq - lane->bytes + len, lane->data, len);
	lane->bytes -= len;
	memmove(lane->data, lane->data + len, lane->bytes);
	return len;
}

void kit__pass(struct kit *kit, struct kit_task *from, struct kit_task *to, struct kit_conn *conn,
	       const char *text)
{
	kit__send(kit, from, conn, text);
	kit__wait(kit, to);
	kit__recv(kit, to, conn, PIPE_BYTES);
}

void kit__wait(struct kit *kit, struct kit_task *task)
{
	struct event event = { .kind = EV_WAIT };

	kit__emit(kit, task, &event, NULL, 0);
}

void kit__phase(struct kit *kit, enum phase phase, int code)
{
	struct event event = { .kind = EV_PHASE };

	event.phase.phase = phase;
	event.phase.code = code;
	kit__emit(kit, NULL, &event, NULL, 0);
}

const char *kit__finish_with(struct kit *kit, const struct ledger *ledger)
{
	assert(trace_writer__close(writer_of(kit), ledger, NULL) == 0);
	kit->writer = NULL;
	return kit->path;
}

const char *kit__finish(struct kit *kit)
{
	struct ledger ledger = { 0 };

	return kit__finish_with(kit, &ledger);
}
