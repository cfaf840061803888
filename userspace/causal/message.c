// SPDX-License-Identifier: GPL-2.0-only
#include "causal/message.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "base/pages.h"
#include "causal/inside.h"

/* A message longer than this is two. */
#define MESSAGE_MAX_BYTES (1U << 30)

/* How many messages of a stream are looked at for one cut packet. */
#define CUT_TRIES 4096

#define TCP_SYN 0x02
#define TCP_ACK 0x10

/* A thread's latest send, to which the next may belong. */
struct open_message {
	uint32_t message;
	uint32_t socket, seq_end, len;
	uint32_t now, activation;
};

static bool continues(const struct open_message *open, const struct record *record, bool datagram)
{
	return !datagram && open->message != NONE && open->socket == record->socket &&
	       open->now == record->now && open->activation == record->activation &&
	       open->seq_end == record->seq_end - record->len &&
	       open->len + record->len <= MESSAGE_MAX_BYTES;
}

static void note_send(struct open_message *open, struct record *record, bool datagram, uint32_t *next)
{
	if (!continues(open, record, datagram))
		*open = (struct open_message){ .message = (*next)++,
					       .socket = record->socket,
					       .now = record->now,
					       .activation = record->activation };
	open->len += record->len;
	open->seq_end = record->seq_end;
	record->message = open->message;
}

/* Give every send its message's number. Returns how many there are. */
static uint32_t number_messages(struct history *history, struct open_message *open)
{
	uint32_t next = 0;

	for (size_t i = 0; i < history->record_cnt; i++) {
		struct record *record = &history->records[i];
		struct open_message *mine = &open[record->thread];
		const struct sock *sock = &history->sockets.v[record->socket];

		if (record->kind == EV_SEND && record__units(record, sock)) {
			note_send(mine, record, sock->datagram, &next);
			continue;
		}
		mine->message = NONE;
		if (record->kind != EV_CONNECT)
			continue;
		record->message = next++;
		if (sock->peer != NONE)
			next++; /* its answer */
	}
	return next;
}

static void fill_ends(struct message *message, const struct sock *sock, uint16_t node)
{
	message->src = node;
	message->dst = sock->peer_node;
	message->server_port = sock->server_port;
	message->to_server = !sock->is_server;
	message->carrier = sock->carrier;
}

static void begin_message(struct graph *graph, size_t index)
{
	const struct record *record = &graph->history.records[index];
	const struct sock *sock = &graph->history.sockets.v[record->socket];
	struct message *message = &graph->messages[record->message];

	*message = (struct message){
		.id = record->message,
		.class = record->kind == EV_CONNECT ? MSG_CONNECT : MSG_DATA,
		.step = record->now,
		.sent_ns = record->ts_ns,
		.seq = record->seq_end - record__units(record, sock),
		.stream = record->socket,
	};
	fill_ends(message, sock, record->node);
	message->payload = history__payload(&graph->history, index, &message->payload_len);
	graph->notes[record->message] =
		(struct message_note){ .sent = index, .received = NONE, .class = NONE };
}

/* The answer to a connection attempt comes from the other end's kernel: nothing that its processes
 * received led to it. */
static void begin_answer(struct graph *graph, const struct record *record)
{
	const struct sock *sock = &graph->history.sockets.v[record->socket];
	struct message *answer = &graph->messages[record->message + 1];

	*answer = graph->messages[record->message];
	answer->id++;
	answer->class = MSG_ACCEPT;
	answer->src = sock->peer_node;
	answer->dst = record->node;
	answer->to_server = false;
	answer->stream = sock->peer;
	answer->seq = 0;
	graph->notes[answer->id] =
		(struct message_note){ .sent = NONE, .received = NONE, .class = NONE };
}

static void fill_messages(struct graph *graph)
{
	const struct history *history = &graph->history;
	uint32_t begun = 0;

	for (size_t i = 0; i < history->record_cnt; i++) {
		const struct record *record = &history->records[i];

		if (record->message == NONE)
			continue;
		if (record->message == begun) {
			begin_message(graph, i);
			begun++;
			if (record->kind == EV_CONNECT &&
			    history->sockets.v[record->socket].peer != NONE) {
				begin_answer(graph, record);
				begun++;
			}
		}
		graph->messages[record->message].len += record->len;
	}
}

static void *new_array(size_t cnt, size_t size)
{
	return pages__huge(calloc(cnt + 1, size), cnt * size);
}

int messages__build(struct graph *graph)
{
	struct history *history = &graph->history;
	struct open_message *open = malloc((history->thread_cnt + 1) * sizeof(*open));

	if (!open)
		return -1;
	for (size_t i = 0; i < history->thread_cnt; i++)
		open[i].message = NONE;
	graph->message_cnt = number_messages(history, open);
	free(open);
	graph->messages = new_array(graph->message_cnt, sizeof(*graph->messages));
	graph->notes = new_array(graph->message_cnt, sizeof(*graph->notes));
	if (!graph->messages || !graph->notes)
		return -1;
	fill_messages(graph);
	return 0;
}

static bool was_established(const struct graph *graph, const struct record *connect)
{
	const struct sock *sock = &graph->history.sockets.v[connect->socket];

	return connect->ret == 0 || sock->peer != NONE || sock->sent.seen || sock->received.seen;
}

static void deliver_connect(struct graph *graph, const struct record *connect)
{
	const struct history *history = &graph->history;
	const struct sock *sock = &history->sockets.v[connect->socket];
	uint32_t accept = sock->peer != NONE ? history->sockets.v[sock->peer].first_record : NONE;
	struct message *message = &graph->messages[connect->message];

	message->delivered = was_established(graph, connect);
	if (accept == NONE)
		return;
	message->received_ns = history->records[accept].ts_ns;
	if (message->received_ns < message->sent_ns)
		message->received_ns = message->sent_ns; /* accept returned before connect */
	graph->notes[message->id].received = accept;
}

static void deliver_answer(struct graph *graph, uint32_t id, size_t by)
{
	graph->messages[id].delivered = true;
	graph->messages[id].received_ns = graph->history.records[by].ts_ns;
	graph->notes[id].received = by;
}

/* The answer arrived when connect() said so, or with the first use after a connect in progress. */
static void deliver_connections(struct graph *graph, uint32_t *waiting)
{
	const struct history *history = &graph->history;

	for (size_t i = 0; i < history->record_cnt; i++) {
		const struct record *record = &history->records[i];

		if (record->kind != EV_CONNECT) {
			if (waiting[record->socket] != NONE)
				deliver_answer(graph, waiting[record->socket], i);
			waiting[record->socket] = NONE;
			continue;
		}
		deliver_connect(graph, record);
		if (history->sockets.v[record->socket].peer == NONE)
			continue;
		if (record->ret == 0)
			deliver_answer(graph, record->message + 1, i);
		else
			waiting[record->socket] = record->message + 1;
	}
}

static uint32_t units_of(const struct graph *graph, const struct message *message)
{
	return graph->history.sockets.v[message->stream].datagram ? 1 : message->len;
}

/* A receive may have been recorded before the send that it took from. */
static void deliver_data(struct graph *graph, uint32_t id)
{
	struct message *message = &graph->messages[id];
	const struct message_note *note = &graph->notes[id];

	message->delivered = note->taken >= units_of(graph, message);
	if (note->received == NONE)
		return;
	message->received_ns = graph->history.records[note->received].ts_ns;
	if (message->received_ns < message->sent_ns)
		message->received_ns = message->sent_ns;
}

int messages__deliver(struct graph *graph)
{
	size_t cnt = graph->history.sockets.cnt;
	uint32_t *waiting = malloc((cnt + 1) * sizeof(*waiting));

	if (!waiting)
		return -1;
	for (size_t i = 0; i < cnt; i++)
		waiting[i] = NONE;
	deliver_connections(graph, waiting);
	free(waiting);
	for (size_t i = 0; i < graph->message_cnt; i++)
		if (graph->messages[i].class == MSG_DATA)
			deliver_data(graph, i);
	return 0;
}

/* Whom a packet is known as: on the host clients, docker-proxies and what is outside share addresses. */
static uint16_t wire_node(const struct graph *graph, uint16_t id)
{
	const struct trace_node *node = graph__node(graph, id);

	return node && (node->proxy || (node->client && !node->contained)) ? NODE_OUTSIDE : id;
}

static uint64_t flow_key(const struct graph *graph, uint16_t src, uint16_t dst, uint16_t sport,
			 uint16_t dport)
{
	return (uint64_t)wire_node(graph, src) << 48 | (uint64_t)wire_node(graph, dst) << 32 |
	       (uint64_t)sport << 16 | dport;
}

/* By the ports that its server sees: where they are translated, packets are cut on the server's side. */
static uint64_t flow_of(const struct graph *graph, const struct message *message)
{
	const struct sock *socks = graph->history.sockets.v, *sock = &socks[message->stream];
	const struct sock *peer = sock->peer != NONE ? &socks[sock->peer] : NULL;

	if (peer && peer->is_server && sock->carrier == CARRIER_TCP)
		return flow_key(graph, message->src, message->dst, peer->remote_port,
				peer->local_port);
	return flow_key(graph, message->src, message->dst, sock->local_port, sock->remote_port);
}

static bool packet_holds(const struct cut_record *cut, const struct message *message)
{
	if (message->sent_ns > cut->ts_ns + 1000000) /* a send is recorded as it returns */
		return false;
	if (cut->tcp_flags & TCP_SYN)
		return message->class == (cut->tcp_flags & TCP_ACK ? MSG_ACCEPT : MSG_CONNECT);
	return message->class == MSG_DATA && message->carrier == CARRIER_TCP &&
	       (int32_t)(cut->seq - (message->seq + message->len)) < 0 &&
	       (int32_t)(message->seq - (cut->seq + cut->len)) < 0;
}

static void mark_packet(struct graph *graph, const struct cut_record *cut, uint32_t last,
			const uint32_t *previous)
{
	for (int i = 0; i < CUT_TRIES && last != NONE; i++, last = previous[last]) {
		struct message *message = &graph->messages[last];

		if (!packet_holds(cut, message))
			continue;
		message->cut = true;
		if (cut->tcp_flags & TCP_SYN)
			return;
	}
}

/* A datagram is recorded as its send returns, and cut before that: the next one of its length. */
static void mark_datagram(struct graph *graph, const struct cut_record *cut, uint32_t last,
			  const uint32_t *previous)
{
	struct message *found = NULL;

	for (int i = 0; i < CUT_TRIES && last != NONE; i++, last = previous[last]) {
		struct message *message = &graph->messages[last];

		if (message->sent_ns < cut->ts_ns)
			break;
		if (message->carrier == CARRIER_UDP && message->len == cut->len && !message->cut)
			found = message;
	}
	if (found)
		found->cut = true;
}

static int link_flows(const struct graph *graph, struct intern *latest, uint32_t *previous)
{
	for (size_t i = 0; i < graph->message_cnt; i++) {
		uint32_t *slot = intern__slot(latest, flow_of(graph, &graph->messages[i]));

		if (!slot)
			return -1;
		previous[i] = *slot;
		*slot = i;
	}
	return 0;
}

int messages__mark_cut(struct graph *graph)
{
	const struct history *history = &graph->history;
	struct intern latest = { 0 };
	uint32_t *previous;
	int ret;

	if (!history->cut_cnt)
		return 0;
	previous = malloc((graph->message_cnt + 1) * sizeof(*previous));
	if (!previous)
		return -1;
	ret = link_flows(graph, &latest, previous);
	for (size_t i = 0; i < history->cut_cnt && ret == 0; i++) {
		const struct cut_record *cut = &history->cuts[i];
		uint64_t key = flow_key(graph, cut->node, cut->peer, cut->sport, cut->dport);

		if (cut->action != CUT_DROP && cut->action != CUT_LAPSE)
			continue;
		if (cut->proto == IPPROTO_UDP)
			mark_datagram(graph, cut, intern__get(&latest, key), previous);
		else
			mark_packet(graph, cut, intern__get(&latest, key), previous);
	}
	intern__free(&latest);
	free(previous);
	return ret;
}
