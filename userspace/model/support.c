// SPDX-License-Identifier: GPL-2.0-only
#include "model/support.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "model/selector.h"
#include "../bpf/rule.h"

static int compare(const struct support_member *x, const struct support_member *y)
{
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	if (x->src != y->src)
		return x->src < y->src ? -1 : 1;
	if (x->dst != y->dst)
		return x->dst < y->dst ? -1 : 1;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	if (x->class == y->class)
		return 0;
	/* their numbers are those of this process */
	if (!x->class || !y->class)
		return x->class ? 1 : -1;
	return selector__compare(selector__numbered(x->class), selector__numbered(y->class));
}

/* Where @member is, or belongs. */
static size_t place(const struct support *support, const struct support_member *member)
{
	size_t low = 0, high = support->cnt;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(&support->v[mid], member) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void unite(struct support_member *old, const struct support_member *member)
{
	if (member->confidence > old->confidence)
		old->confidence = member->confidence;
	if (member->promise > old->promise)
		old->promise = member->promise;
	old->messages += member->messages;
}

int support__add(struct support *support, const struct support_member *member)
{
	size_t at = place(support, member);

	if (at < support->cnt && compare(&support->v[at], member) == 0) {
		unite(&support->v[at], member);
		return 0;
	}
	if (grow(&support->v, &support->cap, support->cnt + 1) < 0)
		return -1;
	memmove(support->v + at + 1, support->v + at, (support->cnt - at) * sizeof(*support->v));
	support->v[at] = *member;
	support->cnt++;
	return 0;
}

int support__join(struct support *support, const struct support *from)
{
	struct support both = { .v = calloc(support->cnt + from->cnt + 1, sizeof(*both.v)) };
	size_t i = 0, j = 0;

	if (!both.v)
		return -1;
	both.cap = support->cnt + from->cnt + 1;
	while (i < support->cnt || j < from->cnt) {
		const int order = i == support->cnt ? 1 :
				  j == from->cnt    ? -1 :
						      compare(&support->v[i], &from->v[j]);

		both.v[both.cnt] = order <= 0 ? support->v[i++] : from->v[j];
		if (order == 0)
			unite(&both.v[both.cnt], &from->v[j]);
		j += order >= 0;
		both.cnt++;
	}
	free(support->v);
	*support = both;
	return 0;
}

struct support_member *support__same(const struct support *support, const struct support_member *member)
{
	size_t at = place(support, member);

	if (at == support->cnt || compare(&support->v[at], member) != 0)
		return NULL;
	return &support->v[at];
}

struct support_member *support__find(const struct support *support, uint16_t src, uint16_t dst,
				     uint32_t step)
{
	const struct support_member wanted = { .src = src, .dst = dst, .step = step };

	return support__same(support, &wanted);
}

size_t support__place(const struct support *support, uint16_t src, uint16_t dst, uint32_t step)
{
	const struct support_member wanted = { .src = src, .dst = dst, .step = step };

	return place(support, &wanted);
}

bool support__has_logs(const struct support *support)
{
	for (size_t i = support->cnt; i-- > 0;) /* they come last */
		if (support->v[i].dst == NODE_OUTSIDE)
			return true;
	return false;
}

void support__free(struct support *support)
{
	if (!support)
		return;
	free(support->v);
	memset(support, 0, sizeof(*support));
}
