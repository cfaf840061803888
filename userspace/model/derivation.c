// SPDX-License-Identifier: GPL-2.0-only
#include "model/derivation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

static void free_one(struct derivation *derivation)
{
	support__free(&derivation->support);
	free(derivation->links);
	free(derivation->index);
	free(derivation->members);
	free(derivation->single);
	free(derivation->base);
}

void derivations__free(struct derivation *v, size_t cnt)
{
	for (size_t i = 0; v && i < cnt; i++)
		free_one(&v[i]);
	free(v);
}

static int by_link(const void *x, const void *y)
{
	const struct support_member *a = x, *b = y;

	if (a->src != b->src)
		return a->src < b->src ? -1 : 1;
	if (a->dst != b->dst)
		return a->dst < b->dst ? -1 : 1;
	return a->step < b->step ? -1 : a->step > b->step;
}

static int sort_links(struct derivation *derivation)
{
	const size_t cnt = derivation->support.cnt;
	struct support_member *v = calloc(cnt + 1, sizeof(*v));
	struct link *link = NULL;

	derivation->members = v;
	derivation->logs = support__has_logs(&derivation->support);
	derivation->links = calloc(cnt + 1, sizeof(*derivation->links));
	derivation->index = calloc(MAX_NODES, sizeof(*derivation->index));
	if (!v || !derivation->links || !derivation->index)
		return -1;
	if (cnt)
		memcpy(v, derivation->support.v, cnt * sizeof(*v));
	qsort(v, cnt, sizeof(*v), by_link);
	for (size_t i = 0; i < cnt; i++) {
		if (!link || link->src != v[i].src || link->dst != v[i].dst) {
			link = &derivation->links[derivation->link_cnt++];
			*link = (struct link){ .src = v[i].src, .dst = v[i].dst, .begin = i };
			derivation->index[link->src][link->dst] = (uint16_t)derivation->link_cnt;
			if (link->src > derivation->last_node)
				derivation->last_node = link->src;
			if (link->dst > derivation->last_node)
				derivation->last_node = link->dst;
		}
		link->end = i + 1;
	}
	return 0;
}

/* Of a silent node whose log is not asked for, only what it would have sent is missed. */
static bool is_missed(const struct derivation *derivation, const struct fault *fault,
		      const struct support_member *member, const struct model_opts *opts)
{
	return (!derivation->logs || fault->kind != FAULT_SILENCE || member->src == fault->a) &&
	       model_opts__reaches(opts, fault, member);
}

/* No fault reaches a message before the first begins, and none after the last loss where all are losses. */
static void span_of(const struct fault *faults, size_t cnt, uint32_t *ret_from, uint32_t *ret_end)
{
	*ret_from = NOW_NEVER;
	*ret_end = 0;
	for (size_t i = 0; i < cnt; i++) {
		const bool ends = faults[i].kind == FAULT_LOSS && !faults[i].until;
		const uint32_t end = ends ? faults[i].from + 1 : NOW_NEVER;

		*ret_from = faults[i].from < *ret_from ? faults[i].from : *ret_from;
		*ret_end = end > *ret_end ? end : *ret_end;
	}
}

static size_t first_from(const struct derivation *derivation, const struct link *link, uint32_t step)
{
	size_t low = link->begin, high = link->end;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (derivation->members[mid].step < step)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Multiply into @chances what is left of @link when @faults are in force. */
static void cut_link(const struct derivation *derivation, const struct link *link,
		     const struct fault *faults, size_t cnt, const struct model_opts *opts,
		     struct chances *chances)
{
	double confidence = 0, promise = 0;
	uint32_t from, end;

	span_of(faults, cnt, &from, &end);
	for (size_t i = first_from(derivation, link, from); i < link->end; i++) {
		const struct support_member *member = &derivation->members[i];

		if (member->step >= end)
			break;
		if (member->confidence <= confidence && member->promise <= promise)
			continue;
		for (size_t j = 0; j < cnt; j++) {
			if (!is_missed(derivation, &faults[j], member, opts))
				continue;
			if (member->confidence > confidence)
				confidence = member->confidence;
			if (member->promise > promise)
				promise = member->promise;
			break;
		}
	}
	chances->miss *= 1 - confidence;
	chances->keep *= 1 - promise;
}

/* Faults, and the pairs of nodes that were looked at for them. */
struct cut {
	const struct derivation *derivation;
	const struct fault *faults;
	size_t cnt;
	const struct model_opts *opts;
	uint64_t seen[MAX_NODES];
	struct chances chances;
};

static void cut_pair(struct cut *cut, uint16_t src, uint16_t dst)
{
	const uint16_t index = cut->derivation->index[src][dst];

	if (!index || (cut->seen[src] >> dst & 1))
		return;
	cut->seen[src] |= 1ULL << dst;
	cut_link(cut->derivation, &cut->derivation->links[index - 1], cut->faults, cut->cnt,
		 cut->opts, &cut->chances);
}

static struct chances chances_under(const struct derivation *derivation, const struct fault *faults,
				    size_t cnt, const struct model_opts *opts)
{
	struct cut cut = { .derivation = derivation, .faults = faults, .cnt = cnt, .opts = opts,
			   .chances = { .miss = 1, .keep = 1 } };

	for (size_t i = 0; i < cnt; i++) {
		if (faults[i].kind != FAULT_SILENCE) {
			cut_pair(&cut, faults[i].a, faults[i].b);
			cut_pair(&cut, faults[i].b, faults[i].a);
			continue;
		}
		for (uint16_t other = 0; other <= derivation->last_node; other++) {
			cut_pair(&cut, faults[i].a, other);
			cut_pair(&cut, other, faults[i].a);
		}
	}
	return cut.chances;
}

struct chances derivation__chances(const struct derivation *derivation, const struct variables *vars,
				   const struct hitting_lit *picks, size_t cnt)
{
	struct fault faults[HITTING_PICKS];

	for (size_t i = 0; i < cnt; i++)
		faults[i] = variables__fault(vars, picks[i]);
	return chances_under(derivation, faults, cnt, vars->opts);
}

static int fill_single(struct derivation *derivation, const struct variables *vars)
{
	size_t rows = 0;

	if (grow(&derivation->base, &derivation->base_cap, vars->cnt + 1) < 0)
		return -1;
	for (size_t c = 0; c < vars->cnt; c++) {
		derivation->base[c] = rows;
		rows += vars->v[c].cnt;
	}
	derivation->base[vars->cnt] = rows; /* where joined chains begin */
	if (grow(&derivation->single, &derivation->single_cap, rows + 1) < 0)
		return -1;
	derivation->least_miss = 1;
	for (uint32_t c = 0; c < vars->cnt; c++)
		for (uint32_t p = 0; p < vars->v[c].cnt; p++) {
			struct hitting_lit lit = { .chain = c, .pos = p };
			struct chances *single = &derivation->single[derivation->base[c] + p];

			*single = derivation__chances(derivation, vars, &lit, 1);
			if (single->miss < derivation->least_miss)
				derivation->least_miss = single->miss;
		}
	return 0;
}

int derivation__join(struct derivation *derivation, const struct variables *vars, uint32_t number,
		     const uint32_t *alike, size_t cnt)
{
	const size_t len = vars->v[alike[0]].cnt;
	struct chances *best;

	if (grow(&derivation->base, &derivation->base_cap, number + 2) < 0 ||
	    grow(&derivation->single, &derivation->single_cap, derivation->base[number] + len) < 0)
		return -1;
	best = derivation->single + derivation->base[number];
	derivation->base[number + 1] = derivation->base[number] + len;
	for (size_t p = 0; p < len; p++) {
		best[p] = (struct chances){ .miss = 1 };
		for (size_t i = 0; i < cnt; i++) {
			const struct chances *one = derivation->single + derivation->base[alike[i]] + p;

			best[p].miss = fmin(best[p].miss, one->miss);
			best[p].keep = fmax(best[p].keep, one->keep);
		}
	}
	return 0;
}

static struct derivation *find(struct derivation *v, size_t cnt, const struct fault_set *faults)
{
	for (size_t i = 0; i < cnt; i++)
		if (fault_set__equal(v[i].faults, faults))
			return &v[i];
	return NULL;
}

/* Runs that could have shown it and did not, each by the chance that it was left whole. */
static void set_through(struct derivation *derivation, const struct record *records,
			size_t record_cnt, const struct model_opts *opts)
{
	double failures = 0;

	for (size_t i = 0; i < record_cnt; i++)
		if (records[i].lesson == LESSON_VIOLATED || records[i].lesson == LESSON_VACUOUS)
			failures += chances_under(derivation, records[i].faults.v,
						  records[i].faults.cnt, opts)
					    .miss;
	derivation->through = (derivation->runs + 0.6) / (derivation->runs + failures + 1);
}

static int collect(struct derivation *v, size_t *cnt, const struct record *record)
{
	struct derivation *derivation = find(v, *cnt, &record->faults);

	if (!derivation) {
		derivation = &v[(*cnt)++];
		derivation->faults = &record->faults;
	}
	derivation->runs++;
	return support__join(&derivation->support, &record->support);
}

struct derivation *derivations__new(const struct variables *vars, const struct record *records,
				    size_t record_cnt, size_t *ret_cnt)
{
	struct derivation *v = calloc(record_cnt + 1, sizeof(*v));
	size_t cnt = 0;

	if (!v)
		return NULL;
	for (size_t i = 0; i < record_cnt; i++)
		if (records[i].lesson == LESSON_SURVIVED && collect(v, &cnt, &records[i]) < 0)
			goto free_all;
	for (size_t i = 0; i < cnt; i++) {
		if (sort_links(&v[i]) < 0 || fill_single(&v[i], vars) < 0)
			goto free_all;
		set_through(&v[i], records, record_cnt, vars->opts);
	}
	*ret_cnt = cnt;
	return v;

free_all:
	derivations__free(v, cnt);
	*ret_cnt = 0;
	return NULL;
}
