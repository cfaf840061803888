// SPDX-License-Identifier: GPL-2.0-only
#include "report/frontier.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "causal/intern.h"

#define PARENTS_MAX 16

struct search {
	const struct account *good, *bad;
	const struct alignment *alignment;
	struct intern arrived; /* looks and phases of what arrived in the bad run */
};

static uint64_t kind_of(const struct graph *graph, const struct message *message)
{
	return hash_u64(align__look(graph, message), align__phase(message));
}

static int note_arrived(struct search *search)
{
	const struct graph *graph = search->bad->graph;

	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);
		uint32_t *slot;

		if (!message->delivered)
			continue;
		slot = intern__slot(&search->arrived, kind_of(graph, message));
		if (!slot)
			return -1;
		*slot = 1;
	}
	return 0;
}

/*
 * Cut; or not there, and neither is another of its kind: of what is asked again and again it
 * matters little that it was asked less often.
 */
static bool is_missing(const struct search *search, uint32_t good)
{
	const struct message *message = graph__message(search->good->graph, good), *mate = NULL;
	uint32_t bad = search->alignment->a_to_b[good];

	if (search->good->relevance.of[good] < FRONTIER_SURE || !message__is_between_nodes(message))
		return false;
	if (bad != ALIGN_NONE)
		mate = graph__message(search->bad->graph, bad);
	if (mate && (mate->delivered || mate->cut))
		return !mate->delivered;
	return intern__get(&search->arrived, kind_of(search->good->graph, message)) == NONE;
}

static bool has_missing_cause(const struct search *search, struct ancestry *ancestry, uint32_t good)
{
	struct lineage_member parents[PARENTS_MAX];
	size_t cnt = ancestry__parents(ancestry, good, parents, PARENTS_MAX);

	for (size_t i = 0; i < cnt; i++)
		if (parents[i].confidence >= FRONTIER_SURE &&
		    is_missing(search, parents[i].message))
			return true;
	return false;
}

static int add(struct frontier *frontier, size_t *cap, struct frontier_item item)
{
	if (frontier__number(frontier, item.good))
		return 0;
	if (grow(&frontier->v, cap, frontier->cnt + 1))
		return -1;
	frontier->v[frontier->cnt++] = item;
	return 0;
}

/* It arrived there and was cut here; and the outcome may have rested on it, if only weakly. */
static bool is_cut_here(const struct search *search, uint32_t good)
{
	const struct message *message = graph__message(search->good->graph, good), *mate;

	if (search->alignment->a_to_b[good] == ALIGN_NONE || !message->delivered ||
	    search->good->relevance.of[good] < RELEVANCE_LISTED ||
	    !message__is_between_nodes(message))
		return false;
	mate = graph__message(search->bad->graph, search->alignment->a_to_b[good]);
	return mate->cut && !mate->delivered;
}

/*
 * What was never sent is missing for a reason. Where one of its causes was cut, that is the reason,
 * however weak a cause the evidence takes it for.
 */
static int add_first(const struct search *search, struct ancestry *ancestry, uint32_t good,
		     struct frontier *ret, size_t *cap)
{
	struct lineage_member parents[PARENTS_MAX];
	uint32_t mate = search->alignment->a_to_b[good];
	size_t cnt = 0, cuts = 0;

	if (mate == ALIGN_NONE)
		cnt = ancestry__parents(ancestry, good, parents, PARENTS_MAX);
	for (size_t i = 0; i < cnt; i++) {
		uint32_t parent = parents[i].message;

		if (!is_cut_here(search, parent))
			continue;
		cuts++;
		if (add(ret, cap,
			(struct frontier_item){parent, search->alignment->a_to_b[parent]}))
			return -1;
	}
	return cuts ? 0 : add(ret, cap, (struct frontier_item){good, mate});
}

static int collect(const struct search *search, struct ancestry *ancestry, struct frontier *ret,
		   size_t *cap)
{
	for (uint32_t i = 0; i < graph__message_cnt(search->good->graph); i++) {
		if (!is_missing(search, i))
			continue;
		ret->missing++;
		if (has_missing_cause(search, ancestry, i))
			continue;
		if (add_first(search, ancestry, i, ret, cap))
			return -1;
	}
	return 0;
}

/* Nothing of what is sure is missing: what was cut of the rest. */
static int collect_cuts(const struct search *search, struct frontier *ret, size_t *cap)
{
	for (uint32_t i = 0; i < graph__message_cnt(search->good->graph); i++) {
		if (!is_cut_here(search, i))
			continue;
		ret->missing++;
		if (add(ret, cap, (struct frontier_item){i, search->alignment->a_to_b[i]}))
			return -1;
	}
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct frontier_item *x = a, *y = b;

	return x->good < y->good ? -1 : x->good > y->good;
}

static int collect_all(const struct search *search, struct ancestry *ancestry, struct frontier *ret)
{
	size_t cap = 0;

	if (collect(search, ancestry, ret, &cap) || (!ret->cnt && collect_cuts(search, ret, &cap)))
		return -1;
	if (ret->cnt)
		qsort(ret->v, ret->cnt, sizeof(*ret->v), by_time);
	return 0;
}

int frontier__of(const struct account *good, const struct account *bad,
		 const struct alignment *alignment, const struct evidence *evidence,
		 struct frontier *ret)
{
	struct search search = {.good = good, .bad = bad, .alignment = alignment};
	struct ancestry *ancestry = ancestry__new(good->graph, evidence);
	int failed;

	memset(ret, 0, sizeof(*ret));
	failed = !ancestry || note_arrived(&search) || collect_all(&search, ancestry, ret);
	ancestry__free(ancestry);
	intern__free(&search.arrived);
	if (failed)
		frontier__free(ret);
	return failed ? -1 : 0;
}

void frontier__free(struct frontier *frontier)
{
	free(frontier->v);
	memset(frontier, 0, sizeof(*frontier));
}

size_t frontier__number(const struct frontier *frontier, uint32_t good)
{
	for (size_t i = 0; i < frontier->cnt; i++)
		if (frontier->v[i].good == good)
			return i + 1;
	return 0;
}
