// SPDX-License-Identifier: GPL-2.0-only
#include "model/support_trace.h"

/* Add a message; -1: memory. */
static int add(struct support *support, const struct message *message, float confidence)
{
	const struct support_member member = { .src = message->src,
					       .dst = message->dst,
					       .step = message->step,
					       .confidence = confidence,
					       .messages = 1 };

	if (message->src == NODE_OUTSIDE || message->dst == NODE_OUTSIDE ||
	    message->src == message->dst)
		return 0;
	return support__add(support, &member);
}

static void note_promise(struct support *support, const struct message *message, float confidence)
{
	struct support_member *member =
		support__find(support, message->src, message->dst, message->step);

	if (member && confidence > member->promise)
		member->promise = confidence;
}

int support__from_lineage(const struct graph *graph, const struct lineage *of_check,
			  const struct lineage *of_workload, struct support *ret, struct err *err)
{
	struct support support = { 0 };

	for (size_t i = 0; i < of_check->cnt; i++) {
		const struct lineage_member *member = &of_check->v[i];

		if (add(&support, graph__message(graph, member->message), member->confidence) < 0) {
			support__free(&support);
			return err__set(err, EXIT_MACHINE, "cannot keep a support: out of memory");
		}
	}
	for (size_t i = 0; of_workload && i < of_workload->cnt; i++)
		note_promise(&support, graph__message(graph, of_workload->v[i].message),
			     of_workload->v[i].confidence);
	*ret = support;
	return 0;
}

int support__of_delivered(const struct graph *graph, struct support *ret, struct err *err)
{
	struct support support = { 0 };

	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);

		if (message->delivered && add(&support, message, 1) < 0) {
			support__free(&support);
			return err__set(err, EXIT_MACHINE, "cannot keep a support: out of memory");
		}
	}
	*ret = support;
	return 0;
}
