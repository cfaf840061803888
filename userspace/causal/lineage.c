// SPDX-License-Identifier: GPL-2.0-only
#include "causal/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "causal/cause.h"

/* A message waiting to be explained. */
struct waiting {
	float confidence;
	uint32_t message;
};

struct search {
	const struct graph *graph;
	struct cause_finder finder;
	float *best;	  /* for each message; 0: not in the closure (yet) */
	struct waiting *heap;
	size_t heap_cnt, heap_cap;
	uint32_t bound[MAX_NODES]; /* records before this one may have mattered; 0: none */
	size_t taken[MAX_NODES];   /* of the node's inbox, already in the closure */
	uint64_t logs;		   /* bits: nodes that are known by their logs only */
	bool firm;		   /* background is not followed: neither what led to it nor what was before it */
};

static int push(struct search *search, uint32_t message, float confidence)
{
	size_t at = search->heap_cnt;

	if (confidence <= search->best[message])
		return 0;
	if (grow(&search->heap, &search->heap_cap, at + 1) < 0)
		return -1;
	search->best[message] = confidence;
	search->heap_cnt++;
	for (; at && search->heap[(at - 1) / 2].confidence < confidence; at = (at - 1) / 2)
		search->heap[at] = search->heap[(at - 1) / 2];
	search->heap[at] = (struct waiting){ confidence, message };
	return 0;
}

static struct waiting pop(struct search *search)
{
	struct waiting top = search->heap[0], last = search->heap[--search->heap_cnt];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < search->heap_cnt) {
		if (child + 1 < search->heap_cnt &&
		    search->heap[child + 1].confidence > search->heap[child].confidence)
			child++;
		if (search->heap[child].confidence <= last.confidence)
			break;
		search->heap[at] = search->heap[child];
		at = child;
	}
	search->heap[at] = last;
	return top;
}

static int push_all(struct search *search, const struct causes *causes, float confidence)
{
	for (size_t i = 0; i < causes->cnt; i++)
		if (push(search, causes->v[i].message,
			 confidence * causes->v[i].confidence) < 0)
			return -1;
	return 0;
}

/* Had it been received by the thread that sent what mattered, some time, it would be no more sure. */
static bool is_background(const struct search *search, uint32_t message)
{
	return search->best[message] <= CONFIDENCE_THREAD * FACTOR_BACKGROUND &&
	       search->finder.factor[search->graph->notes[message].class] < 1 &&
	       evidence__has_seen(search->finder.evidence, search->graph, message);
}

/* Best paths first: what is taken from the heap is final. Below the floor nobody looks further. */
static int explain_all(struct search *search)
{
	struct causes causes;

	while (search->heap_cnt) {
		struct waiting now = pop(search);

		if (now.confidence < search->best[now.message] ||
		    now.confidence <= CONFIDENCE_FLOOR ||
		    (search->firm && is_background(search, now.message)))
			continue;
		causes__of(&search->finder, now.message, &causes);
		if (push_all(search, &causes, now.confidence) < 0)
			return -1;
	}
	return 0;
}

/* The record behind the client's last one of the phase; 0: it did nothing. */
static uint32_t end_of_phase(const struct graph *graph, uint16_t node, int phase)
{
	for (size_t i = graph->history.record_cnt; i > 0; i--) {
		const struct record *record = &graph->history.records[i - 1];

		if (record->node == node && record->now < NOW_END &&
		    phase_of_step(graph, record->now) == phase)
			return i;
	}
	return 0;
}

/* The exit status rests on what the client received in the phase; on the last of it for sure. */
static int begin(struct search *search, int phase)
{
	const struct graph *graph = search->graph;
	struct causes causes;

	for (uint16_t node = 1; node < MAX_NODES; node++) {
		uint32_t end;

		if (!(search->finder.clients >> node & 1))
			continue;
		end = end_of_phase(graph, node, phase);
		search->bound[node] = end;
		if (!end)
			continue;
		causes.cnt = 0;
		causes__of_client(&search->finder, node, end,
				  graph->history.records[end - 1].now, &causes);
		if (push_all(search, &causes, 1 / CONFIDENCE_CLIENT) < 0)
			return -1;
	}
	return 0;
}

/* What @node received before its bound is in the closure; so is what its senders received before. */
static bool take_inbox(struct search *search, uint16_t node)
{
	const struct graph *graph = search->graph;
	const struct inbox *inbox = &search->finder.inboxes.node;
	size_t cnt = inbox__before(inbox, graph, node, search->bound[node]);
	bool grew = false;

	for (; search->taken[node] < cnt; search->taken[node]++) {
		uint32_t id = inbox->message[inbox->at[node] + search->taken[node]];
		uint32_t sent = graph->notes[id].sent;
		uint16_t src = graph->messages[id].src;

		if (search->best[id] < CONFIDENCE_FLOOR)
			search->best[id] = CONFIDENCE_FLOOR;
		if (sent == NONE || sent + 1 <= search->bound[src] || (search->firm && is_background(search, id)))
			continue;
		search->bound[src] = sent + 1;
		grew = true;
	}
	return grew;
}

/* Order alone: everything that happened before. Linear: each inbox is gone through once. */
static void close_over(struct search *search)
{
	bool grew = true;

	while (grew) {
		grew = false;
		for (uint16_t node = 1; node < MAX_NODES; node++)
			grew |= take_inbox(search, node);
	}
}

static bool is_member(const struct message *message, float confidence)
{
	return confidence > 0 && message->delivered && message->src != message->dst &&
	       message->src != NODE_OUTSIDE && message->dst != NODE_OUTSIDE;
}

/* @firm: the members without what only background ties to the outcome. */
static int collect(const struct search *search, const struct search *firm, struct lineage *ret)
{
	const struct graph *graph = search->graph;
	size_t cnt = 0;

	for (size_t i = 0; i < graph->message_cnt; i++)
		cnt += is_member(&graph->messages[i], search->best[i]);
	ret->cnt = 0;
	ret->v = malloc((cnt + 1) * sizeof(*ret->v));
	if (!ret->v)
		return -1;
	for (size_t i = 0; i < graph->message_cnt; i++) {
		float confidence = search->best[i];

		if (!is_member(&graph->messages[i], confidence))
			continue;
		if (confidence < CONFIDENCE_FLOOR)
			confidence = CONFIDENCE_FLOOR;
		ret->v[ret->cnt++] = (struct lineage_member){ i, confidence > 1 ? 1 : confidence,
							      firm->best[i] == 0 || is_background(firm, i) };
	}
	return 0;
}

/* Nothing was lost, no clock went back, and no stream between nodes of the closure has a hole. */
static bool is_sound(const struct search *search)
{
	const struct graph *graph = search->graph;
	const struct sockets *sockets = &graph->history.sockets;
	struct graph_stats stats;

	graph__stats(graph, &stats);
	if (stats.complete)
		return true;
	if (!stats.whole || stats.lost || stats.backward || graph->holed_unseen || graph->undescribed)
		return false;
	for (size_t i = 0; i < sockets->cnt; i++)
		if (graph->holed[i] && search->bound[sockets->v[i].peer_node])
			return false;
	return true;
}

static bool is_in_run(const struct graph *graph, const struct happening *line, int phase)
{
	const int its = phase_of_step(graph, line->step);

	return line->kind == EV_LOG && line->step < NOW_END && its >= 1 && its <= phase;
}

/* What is known of nodes that no client heard of, even over others, can be their logs only. */
static void find_logs(struct search *search, int phase)
{
	const struct graph *graph = search->graph;
	const struct happenings *events = &graph->history.locals;
	uint64_t heard = search->finder.clients | 1ULL << NODE_OUTSIDE;

	for (uint16_t node = 1; node < MAX_NODES; node++)
		if (search->bound[node])
			heard |= 1ULL << node;
	for (size_t i = 0; i < events->cnt; i++)
		if (is_in_run(graph, &events->v[i], phase))
			search->logs |= 1ULL << events->v[i].node & ~heard;
}

/* The check reads all of them; that the promise was made may be read from any one. */
static int begin_lines(struct search *search, int phase)
{
	const struct graph *graph = search->graph;
	const struct happenings *events = &graph->history.locals;
	const int logs = __builtin_popcountll(search->logs);
	const float confidence = phase == 2 || !logs ? 1 : 1.0f / (float)logs;
	struct causes causes;

	for (size_t i = 0; i < events->cnt; i++) {
		const struct happening *line = &events->v[i];

		if (!(search->logs >> line->node & 1) || !is_in_run(graph, line, phase))
			continue;
		search->bound[line->node] = causes__of_line(&search->finder, line, &causes);
		if (push_all(search, &causes, confidence) < 0)
			return -1;
	}
	return 0;
}

static int run(struct search *search, int phase)
{
	if (begin(search, phase) < 0 || explain_all(search) < 0)
		return -1;
	close_over(search);
	if (!search->firm)
		find_logs(search, phase);
	if (begin_lines(search, phase) < 0 || explain_all(search) < 0)
		return -1;
	close_over(search);
	return 0;
}

static bool has_background(const struct search *search)
{
	for (size_t i = 0; i < search->graph->class_cnt; i++)
		if (search->finder.factor[i] < 1)
			return true;
	return false;
}

/* Once more, from the same outcome. @firm shares the finder; its arrays are freed by the caller. */
static int run_firm(const struct search *search, int phase, struct search *firm)
{
	*firm = (struct search){ .graph = search->graph, .finder = search->finder, .logs = search->logs, .firm = true };
	firm->best = calloc(search->graph->message_cnt + 1, sizeof(*firm->best));
	return firm->best ? run(firm, phase) : -1;
}

static int run_both(struct search *search, int phase, struct lineage *ret)
{
	struct search firm = { 0 };
	int failed = run(search, phase);

	if (!failed && has_background(search))
		failed = run_firm(search, phase, &firm);
	if (!failed)
		failed = collect(search, firm.best ? &firm : search, ret);
	free(firm.best);
	free(firm.heap);
	if (failed)
		return -1;
	ret->logs = search->logs;
	ret->sound = is_sound(search);
	return 0;
}

static int check_phase(const struct graph *graph, enum outcome outcome, struct err *err)
{
	const char *name = outcome == OUTCOME_CHECK ? "check" : "workload";
	int phase = outcome == OUTCOME_CHECK ? 2 : 1;

	for (size_t i = 0; i < graph->node_cnt; i++) {
		if (!graph->nodes[i].client)
			continue;
		for (size_t k = 0; k < graph->history.record_cnt; k++)
			if (phase_of_step(graph, graph->history.records[k].now) == phase)
				return 0;
		if (graph__phase(graph, phase == 2 ? PHASE_CHECK : PHASE_WORKLOAD).begin_ns)
			return 0;
		return err__set(err, EXIT_USAGE, "%s: the trace has no %s phase", graph->path, name);
	}
	return err__set(err, EXIT_USAGE, "%s: no node of the trace is a client, so it has no outcome",
			graph->path);
}

int lineage__of(const struct graph *graph, enum outcome outcome, const struct evidence *evidence,
		struct lineage *ret, struct err *err)
{
	struct search search = { .graph = graph };
	struct lineage lineage = { 0 };
	int failed = -1;

	if (check_phase(graph, outcome, err) < 0)
		return -1;
	search.best = calloc(graph->message_cnt + 1, sizeof(*search.best));
	if (search.best && cause_finder__init(&search.finder, graph, evidence) == 0)
		failed = run_both(&search, outcome == OUTCOME_CHECK ? 2 : 1, &lineage);
	cause_finder__free(&search.finder);
	free(search.best);
	free(search.heap);
	if (failed)
		return err__set(err, EXIT_MACHINE, "%s: out of memory", graph->path);
	*ret = lineage;
	return 0;
}

void lineage__free(struct lineage *lineage)
{
	free(lineage->v);
	memset(lineage, 0, sizeof(*lineage));
}
