// SPDX-License-Identifier: GPL-2.0-only
#include "causal/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "causal/inside.h"
#include "causal/key.h"
#include "causal/message.h"

/* Of the time before the workload. */
#define ECHO_PART 6
#define ECHO_MOST_NS (500 * NSEC_PER_MSEC)

static bool has_steps(const struct history *history)
{
	if (history->has_phases)
		return true;
	for (size_t i = 0; i < history->record_cnt; i++)
		if (history->records[i].now != NOW_IDLE)
			return true;
	return false;
}

bool graph__is_idle(const struct graph *graph, const struct message *message)
{
	return graph->has_steps && message->step == NOW_IDLE;
}

bool graph__is_at_rest(const struct graph *graph, const struct message *message)
{
	const uint64_t begin_ns = graph__phase(graph, PHASE_IDLE).begin_ns;
	const uint64_t end_ns = graph__phase(graph, PHASE_WORKLOAD).begin_ns;
	uint64_t echo_ns = begin_ns && end_ns > begin_ns ? (end_ns - begin_ns) / ECHO_PART : 0;

	if (echo_ns > ECHO_MOST_NS)
		echo_ns = ECHO_MOST_NS;
	return graph__is_idle(graph, message) && message->sent_ns >= begin_ns + echo_ns;
}

/* Sockets that moved bytes or were connected, and of which the trace does not say what they are. */
static bool is_undescribed(const struct history *history)
{
	for (size_t i = 0; i < history->sockets.cnt; i++) {
		const struct sock *sock = &history->sockets.v[i];

		if (!sock->described && (sock->sent.seen || sock->received.seen))
			return true;
	}
	return false;
}

static int build(struct graph *graph)
{
	if (sockets__resolve(&graph->history, graph->nodes, graph->node_cnt) < 0 ||
	    messages__build(graph) < 0 || streams__match(graph, &graph->counts) < 0 ||
	    messages__deliver(graph) < 0 || messages__mark_cut(graph) < 0)
		return -1;
	graph->has_steps = has_steps(&graph->history);
	graph->undescribed = is_undescribed(&graph->history);
	return tokens__build(graph) < 0 || keys__assign(graph) < 0 ? -1 : 0;
}

static int load(struct graph *graph, const char *path, struct err *err)
{
	graph->path = strdup(path);
	if (!graph->path)
		return err__set(err, EXIT_MACHINE, "%s: out of memory", path);
	graph->reader = trace_reader__open(path, err);
	if (!graph->reader)
		return -1;
	graph->nodes = trace_reader__nodes(graph->reader, &graph->node_cnt);
	if (history__read(&graph->history, graph->reader, err) < 0)
		return err__prefix(err, "%s", path);
	if (build(graph) < 0)
		return err__set(err, EXIT_MACHINE, "%s: out of memory", path);
	return 0;
}

struct graph *graph__load(const char *path, struct err *err)
{
	struct graph *graph = calloc(1, sizeof(*graph));

	if (!graph) {
		err__set(err, EXIT_MACHINE, "%s: out of memory", path);
		return NULL;
	}
	if (load(graph, path, err) < 0) {
		graph__free(graph);
		return NULL;
	}
	return graph;
}

void graph__free(struct graph *graph)
{
	if (!graph)
		return;
	history__free(&graph->history);
	tokens__free(&graph->tokens);
	free(graph->messages);
	free(graph->notes);
	free(graph->classes);
	free(graph->holed);
	free(graph->holes);
	trace_reader__close(graph->reader);
	free(graph->path);
	free(graph);
}

/* A lost event is missing in its thread's counter as well, unless the thread was never seen again. */
static uint64_t lost(const struct history *history)
{
	const struct ledger *ledger = &history->ledger;

	return (ledger->failed > history->gaps ? ledger->failed : history->gaps) + ledger->missed;
}

void graph__stats(const struct graph *graph, struct graph_stats *ret)
{
	const struct history *history = &graph->history;

	*ret = (struct graph_stats){
		.events = history->events,
		.nodes = graph->node_cnt,
		.streams = graph->counts.streams,
		.messages = graph->message_cnt,
		.receives = graph->counts.receives,
		.matched = graph->counts.matched,
		.early = graph->counts.early,
		.holes = graph->counts.holes,
		.repaired = graph->counts.repaired,
		.shared = graph->counts.shared,
		.lost = lost(history),
		.backward = history->backward,
		.resolver = history->resolver,
		.undescribed = graph->undescribed,
		.blind = history->blind,
		.whole = history->whole,
	};
	ret->complete = ret->whole && !ret->lost && !ret->holes && !ret->backward &&
			ret->matched == ret->receives && !graph->undescribed && !ret->blind;
}

size_t graph__hole_cnt(const struct graph *graph)
{
	return graph->hole_cnt;
}

const struct hole *graph__hole(const struct graph *graph, size_t index)
{
	return index < graph->hole_cnt ? &graph->holes[index] : NULL;
}

size_t graph__message_cnt(const struct graph *graph)
{
	return graph->message_cnt;
}

const struct message *graph__message(const struct graph *graph, size_t id)
{
	return id < graph->message_cnt ? &graph->messages[id] : NULL;
}

size_t graph__node_cnt(const struct graph *graph)
{
	return graph->node_cnt;
}

const struct trace_node *graph__node(const struct graph *graph, uint16_t id)
{
	for (size_t i = 0; i < graph->node_cnt; i++)
		if (graph->nodes[i].id == id)
			return &graph->nodes[i];
	return NULL;
}

const char *graph__node_name(const struct graph *graph, uint16_t id)
{
	const struct trace_node *node = graph__node(graph, id);

	if (node)
		return node->name;
	return id == NODE_OUTSIDE ? "outside" : "unnamed";
}

const struct happenings *graph__happenings(const struct graph *graph)
{
	return &graph->history.locals;
}

const json_t *graph__meta(const struct graph *graph)
{
	return trace_reader__meta(graph->reader);
}

const char *graph__path(const struct graph *graph)
{
	return graph->path;
}

struct graph_phase graph__phase(const struct graph *graph, enum phase phase)
{
	if (phase < 0 || phase > PHASE_END)
		return (struct graph_phase){ 0 };
	return (struct graph_phase){ graph->history.phases[phase].begin_ns,
				     graph->history.phases[phase].end_ns,
				     graph->history.phases[phase].code };
}

uint32_t graph__last_step(const struct graph *graph)
{
	return graph->history.last_step;
}

uint64_t graph__instant(const struct graph *graph, uint32_t now)
{
	uint64_t first_ns = ~0ULL, phase_ns;

	phase_ns = graph__phase(graph, now >= NOW_HEALED ? PHASE_SETTLE : PHASE_HOLD).begin_ns;
	if (now == NOW_END)
		phase_ns = graph__phase(graph, PHASE_CHECK).end_ns;
	if (now >= NOW_CHECK)
		return phase_ns ? phase_ns : ~0ULL;
	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);

		if (message->step >= now && message->sent_ns < first_ns)
			first_ns = message->sent_ns;
	}
	return first_ns;
}
