// SPDX-License-Identifier: GPL-2.0-only
#include "solve/matrix.h"

#include <stdlib.h>
#include <string.h>

static void *copy(const void *from, size_t cnt, size_t size)
{
	void *to = calloc(cnt ? cnt : 1, size);

	if (to && cnt)
		memcpy(to, from, cnt * size);
	return to;
}

/* Smallest first; those of one size stay in their order. */
static void sort_clauses(struct hitting_clause *v, size_t cnt)
{
	for (size_t i = 1; i < cnt; i++) {
		const struct hitting_clause clause = v[i];
		size_t at = i;

		for (; at > 0 && v[at - 1].pos_cnt > clause.pos_cnt; at--)
			v[at] = v[at - 1];
		v[at] = clause;
	}
}

static int copy_clauses(struct hitting *h, const struct hitting_clause *clauses, size_t cnt)
{
	h->clauses = calloc(cnt ? cnt : 1, sizeof(*h->clauses));
	if (!h->clauses)
		return -1;
	for (size_t i = 0; i < cnt; i++) {
		struct hitting_clause *clause = &h->clauses[h->clause_cnt++];

		*clause = clauses[i];
		clause->pos = copy(clauses[i].pos, clauses[i].pos_cnt, sizeof(*clause->pos));
		clause->neg = copy(clauses[i].neg, clauses[i].neg_cnt, sizeof(*clause->neg));
		if (!clause->pos || !clause->neg)
			return -1;
	}
	sort_clauses(h->clauses, cnt);
	return 0;
}

/* Chain by chain, one row a position and an empty one behind the last. */
static int make_rows(struct hitting *h)
{
	size_t rows = 0;

	for (size_t c = 0; c < h->chain_cnt; c++) {
		h->base[c] = rows;
		rows += h->chains[c].len + 1;
	}
	h->hits = calloc(rows * h->words + 1, sizeof(*h->hits));
	if (!h->hits)
		return -1;
	for (size_t j = 0; j < h->clause_cnt; j++) {
		const struct hitting_clause *clause = &h->clauses[j];

		for (size_t i = 0; i < clause->pos_cnt; i++)
			for (uint32_t p = 0; p <= clause->pos[i].pos; p++)
				hitting__row(h, clause->pos[i].chain, p)[j / 64] |= 1ULL << (j % 64);
		if (clause->neg_cnt == 0)
			h->plain[j / 64] |= 1ULL << (j % 64);
		else
			h->all_plain = false;
	}
	return 0;
}

static bool is_negated(const struct hitting *h, uint32_t chain)
{
	for (size_t j = 0; j < h->clause_cnt; j++)
		for (size_t i = 0; i < h->clauses[j].neg_cnt; i++)
			if (h->clauses[j].neg[i].chain == chain)
				return true;
	return false;
}

static int compare_columns(const struct hitting *h, uint32_t x, uint32_t y)
{
	const struct hitting_chain *a = &h->chains[x], *b = &h->chains[y];

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(hitting__row(h, x, 0), hitting__row(h, y, 0),
		      a->len * h->words * sizeof(*h->hits));
}

static int by_column(const void *x, const void *y, void *h)
{
	const uint32_t *a = x, *b = y;
	const int order = compare_columns(h, *a, *b);

	return order ? order : *a < *b ? -1 : *a > *b;
}

static int by_reach(const void *x, const void *y, void *ctx)
{
	const uint32_t *a = x, *b = y;
	const struct hitting *h = ctx;

	if (h->reach[*a] != h->reach[*b])
		return h->reach[*a] > h->reach[*b] ? -1 : 1;
	return *a < *b ? -1 : *a > *b;
}

static int lit_by_reach(const void *x, const void *y, void *h)
{
	const struct hitting_lit *a = x, *b = y;

	return by_reach(&a->chain, &b->chain, h);
}

static uint32_t count_bits(const uint64_t *row, size_t words)
{
	uint32_t cnt = 0;

	for (size_t w = 0; w < words; w++)
		cnt += (uint32_t)__builtin_popcountll(row[w]);
	return cnt;
}

/* @v[0..cnt) are alike: one chain more stands for them. */
static void join(struct hitting *h, const uint32_t *v, size_t cnt, uint32_t *joined)
{
	const size_t number = h->chain_cnt++, group = number - h->plain_cnt;
	uint32_t *alike = h->alike + h->group[group];

	for (size_t i = 0; i < cnt; i++) {
		alike[i] = v[i];
		joined[v[i]] = (uint32_t)number;
	}
	h->group[group + 1] = h->group[group] + cnt;
	h->chains[number] = h->chains[v[0]];
	h->base[number] = h->base[v[0]];
	h->reach[number] = h->reach[v[0]];
}

/* Sorts h->columns by what they hit. joined[chain]: what stands for it, itself where it is alone. */
static void join_alike(struct hitting *h, uint32_t *joined)
{
	uint32_t *v = h->columns;
	size_t cnt = 0;

	for (uint32_t c = 0; c < h->plain_cnt; c++) {
		joined[c] = c;
		if (h->reach[c] && (h->all_plain || !is_negated(h, c)))
			v[cnt++] = c;
	}
	qsort_r(v, cnt, sizeof(*v), by_column, h);
	for (size_t i = 0, next; i < cnt; i = next) {
		for (next = i + 1; next < cnt && !compare_columns(h, v[i], v[next]); next++)
			;
		if (next > i + 1)
			join(h, v + i, next - i, joined);
	}
}

/* Each joined chain in place of the first that it stands for. */
static void rewrite_clauses(struct hitting *h, const uint32_t *joined)
{
	for (size_t j = 0; j < h->clause_cnt; j++) {
		struct hitting_clause *clause = &h->clauses[j];
		size_t cnt = 0;

		for (size_t i = 0; i < clause->pos_cnt; i++) {
			struct hitting_lit lit = clause->pos[i];
			const uint32_t stands = joined[lit.chain];

			if (stands >= h->plain_cnt && h->alike[h->group[stands - h->plain_cnt]] != lit.chain)
				continue;
			lit.chain = stands;
			clause->pos[cnt++] = lit;
		}
		clause->pos_cnt = cnt;
		qsort_r(clause->pos, cnt, sizeof(*clause->pos), lit_by_reach, h);
	}
}

static int make_columns(struct hitting *h)
{
	uint32_t *joined = calloc(h->plain_cnt + 1, sizeof(*joined));

	if (!joined)
		return -1;
	for (uint32_t c = 0; c < h->plain_cnt; c++)
		h->reach[c] = count_bits(hitting__row(h, c, 0), h->words);
	join_alike(h, joined);
	rewrite_clauses(h, joined);
	for (uint32_t c = 0; c < h->chain_cnt; c++)
		if (h->reach[c] && (c >= h->plain_cnt || joined[c] == c))
			h->columns[h->column_cnt++] = c;
	qsort_r(h->columns, h->column_cnt, sizeof(*h->columns), by_reach, h);
	free(joined);
	return 0;
}

/* Room for the joined chains, too: each stands for at least two. */
static int reserve(struct hitting *h, const struct hitting_chain *chains, size_t cnt)
{
	const size_t room = cnt + cnt / 2 + 1;

	h->chains = calloc(room, sizeof(*h->chains));
	h->base = calloc(room, sizeof(*h->base));
	h->reach = calloc(room, sizeof(*h->reach));
	h->columns = calloc(room, sizeof(*h->columns));
	h->alike = calloc(cnt + 1, sizeof(*h->alike));
	h->group = calloc(cnt / 2 + 2, sizeof(*h->group));
	h->plain = calloc(h->words, sizeof(*h->plain));
	if (!h->chains || !h->base || !h->reach || !h->columns || !h->alike || !h->group || !h->plain)
		return -1;
	if (cnt)
		memcpy(h->chains, chains, cnt * sizeof(*chains));
	return 0;
}

struct hitting *hitting__new(const struct hitting_chain *chains, size_t chain_cnt,
			     const struct hitting_clause *clauses, size_t clause_cnt)
{
	struct hitting *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->all_plain = true;
	h->chain_cnt = h->plain_cnt = chain_cnt;
	h->words = clause_cnt / 64 + 1;
	if (reserve(h, chains, chain_cnt) < 0 || copy_clauses(h, clauses, clause_cnt) < 0 ||
	    make_rows(h) < 0 || make_columns(h) < 0) {
		hitting__free(h);
		return NULL;
	}
	return h;
}

const uint32_t *hitting__joined(const struct hitting *h, uint32_t number, size_t *ret_cnt)
{
	const size_t group = number - h->plain_cnt;

	if (number < h->plain_cnt || number >= h->chain_cnt)
		return NULL;
	*ret_cnt = h->group[group + 1] - h->group[group];
	return h->alike + h->group[group];
}

void hitting__free(struct hitting *h)
{
	if (!h)
		return;
	for (size_t j = 0; h->clauses && j < h->clause_cnt; j++) {
		free(h->clauses[j].pos);
		free(h->clauses[j].neg);
	}
	free(h->clauses);
	free(h->chains);
	free(h->base);
	free(h->reach);
	free(h->columns);
	free(h->alike);
	free(h->group);
	free(h->hits);
	free(h->plain);
	free(h);
}
