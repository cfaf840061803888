// SPDX-License-Identifier: GPL-2.0-only
#include "model/support_trace.h"

#include <stdlib.h>

#include "causal/key.h"
#include "model/selector_message.h"

/* Answers to attempts to connect are of no stream that could be stalled. */
static bool may_stall(const struct message *message)
{
	return (message->carrier == CARRIER_TCP || message->carrier == CARRIER_UDP) &&
	       message->class != MSG_ACCEPT;
}

static struct support_member member_of(const struct message *message, enum support_detail detail)
{
	struct support_member member = { .src = message->src,
					 .dst = message->dst,
					 .step = message->step };
	struct selector class;

	if (detail == SUPPORT_LINKS || !may_stall(message))
		return member;
	/* what waited in a stalled stream was let go by healing */
	if (detail == SUPPORT_HEALED && message->cut)
		member.step = NOW_HEALED;
	member.port = message->server_port;
	if (selector__of_message(message, &class))
		member.class = selector__number(&class);
	return member;
}

/* Add a message, or @cnt 0: one that is counted elsewhere. -1: memory. */
static int add(struct support *support, const struct message *message, float confidence,
	       uint32_t cnt, enum support_detail detail)
{
	struct support_member member;

	if (message->src == NODE_OUTSIDE || message->dst == NODE_OUTSIDE ||
	    message->src == message->dst)
		return 0;
	member = member_of(message, detail);
	member.confidence = confidence;
	member.messages = cnt;
	return support__add(support, &member);
}

static void note_promise(struct support *support, const struct message *message, float confidence,
			 enum support_detail detail)
{
	const struct support_member wanted = member_of(message, detail);
	struct support_member *member = support__same(support, &wanted);

	if (member && confidence > member->promise)
		member->promise = confidence;
}

/* To read a node's log it has to speak: no link of it can be cut, but it can be silenced. */
static int add_logs(struct support *support, const struct lineage *lineage)
{
	for (uint16_t node = 1; lineage->logs && node < MAX_NODES; node++) {
		const struct support_member member = {
			.src = node,
			.dst = NODE_OUTSIDE,
			.step = NOW_HEALED,
			.confidence = 1.0f / (float)__builtin_popcountll(lineage->logs),
		};

		if ((lineage->logs >> node & 1) && support__add(support, &member) < 0)
			return -1;
	}
	return 0;
}

/* By stream: the most that a member further back on it is worth. NULL: memory. */
static float *new_streams(const struct graph *graph)
{
	uint32_t cnt = 0;

	for (size_t i = 0; i < graph__message_cnt(graph); i++)
		if (graph__message(graph, i)->stream >= cnt)
			cnt = graph__message(graph, i)->stream + 1;
	return calloc(cnt + 1, sizeof(float));
}

static int add_earlier(struct support *support, const struct graph *graph,
		       const struct lineage *lineage, bool spare_idle, enum support_detail detail)
{
	float *behind = new_streams(graph);
	size_t next = lineage->cnt;
	int failed = behind ? 0 : -1;

	for (size_t i = graph__message_cnt(graph); i-- > 0 && !failed;) {
		const struct message *message = graph__message(graph, i);
		float *most;

		if (message->carrier != CARRIER_TCP)
			continue;
		most = &behind[message->stream];
		if (*most > 0 && message->delivered)
			failed = add(support, message, *most, 0, detail);
		while (next > 0 && lineage->v[next - 1].message > i)
			next--;
		if (next > 0 && lineage->v[next - 1].message == i &&
		    !(spare_idle && lineage->v[next - 1].idle) && lineage->v[next - 1].confidence > *most)
			*most = lineage->v[next - 1].confidence;
	}
	free(behind);
	return failed;
}

int support__from_lineage(const struct graph *graph, const struct lineage *of_check,
			  const struct lineage *of_workload, bool spare_idle,
			  enum support_detail detail, struct support *ret, struct err *err)
{
	struct support support = { 0 };

	for (size_t i = 0; i < of_check->cnt; i++) {
		const struct lineage_member *member = &of_check->v[i];

		if (spare_idle && member->idle)
			continue;
		if (add(&support, graph__message(graph, member->message), member->confidence,
			1, detail) < 0)
			goto no_memory;
	}
	if (add_earlier(&support, graph, of_check, spare_idle, detail) < 0 ||
	    add_logs(&support, of_check) < 0)
		goto no_memory;
	for (size_t i = 0; of_workload && i < of_workload->cnt; i++)
		note_promise(&support, graph__message(graph, of_workload->v[i].message),
			     of_workload->v[i].confidence, detail);
	*ret = support;
	return 0;

no_memory:
	support__free(&support);
	return err__set(err, EXIT_MACHINE, "cannot keep a support: out of memory");
}

int support__of_delivered(const struct graph *graph, enum support_detail detail, struct support *ret,
			  struct err *err)
{
	struct support support = { 0 };

	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);

		if (message->delivered && add(&support, message, 1, 1, detail) < 0) {
			support__free(&support);
			return err__set(err, EXIT_MACHINE, "cannot keep a support: out of memory");
		}
	}
	*ret = support;
	return 0;
}

static int add_sends(struct course *run, const struct graph *graph)
{
	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);
		const uint64_t form = key__skeleton(message->payload, message->payload_len);

		if (message->src == NODE_OUTSIDE || message->dst == NODE_OUTSIDE ||
		    message->src == message->dst || message->step < NOW_WORKLOAD ||
		    message->step >= NOW_END)
			continue;
		if (course__add(run, message->src, message->dst, message->step,
				form + key__length_class(message->len)) < 0)
			return -1;
	}
	return 0;
}

static int add_lines(struct course *run, const struct graph *graph)
{
	const struct happenings *events = graph__happenings(graph);

	for (size_t i = 0; i < events->cnt; i++) {
		const struct happening *line = &events->v[i];
		const uint8_t *text = (const uint8_t *)events->texts + line->text;

		if (line->kind != EV_LOG || line->step < NOW_WORKLOAD || line->step >= NOW_END ||
		    line->node == NODE_OUTSIDE)
			continue;
		if (course__add(run, line->node, NODE_OUTSIDE, 0,
				key__skeleton(text, line->text_len)) < 0)
			return -1;
	}
	return 0;
}

int course__of_run(const struct graph *graph, struct course *course, struct err *err)
{
	struct course run = {0};

	if (add_sends(&run, graph) < 0 || add_lines(&run, graph) < 0 || course__join(course, &run) < 0) {
		course__free(&run);
		return err__set(err, EXIT_MACHINE, "cannot keep what a run did: out of memory");
	}
	return 0;
}
