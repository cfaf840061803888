// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/because.h"

#include <stdio.h>

#include "causal/label.h"

/* Of equal confidence: bytes say more than a connection, and the last ones most. */
static bool says_more(const struct message *message, float confidence, const struct message *best,
		      float best_confidence)
{
	if (confidence != best_confidence)
		return confidence > best_confidence;
	if ((message->class == MSG_DATA) != (best->class == MSG_DATA))
		return message->class == MSG_DATA;
	return message->sent_ns > best->sent_ns;
}

/* Of a stall: what may be on its stream. Which stream that is this run does not show. */
static bool lies_on(const struct fault *fault, const struct message *message, uint32_t heal)
{
	if (fault->kind != FAULT_STALL)
		return fault__reaches(fault, message->src, message->dst, message->step, heal);
	return message->src == fault->a && message->dst == fault->b &&
	       message->step >= fault->from && message->step < heal &&
	       (!fault->selector.port || fault->selector.port == message->server_port);
}

static const struct message *strongest(const struct graph *graph, const struct lineage *lineage,
				       const struct fault *fault, uint32_t heal)
{
	const struct message *best = NULL;
	float confidence = 0;

	for (size_t i = 0; i < lineage->cnt; i++) {
		const struct message *message = graph__message(graph, lineage->v[i].message);

		if (!lies_on(fault, message, heal))
			continue;
		if (best && !says_more(message, lineage->v[i].confidence, best, confidence))
			continue;
		best = message;
		confidence = lineage->v[i].confidence;
	}
	return best;
}

int because__find(const struct judge *near_miss, const struct fault *fault, char *buf, size_t size,
		  struct err *err)
{
	struct graph *graph = graph__load(near_miss->trace, err);
	struct lineage lineage = { 0 };
	const struct message *best;
	char label[LABEL_BYTES];

	if (!graph)
		return -1;
	if (lineage__of(graph, near_miss->outcome, near_miss->evidence, &lineage, err)) {
		graph__free(graph);
		return -1;
	}
	best = strongest(graph, &lineage, fault, near_miss->heal);
	if (best)
		snprintf(buf, size, "%s>%s:%u  %s", graph__node_name(graph, best->src),
			 graph__node_name(graph, best->dst), best->server_port,
			 message__label(label, sizeof(label), best));
	lineage__free(&lineage);
	graph__free(graph);
	return best != NULL;
}
