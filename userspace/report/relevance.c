// SPDX-License-Identifier: GPL-2.0-only
#include "report/relevance.h"

#include <stdlib.h>
#include <string.h>

/* Returns 1 where the trace has that outcome, 0 where not, -1 on error. */
static int join(const struct graph *graph, enum outcome outcome, const struct evidence *evidence,
		float *of, struct err *err)
{
	struct lineage lineage = {0};
	struct err why;

	if (lineage__of(graph, outcome, evidence, &lineage, &why)) {
		if (why.code == EXIT_USAGE)
			return 0;
		return err__set(err, why.code, "%s", why.msg);
	}
	for (size_t i = 0; i < lineage.cnt; i++)
		if (lineage.v[i].confidence > of[lineage.v[i].message])
			of[lineage.v[i].message] = lineage.v[i].confidence;
	lineage__free(&lineage);
	return 1;
}

int relevance__of(const struct graph *graph, const struct evidence *evidence, struct relevance *ret,
		  struct err *err)
{
	float *of = calloc(graph__message_cnt(graph) + 1, sizeof(*of));
	int workload, check;

	memset(ret, 0, sizeof(*ret));
	if (!of)
		return err__set(err, EXIT_MACHINE, "out of memory");
	workload = join(graph, OUTCOME_WORKLOAD, evidence, of, err);
	check = workload < 0 ? -1 : join(graph, OUTCOME_CHECK, evidence, of, err);
	if (check < 0) {
		free(of);
		return -1;
	}
	ret->of = of;
	ret->has_outcome = workload || check;
	return 0;
}

void relevance__free(struct relevance *relevance)
{
	free(relevance->of);
	memset(relevance, 0, sizeof(*relevance));
}

bool relevance__lists(const struct relevance *relevance, const struct message *message)
{
	if (!message__is_between_nodes(message))
		return false;
	return !relevance->has_outcome || message->cut ||
	       relevance->of[message->id] >= RELEVANCE_LISTED;
}
