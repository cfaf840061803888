// SPDX-License-Identifier: GPL-2.0-only
#include "causal/stream.h"

#include <stdlib.h>

#include "base/grow.h"
#include "base/pages.h"
#include "causal/inside.h"
#include "causal/range.h"

/* Bytes sent before we looked have been taken by then, unless we saw where the first of ours is. */
#define EARLY_NS 1000000000ULL

/* What each socket sent and what it received: of place p that is moved[at[p] .. at[p + 1]). */
struct by_socket {
	uint32_t *at;
	struct moved *moved;
};

static size_t place_of(uint32_t socket, uint8_t kind)
{
	return 2 * (size_t)socket + (kind == EV_RECV);
}

static uint32_t listed_units(const struct history *history, const struct record *record)
{
	if (record->kind != EV_SEND && record->kind != EV_RECV)
		return 0;
	return record__units(record, &history->sockets.v[record->socket]);
}

static int by_socket__build(struct by_socket *list, const struct history *history)
{
	const struct record *records = history->records;
	size_t places = 2 * history->sockets.cnt, bytes;
	uint32_t units;

	list->at = calloc(places + 2, sizeof(*list->at));
	if (!list->at)
		return -1;
	for (size_t i = 0; i < history->record_cnt; i++)
		if (listed_units(history, &records[i]))
			list->at[place_of(records[i].socket, records[i].kind) + 2]++;
	for (size_t i = 2; i < places + 2; i++)
		list->at[i] += list->at[i - 1];
	bytes = (list->at[places + 1] + 1) * sizeof(*list->moved);
	list->moved = pages__huge(malloc(bytes), bytes);
	if (!list->moved)
		return -1;
	/* at[p + 1] is where the place's next record goes; in the end, where the next place begins */
	for (size_t i = 0; i < history->record_cnt; i++) {
		units = listed_units(history, &records[i]);
		if (units)
			list->moved[list->at[place_of(records[i].socket, records[i].kind) + 1]++] =
				(struct moved){ i, records[i].message, records[i].seq_end, units };
	}
	return 0;
}

static void by_socket__free(struct by_socket *list)
{
	free(list->at);
	free(list->moved);
}

/* A stream under examination. */
struct stream {
	struct graph *graph;
	const struct sock *sender, *receiver; /* either may be NULL */
	struct ranges *sends, *receives;
	bool born;   /* within the trace: nothing was sent on it before */
	bool traced; /* both ends are on traced nodes */
	bool lossy;  /* datagrams: what was sent need not arrive */
	uint64_t counted, matched, early, repaired;
	struct range beyond; /* where they lie */
	bool stray; /* bytes came that nobody sent, beyond the ends of what was sent */
};

static void take(struct graph *graph, const struct range *sent, const struct range *received)
{
	struct message_note *note = &graph->notes[sent->message];
	uint64_t begin = sent->begin > received->begin ? sent->begin : received->begin;
	uint64_t end = sent->end < received->end ? sent->end : received->end;

	note->taken += end - begin;
	if (note->received == NONE || received->record < note->received)
		note->received = received->record;
}

static bool is_early(const struct stream *stream, const struct range *received)
{
	const struct history *history = &stream->graph->history;

	if (stream->born)
		return false;
	if (history->records[received->record].ts_ns > history->first_ns + EARLY_NS)
		return false;
	return !stream->sends->cnt || received->begin < stream->sends->v[0].begin;
}

/* @covered: every byte of it has a sender. */
static void count(struct stream *stream, const struct range *received, bool covered)
{
	const struct ranges *sends = stream->sends;

	if (!covered && is_early(stream, received)) {
		stream->early++;
		return;
	}
	stream->counted++;
	stream->matched += covered;
	if (!covered && (!sends->cnt || received->begin < sends->v[0].begin ||
			 received->end > sends->v[sends->cnt - 1].end)) {
		if (!stream->stray)
			stream->beyond = *received;
		stream->beyond.end = received->end;
		stream->stray = true;
	}
}

/* Both lists are in order; sends that end before a receive begins are done with. */
static void match(struct stream *stream)
{
	const struct ranges *sends = stream->sends;
	size_t first = 0;

	for (size_t i = 0; i < stream->receives->cnt; i++) {
		const struct range *received = &stream->receives->v[i];
		uint64_t covered_to = received->begin;

		while (first < sends->cnt && sends->v[first].end <= received->begin)
			first++;
		for (size_t k = first; k < sends->cnt && sends->v[k].begin < received->end; k++) {
			take(stream->graph, &sends->v[k], received);
			if (sends->v[k].begin <= covered_to && sends->v[k].end > covered_to)
				covered_to = sends->v[k].end;
		}
		count(stream, received, covered_to >= received->end);
	}
}

static bool made_within(const struct sock *sock)
{
	return sock && (sock->connected || sock->accepted);
}

static bool is_contained(const struct graph *graph, uint16_t node)
{
	const struct trace_node *found = graph__node(graph, node);

	return found && found->contained;
}

/* An end that never showed up counts as traced if nobody else can talk from its address. */
static bool both_traced(const struct stream *stream)
{
	if (stream->sender && stream->receiver)
		return stream->sender->node && stream->receiver->node;
	if (stream->receiver)
		return stream->receiver->node && stream->receiver->described &&
		       (stream->receiver->strays_traced ||
			is_contained(stream->graph, stream->receiver->peer_node));
	return false;
}

static int note_hole(const struct stream *stream, const struct range *gap, int side)
{
	const struct sock *sender = stream->sender, *receiver = stream->receiver;
	const struct sock *sock = sender ? sender : receiver;
	struct graph *graph = stream->graph;

	if (graph->hole_cnt == MAX_HOLES)
		return 0;
	if (grow(&graph->holes, &graph->hole_cap, graph->hole_cnt + 1) < 0)
		return -1;
	graph->holes[graph->hole_cnt++] = (struct hole){
		.src = sender ? sender->node : receiver->peer_node,
		.dst = receiver ? receiver->node : sender->peer_node,
		.server_port = sock->server_port,
		.carrier = sock->carrier,
		.datagrams = sock->datagram,
		.sport = sender ? sender->local_port : receiver->remote_port,
		.dport = receiver ? receiver->local_port : sender->remote_port,
		.seq = gap->begin,
		.len = gap->end - gap->begin,
		.side = side,
	};
	return 0;
}

static int note_gaps(const struct stream *stream, const struct ranges *ranges, int side)
{
	struct range gap;
	size_t at = 0;

	while (ranges__gap(ranges, &at, &gap))
		if (note_hole(stream, &gap, side) < 0)
			return -1;
	return 0;
}

/*
 * What was sent within the trace was taken within it: where the first that was taken lies behind the
 * first that was sent, somebody took the bytes between unseen.
 */
static bool begins_late(const struct stream *stream, struct range *ret)
{
	const struct ranges *sends = stream->sends, *receives = stream->receives;

	if (stream->lossy || !sends->cnt || !receives->cnt ||
	    receives->v[0].begin <= sends->v[0].begin)
		return false;
	*ret = (struct range){ .begin = sends->v[0].begin, .end = receives->v[0].begin };
	return true;
}

/* For people: which bytes are missing where. */
static int note_holes(const struct stream *stream)
{
	const struct ranges *receives = stream->receives;
	struct range late;

	if (!stream->traced)
		return 0;
	if (begins_late(stream, &late) && note_hole(stream, &late, HOLE_RECEIVED) < 0)
		return -1;
	if (note_gaps(stream, stream->sends, HOLE_SENT) < 0 ||
	    (!stream->lossy && note_gaps(stream, receives, HOLE_RECEIVED) < 0))
		return -1;
	return stream->stray ? note_hole(stream, &stream->beyond, HOLE_STRAY) : 0;
}

static bool several_threads(const struct ranges *ranges, const struct history *history)
{
	for (size_t i = 1; i < ranges->cnt; i++)
		if (history->records[ranges->v[i].record].thread !=
		    history->records[ranges->v[0].record].thread)
			return true;
	return false;
}

/* Of these the kernel tells no positions; they are counted as calls end (bpf/local.h). */
static bool is_shared(const struct stream *stream)
{
	const struct history *history = &stream->graph->history;
	const struct sock *sock = stream->sender ? stream->sender : stream->receiver;

	return sock->carrier >= CARRIER_UNIX && !stream->lossy &&
	       (several_threads(stream->sends, history) ||
		several_threads(stream->receives, history));
}

static void add_up(const struct stream *stream, uint32_t sender, struct stream_counts *ret)
{
	struct range late;
	uint64_t holes = ranges__gaps(stream->sends) + stream->stray + begins_late(stream, &late);

	if (!stream->traced)
		return;
	if (!stream->lossy)
		holes += ranges__gaps(stream->receives);
	ret->streams++;
	ret->receives += stream->counted;
	ret->matched += stream->matched;
	ret->early += stream->early;
	ret->holes += holes;
	ret->repaired += stream->repaired;
	ret->shared += is_shared(stream);
	if (holes && sender != NONE)
		stream->graph->holed[sender] = true;
	else if (holes)
		stream->graph->holed_unseen = true;
}

/* What TCP does to positions; see range.h. */
static void put_right(struct stream *stream)
{
	const struct history *history = &stream->graph->history;

	ranges__allow_for_fin(stream->receives, stream->sends);
	ranges__allow_for_urgent(stream->receives, stream->sends, history);
	stream->repaired = ranges__repair(stream->sends, history) +
			   ranges__repair(stream->receives, history);
}

struct matcher {
	struct graph *graph;
	struct by_socket list;
	struct ranges sends, receives;
	struct stream_counts *counts;
};

static int collect_of(struct ranges *ranges, const struct matcher *matcher, uint32_t socket,
		      uint8_t kind, uint64_t *near)
{
	const uint32_t *at;

	if (socket == NONE) {
		ranges->cnt = 0;
		return 0;
	}
	at = matcher->list.at + place_of(socket, kind);
	return ranges__collect(ranges, matcher->list.moved + at[0], at[1] - at[0], near);
}

static int match_stream(struct matcher *matcher, uint32_t sender, uint32_t receiver)
{
	struct sock *socks = matcher->graph->history.sockets.v;
	struct stream stream = { .graph = matcher->graph,
				 .sender = sender != NONE ? &socks[sender] : NULL,
				 .receiver = receiver != NONE ? &socks[receiver] : NULL,
				 .sends = &matcher->sends,
				 .receives = &matcher->receives };
	uint64_t near = 0;

	if (collect_of(&matcher->sends, matcher, sender, EV_SEND, &near) < 0)
		return -1;
	if (matcher->sends.cnt)
		near = matcher->sends.v[0].begin;
	if (collect_of(&matcher->receives, matcher, receiver, EV_RECV, &near) < 0)
		return -1;
	if (!matcher->sends.cnt && !matcher->receives.cnt)
		return 0;
	stream.lossy = (stream.sender ? stream.sender : stream.receiver)->datagram;
	if ((stream.sender ? stream.sender : stream.receiver)->carrier == CARRIER_TCP)
		put_right(&stream);
	/* what is accepted may have been connected, and written to, before */
	stream.born = made_within(stream.sender) || (stream.receiver && stream.receiver->connected);
	stream.traced = both_traced(&stream);
	match(&stream);
	add_up(&stream, sender, matcher->counts);
	return note_holes(&stream);
}

static int match_all(struct matcher *matcher)
{
	const struct sockets *sockets = &matcher->graph->history.sockets;

	for (size_t i = 0; i < sockets->cnt; i++) {
		if (sockets->v[i].same_as != NONE)
			continue;
		/* what it sends; and what it receives, where that has no sender's socket */
		if (match_stream(matcher, i, sockets->v[i].peer) < 0)
			return -1;
		if (sockets->v[i].peer == NONE && match_stream(matcher, NONE, i) < 0)
			return -1;
	}
	return 0;
}

int streams__match(struct graph *graph, struct stream_counts *ret)
{
	struct matcher matcher = { .graph = graph, .counts = ret };
	int err = -1;

	graph->holed = calloc(graph->history.sockets.cnt + 1, sizeof(*graph->holed));
	if (graph->holed && by_socket__build(&matcher.list, &graph->history) == 0)
		err = match_all(&matcher);
	by_socket__free(&matcher.list);
	free(matcher.sends.v);
	free(matcher.receives.v);
	return err;
}
