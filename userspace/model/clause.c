// SPDX-License-Identifier: GPL-2.0-only
#include "model/clause.h"

#include <stdlib.h>
#include <string.h>

static bool is_spent(const struct fault_set *faults, const struct support_member *member,
		     const struct model_opts *opts)
{
	for (size_t i = 0; i < faults->cnt; i++)
		if (model_opts__spent(opts, &faults->v[i], member))
			return true;
	return false;
}

int record__init(struct record *record, unsigned int run, const struct fault_set *faults,
		 enum lesson lesson, const struct support *support, const char *why,
		 const struct model_opts *opts)
{
	*record = (struct record){ .run = run, .faults = *faults, .lesson = lesson };
	if (lesson == LESSON_PARKED || lesson == LESSON_VIOLATED)
		support = NULL;
	for (size_t i = 0; support && i < support->cnt; i++) {
		if (is_spent(faults, &support->v[i], opts))
			record->covered++;
		else if (support__add(&record->support, &support->v[i]) < 0)
			goto free_record;
	}
	record->weights = calloc(record->support.cnt + 1, sizeof(*record->weights));
	if (!record->weights)
		goto free_record;
	for (size_t i = 0; i < record->support.cnt; i++)
		record->weights[i] = (struct weight){.traced = record->support.v[i].confidence,
						     .promise = record->support.v[i].promise};
	if (why) {
		record->why = strdup(why);
		if (!record->why)
			goto free_record;
	}
	return 0;

free_record:
	record__free(record);
	return -1;
}

void record__free(struct record *record)
{
	support__free(&record->support);
	course__free(&record->course);
	free(record->weights);
	free(record->why);
	record->weights = NULL;
	record->why = NULL;
}

const char *lesson__name(enum lesson lesson)
{
	static const char *const names[] = { "survived", "vacuous", "parked", "violated" };

	return names[lesson];
}

void clause__see_steps(const struct record *record, struct variables *vars)
{
	for (size_t i = 0; i < record->support.cnt; i++)
		variables__see_step(vars, record->support.v[i].step);
	for (size_t i = 0; i < record->faults.cnt; i++)
		if (variables__has(vars, &record->faults.v[i]))
			variables__see_step(vars, record->faults.v[i].from);
}

/* A stall of the member's link and port was in force when it was sent, and it came through. */
static bool was_left(const struct fault *fault, const struct support_member *member,
		     const struct variables *vars)
{
	return fault->kind == FAULT_STALL && model_opts__reaches(vars->opts, fault, member);
}

int clause__see_stalls(const struct record *record, struct variables *vars)
{
	for (size_t i = 0; i < record->faults.cnt; i++)
		if (record->faults.v[i].kind == FAULT_STALL &&
		    variables__see_fault(vars, &record->faults.v[i]) < 0)
			return -1;
	for (size_t i = 0; i < record->support.cnt; i++)
		for (size_t j = 0; j < record->faults.cnt; j++)
			if (was_left(&record->faults.v[j], &record->support.v[i], vars) &&
			    variables__see_class(vars, &record->support.v[i]) < 0)
				return -1;
	return 0;
}

int clause__see_members(const struct record *record, struct variables *vars)
{
	for (size_t i = 0; i < record->support.cnt; i++)
		if (variables__see_member(vars, &record->support.v[i]) < 0)
			return -1;
	for (size_t i = 0; i < record->faults.cnt; i++)
		if (variables__see_fault(vars, &record->faults.v[i]) < 0)
			return -1;
	return 0;
}

/* Would the lesson be another without this fault? */
static bool is_negated(const struct record *record, const struct fault *fault,
		       enum clause_mode mode)
{
	return mode == CLAUSE_EXACT || record->lesson != LESSON_SURVIVED ||
	       (fault->kind == FAULT_SILENCE && support__has_logs(&record->support));
}

static bool has_all(const struct record *record, const struct variables *vars,
		    enum clause_mode mode)
{
	for (size_t i = 0; i < record->faults.cnt; i++)
		if (is_negated(record, &record->faults.v[i], mode) &&
		    !variables__has(vars, &record->faults.v[i]))
			return false;
	return true;
}

static float strongest(const struct record *record, const struct variables *vars)
{
	struct hitting_lit lits[COVER_MAX];
	float best = 0;

	for (size_t i = 0; i < record->support.cnt; i++) {
		const struct support_member *member = &record->support.v[i];

		if (member->confidence > best && variables__cover(vars, member, lits) > 0)
			best = member->confidence;
	}
	return best;
}

/* Its log is not asked for: what a silent node does not get matters by what it does not send then. */
static bool is_indirect(const struct variables *vars, struct hitting_lit lit,
			const struct support_member *member)
{
	const struct chain *chain = &vars->v[lit.chain];

	return chain->kind == FAULT_SILENCE && chain->a == member->dst;
}

/* The latest of @lit's chain that the record does not show to leave the member alone. False: there is none. */
static bool narrow_to_unknown(const struct record *record, const struct variables *vars,
			      struct hitting_lit *lit)
{
	const struct chain *chain = &vars->v[lit->chain];

	for (size_t i = 0; i < record->faults.cnt; i++) {
		const struct fault *fault = &record->faults.v[i];

		if (fault->kind != FAULT_STALL || !variables__has(vars, fault) ||
		    variables__literal(vars, fault).chain != lit->chain)
			continue;
		while (chain->onset[lit->pos] >= fault->from)
			if (lit->pos-- == 0)
				return false;
	}
	return true;
}

/* latest[chain] = position + 1 of the latest literal; one x[p] says all of x[0..p]. */
static void collect_cover(const struct record *record, const struct variables *vars, float least,
			  uint32_t *latest)
{
	const bool direct = least > 0 && support__has_logs(&record->support);
	struct hitting_lit lits[COVER_MAX];

	for (size_t i = 0; i < record->support.cnt; i++) {
		const struct support_member *member = &record->support.v[i];
		size_t cnt = member->confidence < least ? 0 : variables__cover(vars, member, lits);

		for (size_t j = 0; j < cnt; j++)
			if ((!direct || !is_indirect(vars, lits[j], member)) &&
			    narrow_to_unknown(record, vars, &lits[j]) &&
			    latest[lits[j].chain] < lits[j].pos + 1)
				latest[lits[j].chain] = lits[j].pos + 1;
	}
}

/* More than the set: a fault of another chain, or one of its own from an earlier step. */
static void collect_others(const struct record *record, const struct variables *vars,
			   uint32_t *latest)
{
	for (size_t c = 0; c < vars->cnt; c++)
		latest[c] = (uint32_t)vars->v[c].cnt;
	for (size_t i = 0; i < record->faults.cnt; i++) {
		struct hitting_lit lit = variables__literal(vars, &record->faults.v[i]);

		if (latest[lit.chain] > lit.pos)
			latest[lit.chain] = lit.pos;
	}
}

static int take_positive(struct hitting_clause *clause, const uint32_t *latest, size_t chain_cnt)
{
	clause->pos = malloc((chain_cnt + 1) * sizeof(*clause->pos));
	if (!clause->pos)
		return -1;
	for (uint32_t c = 0; c < chain_cnt; c++)
		if (latest[c])
			clause->pos[clause->pos_cnt++] =
				(struct hitting_lit){ .chain = c, .pos = latest[c] - 1 };
	return 0;
}

/* One literal a chain: of two faults on one chain the earlier is the fault. */
static int take_negative(struct hitting_clause *clause, const struct record *record,
			 const struct variables *vars, enum clause_mode mode)
{
	clause->neg = malloc((record->faults.cnt + 1) * sizeof(*clause->neg));
	if (!clause->neg)
		return -1;
	for (size_t i = 0; i < record->faults.cnt; i++) {
		struct hitting_lit *last = clause->neg + clause->neg_cnt, lit;

		if (!is_negated(record, &record->faults.v[i], mode))
			continue;
		lit = variables__literal(vars, &record->faults.v[i]);
		/* the set is sorted by chain, then onset */
		if (clause->neg_cnt && last[-1].chain == lit.chain)
			continue;
		*last = lit;
		clause->neg_cnt++;
	}
	return 0;
}

int clause__make(const struct record *record, const struct variables *vars, enum clause_mode mode,
		 float part, struct hitting_clause *ret)
{
	struct hitting_clause clause = { 0 };
	uint32_t *latest;
	int failed = -1;

	if (!has_all(record, vars, mode))
		return 0;
	latest = calloc(vars->cnt + 1, sizeof(*latest));
	if (!latest)
		return -1;
	if (record->lesson == LESSON_PARKED)
		collect_others(record, vars, latest);
	else
		collect_cover(record, vars, part * strongest(record, vars), latest);
	failed = take_positive(&clause, latest, vars->cnt);
	if (!failed)
		failed = take_negative(&clause, record, vars, mode);
	free(latest);
	if (failed) {
		clause__free(&clause);
		return -1;
	}
	*ret = clause;
	return 1;
}

void clause__free(struct hitting_clause *clause)
{
	free(clause->pos);
	free(clause->neg);
	memset(clause, 0, sizeof(*clause));
}
