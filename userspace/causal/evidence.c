// SPDX-License-Identifier: GPL-2.0-only
#include "causal/evidence.h"

#include <stdlib.h>

struct evidence {
	struct intern idle; /* hash of a class: how often it was seen before a workload */
};

struct evidence *evidence__new(void)
{
	return calloc(1, sizeof(struct evidence));
}

int evidence__learn_idle(struct evidence *evidence, const struct graph *graph)
{
	for (size_t i = 0; i < graph->class_cnt; i++) {
		uint32_t *slot;

		if (!graph->classes[i].idle)
			continue;
		slot = intern__slot(&evidence->idle, graph->classes[i].hash);
		if (!slot)
			return -1;
		*slot = (*slot == NONE ? 0 : *slot) + graph->classes[i].idle;
	}
	return 0;
}

float evidence__factor(const struct evidence *evidence, const struct graph *graph, uint32_t class)
{
	const struct message_class_info *info = &graph->classes[class];

	if (info->idle || (evidence && intern__get(&evidence->idle, info->hash) != NONE))
		return FACTOR_BACKGROUND;
	return 1;
}

void evidence__free(struct evidence *evidence)
{
	if (!evidence)
		return;
	intern__free(&evidence->idle);
	free(evidence);
}
