// SPDX-License-Identifier: GPL-2.0-only
#include "causal/handoff.h"

#include <stdlib.h>

#include "base/grow.h"

int handoffs__add(struct handoffs *handoffs, const struct handoff_edge *edge)
{
	if (handoffs->cnt >= UINT32_MAX ||
	    grow(&handoffs->v, &handoffs->cap, handoffs->cnt + 1) < 0)
		return -1;
	handoffs->v[handoffs->cnt++] = *edge;
	return 0;
}

static int by_thread_and_time(const void *a, const void *b)
{
	const struct handoff_edge *x = a, *y = b;

	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

int handoffs__index(struct handoffs *handoffs, size_t thread_cnt)
{
	handoffs->at = calloc(thread_cnt + 1, sizeof(*handoffs->at));
	if (!handoffs->at)
		return -1;
	if (handoffs->cnt)
		qsort(handoffs->v, handoffs->cnt, sizeof(*handoffs->v), by_thread_and_time);
	for (size_t i = 0; i < handoffs->cnt; i++)
		handoffs->at[handoffs->v[i].to + 1]++;
	for (size_t i = 0; i < thread_cnt; i++)
		handoffs->at[i + 1] += handoffs->at[i];
	return 0;
}

void handoffs__free(struct handoffs *handoffs)
{
	free(handoffs->v);
	free(handoffs->at);
}

size_t handoffs__before(const struct handoffs *handoffs, uint32_t thread, uint64_t ts_ns, size_t max,
			const struct handoff_edge **ret)
{
	size_t low = handoffs->at[thread], high = handoffs->at[thread + 1], cnt = 0;
	const size_t first = low;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (handoffs->v[middle].ts_ns <= ts_ns)
			low = middle + 1;
		else
			high = middle;
	}
	while (low > first && cnt < max)
		ret[cnt++] = &handoffs->v[--low];
	return cnt;
}
