// SPDX-License-Identifier: GPL-2.0-only
#include "causal/ancestry.h"

#include <stdlib.h>

#include "causal/cause.h"

struct ancestry {
	struct cause_finder finder;
	struct causes causes;
};

struct ancestry *ancestry__new(const struct graph *graph, const struct evidence *evidence)
{
	struct ancestry *ancestry = calloc(1, sizeof(*ancestry));

	if (ancestry && cause_finder__init(&ancestry->finder, graph, evidence) < 0) {
		ancestry__free(ancestry);
		return NULL;
	}
	return ancestry;
}

void ancestry__free(struct ancestry *ancestry)
{
	if (!ancestry)
		return;
	cause_finder__free(&ancestry->finder);
	free(ancestry);
}

static int surest_first(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;

	if (x->confidence != y->confidence)
		return x->confidence > y->confidence ? -1 : 1;
	return x->message > y->message ? -1 : x->message < y->message;
}

static bool is_listed(const struct lineage_member *list, size_t cnt, uint32_t message)
{
	while (cnt)
		if (list[--cnt].message == message)
			return true;
	return false;
}

size_t ancestry__parents(struct ancestry *ancestry, uint32_t id, struct lineage_member *ret,
			 size_t max)
{
	struct causes *causes = &ancestry->causes;
	size_t cnt = 0;

	causes->cnt = 0;
	causes__of(&ancestry->finder, id, causes);
	qsort(causes->v, causes->cnt, sizeof(*causes->v), surest_first);
	for (size_t i = 0; i < causes->cnt && cnt < max; i++)
		if (causes->v[i].message != id && !is_listed(ret, cnt, causes->v[i].message))
			ret[cnt++] = (struct lineage_member){causes->v[i].message,
							     causes->v[i].confidence};
	return cnt;
}
