// SPDX-License-Identifier: GPL-2.0-only
#include "report/faults.h"

static uint32_t end_of(const struct fault *fault, uint32_t heal)
{
	if (fault->until)
		return fault->until;
	if (fault->kind == FAULT_LOSS)
		return fault->from + 1;
	return fault->kind == FAULT_SILENCE ? NOW_END : heal;
}

int fault_spans__of(const struct graph *graph, const struct told_run *run, uint32_t heal,
		    struct fault_spans *ret, struct err *err)
{
	const struct name_table names = names__of(graph);
	json_t *text;
	size_t i;

	ret->cnt = 0;
	json_array_foreach (run->faults, i, text) {
		struct fault_span *span = &ret->v[ret->cnt];

		if (ret->cnt == MAX_FAULTS || !json_is_string(text))
			return err__set(err, EXIT_USAGE, "run %u: not a fault set", run->number);
		if (fault__parse(json_string_value(text), &names, &span->fault, err))
			return err__prefix(err, "run %u", run->number);
		span->begin_ns = graph__instant(graph, span->fault.from);
		span->end_ns = graph__instant(graph, end_of(&span->fault, heal));
		ret->cnt++;
	}
	return 0;
}
