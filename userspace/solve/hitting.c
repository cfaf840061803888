// SPDX-License-Identifier: GPL-2.0-only
#include "solve/hitting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "solve/matrix.h"

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
	uint64_t *need; /* of the unsatisfied those that no pick reaches by moving */

	struct ranked *stack; /* children of the nodes on the way down */
	size_t stack_cnt, stack_cap;
	unsigned long turns;
	struct hitting_result result;
};

/* Which clauses are hit by one pick, which by two or more. */
static void count_hits(struct search *s)
{
	const size_t words = s->h->words;

	memset(s->once, 0, words * sizeof(*s->once));
	memset(s->twice, 0, words * sizeof(*s->twice));
	for (size_t i = 0; i < s->cnt; i++) {
		const uint64_t *hits = hitting__row(s->h, s->picks[i].chain, s->picks[i].pos);

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
	const uint64_t *now = hitting__row(s->h, pick.chain, pick.pos);
	const uint64_t *later = now + s->h->words;
	const uint64_t *reach = moves ? hitting__row(s->h, pick.chain, s->min_pos[pick.chain]) : now;

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

static size_t count_need(struct search *s)
{
	size_t cnt = 0;

	for (size_t w = 0; w < s->h->words; w++) {
		uint64_t need = s->unsat[w];

		for (size_t i = 0; i < s->cnt && need; i++)
			need &= ~hitting__row(s->h, s->picks[i].chain, s->min_pos[s->picks[i].chain])[w];
		s->need[w] = need;
		cnt += (size_t)__builtin_popcountll(need);
	}
	return cnt;
}

/* How many of the needed clauses a pick of the chain hits, at its earliest. */
static size_t share_of(const struct search *s, uint32_t chain)
{
	const uint64_t *hits;
	size_t cnt = 0;

	if (s->min_pos[chain] >= s->h->chains[chain].len)
		return 0;
	hits = hitting__row(s->h, chain, s->min_pos[chain]);
	for (size_t w = 0; w < s->h->words; w++)
		cnt += (size_t)__builtin_popcountll(s->need[w] & hits[w]);
	return cnt;
}

static size_t largest_share(const struct search *s)
{
	size_t most = 0;

	for (size_t i = 0; i < s->h->column_cnt && s->h->reach[s->h->columns[i]] > most; i++) {
		const size_t share = share_of(s, s->h->columns[i]);

		if (share > most)
			most = share;
	}
	return most;
}

/*
 * How many of the needed clauses the next pick must hit, for the picks after it to hit the others: each of these at
 * most as many as any single one. False: with what is left of the budget no picks do.
 */
static bool least_share(struct search *s, size_t *ret_least)
{
	const size_t left = s->total - s->cnt, need = count_need(s);
	size_t most = 0;

	*ret_least = need;
	if (left < 2 || !need)
		return left || !need;
	if (!s->inner) { /* looks at a few chains only */
		*ret_least = 0;
		return true;
	}
	most = largest_share(s);
	*ret_least = need > (left - 1) * most ? need - (left - 1) * most : 0;
	return need <= left * most;
}

static bool affordable(struct search *s, uint32_t chain)
{
	const uint8_t kind = s->h->chains[chain].kind;
	const int max = s->limits->max[kind];

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

/* May it be next: moved, or picked within the budget and with enough to hit? */
static bool is_open(struct search *s, struct hitting_lit lit, size_t least)
{
	if (lit.pos < s->min_pos[lit.chain])
		return false;
	if (s->at[lit.chain] != NOT_PICKED)
		return true;
	if (!affordable(s, lit.chain))
		return false;
	if (least && share_of(s, lit.chain) < least) {
		s->result.more = true;
		return false;
	}
	return true;
}

static void push(struct search *s, struct hitting_lit lit)
{
	struct ranked *child = &s->stack[s->stack_cnt++];

	*child = (struct ranked){ .lit = lit };
	if (s->guide)
		s->guide->rank(s->guide->ctx, lit, &child->value, &child->bound);
	s->result.nodes++;
}

/* Put the ways to satisfy @clause on the stack, best first. Returns how many. */
static size_t push_children(struct search *s, const struct hitting_clause *clause, size_t least)
{
	const size_t begin = s->stack_cnt, j = (size_t)(clause - s->h->clauses);
	const bool moves = !(s->need[j / 64] >> (j % 64) & 1);

	if (grow(&s->stack, &s->stack_cap, begin + clause->pos_cnt) < 0) {
		s->result.failed = true;
		return 0;
	}
	if (s->guide)
		s->guide->enter(s->guide->ctx, s->picks, s->cnt, s->total - s->cnt);
	for (size_t i = 0; i < clause->pos_cnt; i++) {
		if (!moves && s->h->reach[clause->pos[i].chain] < least) {
			s->result.more = true; /* as do all that follow */
			break;
		}
		if (is_open(s, clause->pos[i], least))
			push(s, clause->pos[i]);
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

/* Each takes from a microsecond to a millisecond. */
#define TURNS_A_QUESTION 256

static bool is_over(struct search *s)
{
	if (s->limits->go_on && ++s->turns % TURNS_A_QUESTION == 0 &&
	    !s->limits->go_on(s->limits->ctx, s->result.nodes))
		s->result.stopped = true;
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

/* The chains that @picks[at] stands for, best first, on the stack. Returns how many. */
static size_t push_alike(struct search *s, size_t at)
{
	const size_t begin = s->stack_cnt;
	struct hitting_lit others[HITTING_PICKS];
	size_t cnt, other_cnt = 0;
	const uint32_t *alike = hitting__joined(s->h, s->picks[at].chain, &cnt);

	if (grow(&s->stack, &s->stack_cap, begin + cnt) < 0) {
		s->result.failed = true;
		return 0;
	}
	for (size_t i = 0; i < s->cnt; i++)
		if (i != at)
			others[other_cnt++] = s->picks[i];
	if (s->guide)
		s->guide->enter(s->guide->ctx, others, other_cnt, 1);
	for (size_t i = 0; i < cnt; i++)
		push(s, (struct hitting_lit){ .chain = alike[i], .pos = s->picks[at].pos });
	if (s->guide)
		qsort(s->stack + begin, cnt, sizeof(*s->stack), by_value);
	return cnt;
}

/* The set with each of the chains that a joined one stands for, from picks[at] on; the inner search compares with
 * what is picked, and leaves them joined. */
static void spell_out(struct search *s, size_t at)
{
	const size_t begin = s->stack_cnt;
	struct hitting_lit joined;
	size_t cnt;

	while (at < s->cnt && (!s->inner || s->picks[at].chain < s->h->plain_cnt))
		at++;
	if (at == s->cnt) {
		if (!s->found(s->ctx, s->picks, s->cnt))
			s->result.stopped = true;
		return;
	}
	joined = s->picks[at];
	cnt = push_alike(s, at);
	for (size_t i = 0; i < cnt && !is_over(s); i++) {
		const struct ranked *child = &s->stack[begin + i];

		if (s->guide && child->bound <= s->guide->floor) {
			s->result.more = true;
			continue;
		}
		s->picks[at] = child->lit;
		spell_out(s, at + 1);
		s->picks[at] = joined;
	}
	s->stack_cnt = begin;
}

static void leaf(struct search *s)
{
	if (all_needed(s, false) && is_minimal(s) && !s->result.failed)
		spell_out(s, 0);
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
	size_t least, cnt, done = 0;

	count_hits(s);
	if (!all_needed(s, true))
		return;
	clause = first_unsatisfied(s);
	if (!clause) {
		leaf(s);
		return;
	}
	if (!least_share(s, &least)) {
		s->result.more = true;
		return;
	}
	cnt = push_children(s, clause, least);
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
	free(s->need);
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
	s->need = calloc(h->words, sizeof(*s->need));
	if (!s->at || !s->min_pos || !s->once || !s->twice || !s->unsat || !s->need) {
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
