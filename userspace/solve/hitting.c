// SPDX-License-Identifier: GPL-2.0-only
#include "solve/hitting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

struct hitting {
	struct hitting_chain *chains;
	size_t chain_cnt;
	struct hitting_clause *clauses; /* by rising number of positive literals */
	size_t clause_cnt;
	size_t words;
	size_t *base;	 /* by chain: the row of its position 0 */
	uint64_t *hits;	 /* by row: the clauses that a pick of that position hits */
	uint64_t *plain; /* the clauses without negated literals */
	bool all_plain;
};

#define NOT_PICKED UINT32_MAX

struct ranked {
	struct hitting_lit lit;
	double value, bound;
};

struct search {
	const struct hitting *h;
	const struct hitting_limits *limits;
	struct hitting_guide *guide;
	bool (*found)(void *ctx, const struct hitting_lit *picks, size_t cnt);
	void *ctx;
	struct search *inner; /* looks for models inside a model; NULL in the inner one itself */

	struct hitting_lit picks[HITTING_PICKS];
	size_t cnt;
	size_t total;
	size_t kind_cnt[HITTING_KINDS];
	uint32_t *at;	   /* by chain: what is picked, or NOT_PICKED */
	uint32_t *min_pos; /* by chain: earlier positions are forbidden */
	uint64_t *once, *twice, *unsat;

	struct ranked *stack; /* children of the nodes on the way down */
	size_t stack_cnt, stack_cap;
	struct hitting_result result;
};

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

static uint64_t *row(const struct hitting *h, uint32_t chain, uint32_t pos)
{
	return h->hits + (h->base[chain] + pos) * h->words;
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
				row(h, clause->pos[i].chain, p)[j / 64] |= 1ULL << (j % 64);
		if (clause->neg_cnt == 0)
			h->plain[j / 64] |= 1ULL << (j % 64);
		else
			h->all_plain = false;
	}
	return 0;
}

struct hitting *hitting__new(const struct hitting_chain *chains, size_t chain_cnt,
			     const struct hitting_clause *clauses, size_t clause_cnt)
{
	struct hitting *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->all_plain = true;
	h->chain_cnt = chain_cnt;
	h->words = clause_cnt / 64 + 1;
	h->chains = copy(chains, chain_cnt, sizeof(*chains));
	h->base = calloc(chain_cnt + 1, sizeof(*h->base));
	h->plain = calloc(h->words, sizeof(*h->plain));
	if (!h->chains || !h->base || !h->plain || copy_clauses(h, clauses, clause_cnt) < 0 ||
	    make_rows(h) < 0) {
		hitting__free(h);
		return NULL;
	}
	return h;
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
	free(h->hits);
	free(h->plain);
	free(h);
}

/* Which clauses are hit by one pick, which by two or more. */
static void count_hits(struct search *s)
{
	const size_t words = s->h->words;

	memset(s->once, 0, words * sizeof(*s->once));
	memset(s->twice, 0, words * sizeof(*s->twice));
	for (size_t i = 0; i < s->cnt; i++) {
		const uint64_t *hits = row(s->h, s->picks[i].chain, s->picks[i].pos);

		for (size_t w = 0; w < words; w++) {
			s->twice[w] |= s->once[w] & hits[w];
			s->once[w] |= hits[w];
		}
	}
}

/*
 * Must this pick be there: is there a clause that it alone hits, and would not hit one position
 * later? With @moves, from any position that it may still move to; picks to come can only take such
 * clauses away.
 */
static bool is_needed(const struct search *s, struct hitting_lit pick, bool moves)
{
	const uint64_t *now = row(s->h, pick.chain, pick.pos);
	const uint64_t *later = now + s->h->words;
	const uint64_t *reach = moves ? row(s->h, pick.chain, s->min_pos[pick.chain]) : now;

	for (size_t w = 0; w < s->h->words; w++) {
		uint64_t by_others = s->twice[w] | (s->once[w] & ~now[w]);

		if (reach[w] & ~later[w] & ~by_others)
			return true;
	}
	return false;
}

static bool all_needed(const struct search *s, bool moves)
{
	for (size_t i = 0; i < s->cnt; i++)
		if (!is_needed(s, s->picks[i], moves))
			return false;
	return true;
}

/* Are all its negated literals false? */
static bool is_armed(const struct search *s, const struct hitting_clause *clause)
{
	for (size_t i = 0; i < clause->neg_cnt; i++) {
		uint32_t at = s->at[clause->neg[i].chain];

		if (at == NOT_PICKED || at > clause->neg[i].pos)
			return false;
	}
	return true;
}

/* The smallest clause that the picks leave false, or NULL. */
static const struct hitting_clause *first_unsatisfied(struct search *s)
{
	const struct hitting *h = s->h;
	const struct hitting_clause *first = NULL;

	for (size_t w = 0; w < h->words; w++) {
		uint64_t open = ~s->once[w];

		if (w == h->words - 1)
			open &= (1ULL << (h->clause_cnt % 64)) - 1;
		for (s->unsat[w] = 0; open; open &= open - 1) {
			size_t j = w * 64 + (size_t)__builtin_ctzll(open);

			if (!(h->plain[w] & open & -open) && !is_armed(s, &h->clauses[j]))
				continue;
			s->unsat[w] |= open & -open;
			if (!first)
				first = &h->clauses[j];
		}
	}
	return first;
}

/* With the budget spent, picks can only move to earlier positions: is that enough? */
static bool can_reach(const struct search *s)
{
	if (s->cnt < s->total)
		return true;
	for (size_t w = 0; w < s->h->words; w++) {
		uint64_t open = s->unsat[w];

		for (size_t i = 0; i < s->cnt && open; i++)
			open &= ~row(s->h, s->picks[i].chain, s->min_pos[s->picks[i].chain])[w];
		if (open)
			return false;
	}
	return true;
}

static bool affordable(struct search *s, uint32_t chain)
{
	const uint8_t kind = s->h->chains[chain].kind;
	const int max = s->limits->max[kind];

	if (s->at[chain] != NOT_PICKED)
		return true;
	if (s->cnt < s->total && (max < 0 || s->kind_cnt[kind] < (size_t)max))
		return true;
	s->result.more = true;
	return false;
}

static int by_value(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->value != b->value)
		return a->value > b->value ? -1 : 1;
	if (a->lit.chain != b->lit.chain)
		return a->lit.chain < b->lit.chain ? -1 : 1;
	return 0;
}

/* Put the ways to satisfy @clause on the stack, best first. Returns how many. */
static size_t push_children(struct search *s, const struct hitting_clause *clause)
{
	const size_t begin = s->stack_cnt;

	if (grow(&s->stack, &s->stack_cap, begin + clause->pos_cnt) < 0) {
		s->result.failed = true;
		return 0;
	}
	if (s->guide)
		s->guide->enter(s->guide->ctx, s->picks, s->cnt, s->total - s->cnt);
	for (size_t i = 0; i < clause->pos_cnt; i++) {
		struct ranked *child = &s->stack[s->stack_cnt];

		child->lit = clause->pos[i];
		child->value = child->bound = 0;
		if (child->lit.pos < s->min_pos[child->lit.chain] ||
		    !affordable(s, child->lit.chain))
			continue;
		if (s->guide)
			s->guide->rank(s->guide->ctx, child->lit, &child->value, &child->bound);
		s->stack_cnt++;
		s->result.nodes++;
	}
	if (s->guide && s->stack_cnt > begin)
		qsort(s->stack + begin, s->stack_cnt - begin, sizeof(*s->stack), by_value);
	return s->stack_cnt - begin;
}

static size_t index_of(const struct search *s, uint32_t chain)
{
	for (size_t i = 0; i < s->cnt; i++)
		if (s->picks[i].chain == chain)
			return i;
	return s->cnt;
}

static void pick(struct search *s, struct hitting_lit lit)
{
	size_t i = index_of(s, lit.chain);

	if (i == s->cnt) {
		s->cnt++;
		s->kind_cnt[s->h->chains[lit.chain].kind]++;
	}
	s->picks[i] = lit;
	s->at[lit.chain] = lit.pos;
}

/* Take a pick back, or move it to where it was before. */
static void unpick(struct search *s, uint32_t chain, uint32_t before)
{
	s->at[chain] = before;
	if (before != NOT_PICKED) {
		s->picks[index_of(s, chain)].pos = before;
		return;
	}
	assert(s->picks[s->cnt - 1].chain == chain);
	s->cnt--;
	s->kind_cnt[s->h->chains[chain].kind]--;
}

static bool is_over(const struct search *s)
{
	return s->result.stopped || s->result.failed ||
	       (s->limits->nodes >= 0 && s->result.nodes > s->limits->nodes);
}

static void branch(struct search *s);

/* Is there a model inside the one that is picked? Needed only where clauses hold negations. */
static bool is_minimal(struct search *s)
{
	struct search *inner = s->inner;

	if (s->h->all_plain || !inner)
		return true;
	for (size_t i = 0; i < s->cnt; i++)
		inner->min_pos[s->picks[i].chain] = s->picks[i].pos;
	memset(&inner->result, 0, sizeof(inner->result));
	inner->ctx = s;
	inner->total = s->cnt;
	branch(inner);
	for (size_t i = 0; i < s->cnt; i++)
		inner->min_pos[s->picks[i].chain] = UINT32_MAX;
	s->result.failed |= inner->result.failed;
	return !inner->result.stopped;
}

/* The inner search's found: go on only while it is the outer model itself. */
static bool is_outer(void *ctx, const struct hitting_lit *picks, size_t cnt)
{
	const struct search *outer = ctx;

	if (cnt != outer->cnt)
		return false;
	for (size_t i = 0; i < cnt; i++)
		if (outer->at[picks[i].chain] != picks[i].pos)
			return false;
	return true;
}

static void leaf(struct search *s)
{
	if (all_needed(s, false) && is_minimal(s) && !s->result.failed && !s->found(s->ctx, s->picks, s->cnt))
		s->result.stopped = true;
}

static void descend(struct search *s, const struct ranked *child)
{
	const uint32_t chain = child->lit.chain, before = s->at[chain];

	if (s->guide && child->bound <= s->guide->floor) {
		s->result.more = true;
		return;
	}
	pick(s, child->lit);
	branch(s);
	unpick(s, chain, before);
}

/* Complete, each set once: the set has a literal of the clause; its first is the branch taken, and
 * those before are forbidden in it. */
static void branch(struct search *s)
{
	const size_t begin = s->stack_cnt;
	const struct hitting_clause *clause;
	size_t cnt, done = 0;

	count_hits(s);
	if (!all_needed(s, true))
		return;
	clause = first_unsatisfied(s);
	if (!clause) {
		leaf(s);
		return;
	}
	if (!can_reach(s)) {
		s->result.more = true;
		return;
	}
	cnt = push_children(s, clause);
	for (; done < cnt && !is_over(s); done++) {
		struct ranked child = s->stack[begin + done];
		uint32_t *min_pos = &s->min_pos[child.lit.chain];

		descend(s, &child);
		/* forbidden in the branches that follow; the stack keeps what was before */
		s->stack[begin + done].lit.pos = *min_pos;
		*min_pos = child.lit.pos + 1;
	}
	while (done-- > 0)
		s->min_pos[s->stack[begin + done].lit.chain] = s->stack[begin + done].lit.pos;
	s->stack_cnt = begin;
}

static void search__free(struct search *s)
{
	if (!s)
		return;
	search__free(s->inner);
	free(s->at);
	free(s->min_pos);
	free(s->once);
	free(s->twice);
	free(s->unsat);
	free(s->stack);
	free(s);
}

static struct search *search__new(const struct hitting *h, const struct hitting_limits *limits)
{
	const size_t chains = h->chain_cnt + 1;
	struct search *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->h = h;
	s->limits = limits;
	s->total = HITTING_PICKS;
	if (limits->total >= 0 && limits->total < HITTING_PICKS)
		s->total = (size_t)limits->total;
	s->at = malloc(chains * sizeof(*s->at));
	s->min_pos = calloc(chains, sizeof(*s->min_pos));
	s->once = calloc(h->words, sizeof(*s->once));
	s->twice = calloc(h->words, sizeof(*s->twice));
	s->unsat = calloc(h->words, sizeof(*s->unsat));
	if (!s->at || !s->min_pos || !s->once || !s->twice || !s->unsat) {
		search__free(s);
		return NULL;
	}
	for (size_t c = 0; c < chains; c++)
		s->at[c] = NOT_PICKED;
	return s;
}

static struct search *inner__new(const struct hitting *h)
{
	static const struct hitting_limits all = { .max = { -1, -1, -1, -1, -1, -1, -1, -1 },
						   .total = -1,
						   .nodes = -1 };
	struct search *s = search__new(h, &all);

	for (size_t c = 0; s && c < h->chain_cnt; c++)
		s->min_pos[c] = UINT32_MAX;
	if (s)
		s->found = is_outer;
	return s;
}

struct hitting_result hitting__search(struct hitting *h, const struct hitting_limits *limits,
				      struct hitting_guide *guide,
				      bool (*found)(void *ctx, const struct hitting_lit *picks,
						    size_t cnt),
				      void *ctx)
{
	struct search *s = search__new(h, limits);
	struct hitting_result result = { .failed = true };

	if (s)
		s->inner = inner__new(h);
	if (s && s->inner) {
		s->guide = guide;
		s->found = found;
		s->ctx = ctx;
		branch(s);
		result = s->result;
		result.complete = !is_over(s);
	}
	search__free(s);
	return result;
}

static bool is_picked(struct hitting_lit lit, const struct hitting_lit *picks, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		if (picks[i].chain == lit.chain)
			return picks[i].pos <= lit.pos;
	return false;
}

bool hitting__holds(const struct hitting_clause *clauses, size_t clause_cnt,
		    const struct hitting_lit *picks, size_t cnt)
{
	for (size_t j = 0; j < clause_cnt; j++) {
		const struct hitting_clause *clause = &clauses[j];
		bool holds = false;

		for (size_t i = 0; i < clause->pos_cnt && !holds; i++)
			holds = is_picked(clause->pos[i], picks, cnt);
		for (size_t i = 0; i < clause->neg_cnt && !holds; i++)
			holds = !is_picked(clause->neg[i], picks, cnt);
		if (!holds)
			return false;
	}
	return true;
}
