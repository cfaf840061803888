// SPDX-License-Identifier: GPL-2.0-only
#include "causal/cause.h"

#include <stdlib.h>

/* How far back we look, in messages, and how many different ones we name. */
#define ACTIVATION_MAX 32
#define LOOK_BACK 64
#define EARLIER_MAX 8
#define HANDOFF_WAKES 3 /* of a thread, the latest */
#define HANDOFF_RELAYS 3
#define HANDOFF_MESSAGES 8
#define CLIENT_LOOK_BACK 512
#define CLIENT_STREAMS 32

/* Of what a client received, each answer and each connection before the last counts less. */
#define CLIENT_EARLIER 0.9f
#define CLIENT_LEAST 0.1f

static int init_handshakes(struct cause_finder *finder)
{
	const struct graph *graph = finder->graph;
	size_t sockets = graph->history.sockets.cnt;

	finder->handshake = malloc((sockets + 1) * sizeof(*finder->handshake));
	if (!finder->handshake)
		return -1;
	for (size_t i = 0; i < sockets; i++)
		finder->handshake[i] = NONE;
	for (size_t i = 0; i < graph->message_cnt; i++) {
		const struct message *message = &graph->messages[i];
		uint32_t peer = graph->history.sockets.v[message->stream].peer;

		if (message->class != MSG_DATA && peer != NONE)
			finder->handshake[peer] = i;
	}
	return 0;
}

static int init_previous(struct cause_finder *finder)
{
	const struct graph *graph = finder->graph;
	size_t sockets = graph->history.sockets.cnt;
	uint32_t *last = malloc((sockets + 1) * sizeof(*last));

	finder->previous = malloc((graph->message_cnt + 1) * sizeof(*finder->previous));
	if (!last || !finder->previous) {
		free(last);
		return -1;
	}
	for (size_t i = 0; i < sockets; i++)
		last[i] = NONE;
	for (size_t i = 0; i < graph->message_cnt; i++) {
		finder->previous[i] = last[graph->messages[i].stream];
		last[graph->messages[i].stream] = i;
	}
	free(last);
	return 0;
}

static int init_turns(struct cause_finder *finder)
{
	const struct history *history = &finder->graph->history;
	uint32_t *sends = calloc(history->sockets.cnt + 1, sizeof(*sends));

	finder->turn = malloc((history->record_cnt + 1) * sizeof(*finder->turn));
	if (!sends || !finder->turn) {
		free(sends);
		return -1;
	}
	for (size_t i = 0; i < history->record_cnt; i++) {
		sends[history->records[i].socket] += history->records[i].kind == EV_SEND;
		finder->turn[i] = sends[history->records[i].socket];
	}
	free(sends);
	return 0;
}

static int init_factors(struct cause_finder *finder)
{
	const struct graph *graph = finder->graph;

	finder->factor = malloc((graph->class_cnt + 1) * sizeof(*finder->factor));
	for (size_t i = 0; finder->factor && i < graph->class_cnt; i++)
		finder->factor[i] = evidence__factor(finder->evidence, graph, i);
	return finder->factor ? 0 : -1;
}

int cause_finder__init(struct cause_finder *finder, const struct graph *graph,
		       const struct evidence *evidence)
{
	*finder = (struct cause_finder){ .graph = graph, .evidence = evidence };
	for (size_t i = 0; i < graph->node_cnt; i++)
		if (graph->nodes[i].client)
			finder->clients |= 1ULL << graph->nodes[i].id;
	if (init_factors(finder) < 0 || init_handshakes(finder) < 0 || init_previous(finder) < 0 || init_turns(finder) < 0)
		return -1;
	return inboxes__build(&finder->inboxes, graph);
}

void cause_finder__free(struct cause_finder *finder)
{
	inboxes__free(&finder->inboxes);
	free(finder->factor);
	free(finder->handshake);
	free(finder->previous);
	free(finder->turn);
}

int phase_of_step(const struct graph *graph, uint32_t now)
{
	if (!graph->has_steps)
		return 1;
	return now == NOW_IDLE ? 0 : now < NOW_CHECK ? 1 : 2;
}

static void add(struct causes *causes, uint32_t message, float confidence)
{
	if (causes->cnt < CAUSES_MAX && confidence > CONFIDENCE_FLOOR)
		causes->v[causes->cnt++] = (struct cause){ message, confidence };
}

static float factor(const struct cause_finder *finder, uint32_t message)
{
	return finder->factor[finder->graph->notes[message].class];
}

/* Between processes or threads of one node. */
static bool is_internal(const struct graph *graph, uint32_t message)
{
	return graph->messages[message].src == graph->messages[message].dst;
}

/* @answer goes the other way on @message's connection. */
static bool is_reverse(const struct graph *graph, uint32_t message, uint32_t answer)
{
	uint32_t peer;

	if (message == NONE)
		return false;
	peer = graph->history.sockets.v[graph->messages[message].stream].peer;
	return peer != NONE && graph->messages[answer].stream == peer &&
	       graph->messages[answer].class == MSG_DATA;
}

/* Did @node send the token before anybody told it? Then it has it from elsewhere. */
static bool is_origin(const struct graph *graph, const struct token *token, uint16_t node)
{
	uint32_t sent = NONE, received = NONE;

	for (uint32_t i = token->begin; i < token->begin + token->cnt; i++) {
		uint32_t id = graph->tokens.carriers[i];

		if (graph->messages[id].src == node && graph->notes[id].sent < sent)
			sent = graph->notes[id].sent;
		if (graph->messages[id].dst == node && graph->notes[id].received < received)
			received = graph->notes[id].received;
	}
	return sent < received;
}

/* Returns the confidence of the best token, 0 where none tells. */
static float by_tokens(const struct cause_finder *finder, uint32_t id, struct causes *ret)
{
	const struct graph *graph = finder->graph;
	const struct tokens *tokens = &graph->tokens;
	const struct message *message = &graph->messages[id];
	float best = 0;

	if (!tokens->at)
		return 0;
	for (uint32_t i = tokens->at[id]; i < tokens->at[id + 1]; i++) {
		const struct token *token = &tokens->v[tokens->of_message[i]];

		if (!token->weight || is_origin(graph, token, message->src))
			continue;
		for (uint32_t k = token->begin; k < token->begin + token->cnt; k++) {
			uint32_t from = tokens->carriers[k];

			if (graph->messages[from].dst != message->src ||
			    graph->notes[from].received >= graph->notes[id].sent)
				continue;
			/* of what comes by itself a number is a counter: it never brings the same one */
			if (token->number && factor(finder, from) < 1)
				continue;
			add(ret, from, CONFIDENCE_CERTAIN * token->weight);
			if (token->weight > best)
				best = token->weight;
		}
	}
	return best;
}

/* When and by whom something was done that earlier input may have led to. */
struct deed {
	uint32_t message; /* that was sent; NONE: a line that was logged */
	uint32_t record;  /* what was received before it counts */
	uint32_t thread, activation;
	uint64_t ts_ns;
	uint16_t node;
};

static struct deed deed_of(const struct graph *graph, uint32_t message)
{
	const uint32_t record = graph->notes[message].sent;
	const struct record *sent = &graph->history.records[record];

	return (struct deed){ .message = message,
			      .record = record,
			      .thread = sent->thread,
			      .activation = sent->activation,
			      .ts_ns = sent->ts_ns,
			      .node = graph->messages[message].src };
}

/*
 * What this thread received since it last waited. The latest counts in full, those before it less;
 * on the message's own connection it is the request that is being answered.
 */
static size_t by_activation(const struct cause_finder *finder, const struct deed *deed,
			    bool explained, struct causes *ret)
{
	const struct graph *graph = finder->graph;
	const struct inbox *inbox = &finder->inboxes.thread;
	const uint32_t *list = inbox->message + inbox->at[deed->thread];
	size_t before = inbox__before(inbox, graph, deed->thread, deed->record);
	size_t rank = 0;

	for (size_t i = 0; before && i < ACTIVATION_MAX; i++, before--) {
		uint32_t from = list[before - 1];
		const struct record *received =
			&graph->history.records[graph->notes[from].received];
		float confidence = CONFIDENCE_ACTIVATION;

		if (received->activation != deed->activation)
			break;
		if (!is_reverse(graph, deed->message, from))
			confidence *= (explained ? FACTOR_EXPLAINED : 1) / (1 + rank);
		add(ret, from, confidence * factor(finder, from));
		rank += !is_internal(graph, from); /* a wake-up that came in between takes no rank */
	}
	return before;
}

/* What its thread had received by the time of @edge, since it last waited. False: nothing. */
static bool by_edge(const struct cause_finder *finder, const struct handoff_edge *edge,
		    float confidence, struct causes *ret)
{
	const struct graph *graph = finder->graph;
	const struct inbox *inbox = &finder->inboxes.thread;
	const uint32_t *list = inbox->message + inbox->at[edge->from];
	size_t before = inbox__before_ns(inbox, graph, edge->from, edge->ts_ns), rank = 0;
	bool any = false;

	for (size_t i = 0; before && i < HANDOFF_MESSAGES; i++, before--) {
		uint32_t from = list[before - 1];
		const struct record *received =
			&graph->history.records[graph->notes[from].received];

		if (received->activation != edge->activation)
			break;
		add(ret, from, confidence / (1 + rank) * factor(finder, from));
		rank += !is_internal(graph, from);
		any = true;
	}
	return any;
}

/*
 * What threads received that made @thread go on, the latest of them most. One that had received
 * nothing since it waited just handed on what another gave it.
 */
static void by_handoff(const struct cause_finder *finder, uint32_t thread, uint64_t ts_ns,
		       float confidence, unsigned relays, struct causes *ret)
{
	const struct handoff_edge *edges[HANDOFF_WAKES];
	size_t cnt = handoffs__before(&finder->graph->history.handoffs, thread, ts_ns,
				      HANDOFF_WAKES, edges);

	for (size_t i = 0; i < cnt; i++) {
		const struct handoff_edge *edge = edges[i];
		bool is_weak = edge->kind == HANDOFF_SIGNAL || edge->kind == HANDOFF_OTHER;
		float part = confidence / (1 + i) *
			     (is_weak ? CONFIDENCE_SIGNAL / CONFIDENCE_HANDOFF : 1);

		if (!by_edge(finder, edge, part, ret) && relays)
			by_handoff(finder, edge->from, edge->ts_ns, part * FACTOR_RELAY, relays - 1,
				   ret);
	}
}

/* The last of @list[0..before) that came on this connection since it was last written to. */
static void by_turn(const struct cause_finder *finder, uint32_t id, const uint32_t *list,
		    size_t before, struct causes *ret)
{
	const struct graph *graph = finder->graph;
	uint32_t previous = finder->previous[id];
	uint32_t since = previous != NONE ? graph->notes[previous].sent : 0;

	for (size_t i = 0; i < LOOK_BACK && i < before; i++) {
		uint32_t from = list[before - 1 - i];

		if (since != NONE && graph->notes[from].received < since)
			return;
		if (!is_reverse(graph, id, from))
			continue;
		add(ret, from, CONFIDENCE_ANSWER * factor(finder, from));
		return;
	}
}

static bool class_is_new(const struct graph *graph, uint32_t message, uint32_t *seen, size_t *cnt)
{
	uint32_t class = graph->notes[message].class;

	for (size_t i = 0; i < *cnt; i++)
		if (seen[i] == class)
			return false;
	seen[(*cnt)++] = class;
	return true;
}

/* The latest of each class among @list[0..before): less and less, the further back. */
static void by_order(const struct cause_finder *finder, const uint32_t *list, size_t before,
		     float confidence, struct causes *ret)
{
	uint32_t seen[EARLIER_MAX];
	size_t cnt = 0;

	for (size_t i = 0; i < LOOK_BACK && i < before && cnt < EARLIER_MAX; i++) {
		uint32_t from = list[before - 1 - i];

		if (class_is_new(finder->graph, from, seen, &cnt))
			add(ret, from, confidence / cnt * factor(finder, from));
	}
}

static void by_server(const struct cause_finder *finder, const struct deed *deed, bool explained,
		      struct causes *ret)
{
	const struct graph *graph = finder->graph;
	const struct inboxes *inboxes = &finder->inboxes;
	const uint32_t thread = deed->thread;
	const uint32_t process = graph->history.threads[thread].process;
	const uint32_t *list = inboxes->process.message + inboxes->process.at[process];
	size_t before;

	before = by_activation(finder, deed, explained, ret);
	by_handoff(finder, thread, deed->ts_ns,
		   CONFIDENCE_HANDOFF * (explained ? FACTOR_EXPLAINED : 1), HANDOFF_RELAYS, ret);
	by_order(finder, inboxes->thread.message + inboxes->thread.at[thread], before,
		 CONFIDENCE_THREAD, ret);
	before = inbox__before(&inboxes->process, graph, process, deed->record);
	if (deed->message != NONE)
		by_turn(finder, deed->message, list, before, ret);
	by_order(finder, list, before, CONFIDENCE_PROCESS, ret);
	before = inbox__before(&inboxes->node, graph, deed->node, deed->record);
	by_order(finder, inboxes->node.message + inboxes->node.at[deed->node], before,
		 CONFIDENCE_NODE, ret);
}

/* The first record that is not earlier. */
static uint32_t record_at(const struct graph *graph, uint64_t ts_ns)
{
	size_t low = 0, high = graph->history.record_cnt;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (graph->history.records[middle].ts_ns < ts_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t causes__of_line(const struct cause_finder *finder, const struct happening *line,
			 struct causes *ret)
{
	const struct deed deed = { .message = NONE,
				   .record = record_at(finder->graph, line->ts_ns),
				   .thread = line->thread,
				   .activation = line->activation,
				   .ts_ns = line->ts_ns,
				   .node = line->node };

	ret->cnt = 0;
	by_server(finder, &deed, false, ret);
	return deed.record;
}

/*
 * What a client receives on one of its connections comes in answers of one or more messages each;
 * between two answers the client sent there (with HTTP/2 perhaps no more than a window update).
 */
struct answer {
	uint32_t stream;
	uint32_t since; /* record that received the earliest of its messages, so far */
	float confidence;
};

struct answers {
	struct answer v[CLIENT_STREAMS];
	size_t cnt;
};

static float less(float confidence)
{
	return confidence > CLIENT_LEAST ? confidence * CLIENT_EARLIER : confidence;
}

/* The answer that @message is part of; on a new connection it gets @confidence. NULL: too many. */
static struct answer *answer_of(const struct cause_finder *finder, struct answers *answers,
				uint32_t message, float confidence)
{
	uint32_t stream = finder->graph->messages[message].stream;
	uint32_t received = finder->graph->notes[message].received;
	struct answer *answer;

	for (size_t i = 0; i < answers->cnt; i++) {
		answer = &answers->v[i];
		if (answer->stream != stream)
			continue;
		if (finder->turn[received] != finder->turn[answer->since])
			answer->confidence = less(answer->confidence);
		answer->since = received;
		return answer;
	}
	if (answers->cnt == CLIENT_STREAMS)
		return NULL;
	answer = &answers->v[answers->cnt++];
	*answer = (struct answer){ .stream = stream, .since = received, .confidence = confidence };
	return answer;
}

void causes__of_client(const struct cause_finder *finder, uint16_t node, uint32_t record,
		       uint32_t now, struct causes *ret)
{
	const struct graph *graph = finder->graph;
	const struct inbox *inbox = &finder->inboxes.node;
	const uint32_t *list = inbox->message + inbox->at[node];
	size_t before = inbox__before(inbox, graph, node, record);
	struct answers answers = { .cnt = 0 };
	int phase = phase_of_step(graph, now);
	float confidence = CONFIDENCE_CLIENT;

	for (size_t i = 0; i < CLIENT_LOOK_BACK && i < before; i++) {
		uint32_t from = list[before - 1 - i];
		uint32_t then = graph->history.records[graph->notes[from].received].now;
		size_t known = answers.cnt;
		const struct answer *answer;

		if (phase_of_step(graph, then) < phase)
			return;
		if (phase_of_step(graph, then) > phase || is_internal(graph, from))
			continue;
		answer = answer_of(finder, &answers, from, confidence);
		if (answer)
			add(ret, from, answer->confidence * factor(finder, from));
		if (answers.cnt > known)
			confidence = less(confidence);
	}
}

void causes__of(const struct cause_finder *finder, uint32_t id, struct causes *ret)
{
	const struct graph *graph = finder->graph;
	const struct message *message = &graph->messages[id];
	struct deed deed;
	uint32_t handshake = finder->handshake[message->stream];
	float told;

	ret->cnt = 0;
	if (message->class == MSG_ACCEPT) {
		add(ret, id - 1, CONFIDENCE_CERTAIN);
		return;
	}
	if (message->class == MSG_DATA && handshake != NONE)
		add(ret, handshake, CONFIDENCE_CERTAIN);
	told = by_tokens(finder, id, ret);
	deed = deed_of(graph, id);
	if (finder->clients >> message->src & 1)
		causes__of_client(finder, message->src, graph->notes[id].sent, message->step, ret);
	else
		by_server(finder, &deed, told >= 0.4f, ret);
}
