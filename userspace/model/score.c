// SPDX-License-Identifier: GPL-2.0-only
#include "model/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/derivation.h"
#include "model/selector.h"

/* What a fault more costs: a level's best must be so much better to be as good. */
#define COST_FACTOR 0.7
/* The promise may be made in ways that no run has shown. */
#define PROMISE_FLOOR 0.02
/* Known to prevent the promise, or to give no answer. */
#define STALE_FACTOR 0.02
/* Ties are broken by the seed, far below what a score means. */
#define TIE_SPAN 1e-6

struct score {
	const struct variables *vars;
	const struct record *records;
	size_t record_cnt;
	struct derivation *v;
	size_t cnt;
	/* the node that is being ranked */
	double *miss;	      /* by derivation: chance that the picks leave it whole */
	double *earliest;     /* the same, had each pick its earliest onset, and with what can come */
	double *keep;	      /* chance that its promise is left, at best */
	double cost_prior;
	size_t more;
};

struct score *score__new(const struct variables *vars, const struct record *records,
			 size_t record_cnt)
{
	struct score *score = calloc(1, sizeof(*score));

	if (!score)
		return NULL;
	score->vars = vars;
	score->records = records;
	score->record_cnt = record_cnt;
	score->v = derivations__new(vars, records, record_cnt, &score->cnt);
	score->miss = calloc(score->cnt + 1, sizeof(*score->miss));
	score->earliest = calloc(score->cnt + 1, sizeof(*score->earliest));
	score->keep = calloc(score->cnt + 1, sizeof(*score->keep));
	if (!score->v || !score->miss || !score->earliest || !score->keep) {
		score__free(score);
		return NULL;
	}
	return score;
}

void score__free(struct score *score)
{
	if (!score)
		return;
	derivations__free(score->v, score->cnt);
	free(score->miss);
	free(score->earliest);
	free(score->keep);
	free(score);
}

/* Both lie on the same pair. */
static bool includes_stall(const struct fault *wide, const struct fault *narrow, bool same_link,
			   bool same_pair)
{
	if (wide->kind == FAULT_STALL)
		return narrow->kind == FAULT_STALL && same_link &&
		       !selector__compare(&wide->selector, &narrow->selector);
	return (wide->kind == FAULT_LINK && same_link) || (wide->kind == FAULT_PARTITION && same_pair);
}

/* Whatever @narrow stops, @wide stops as well. */
static bool includes(const struct fault *wide, const struct fault *narrow)
{
	const bool a = wide->a == narrow->a || (narrow->kind != FAULT_SILENCE && wide->a == narrow->b);
	const bool b = wide->b == narrow->b || wide->b == narrow->a;
	const bool same = wide->a == narrow->a && wide->b == narrow->b;

	if (wide->from > narrow->from || (wide->kind == FAULT_LOSS && wide->from < narrow->from))
		return false;
	if (wide->kind == FAULT_SILENCE)
		return a;
	if (wide->kind == FAULT_STALL || narrow->kind == FAULT_STALL)
		return includes_stall(wide, narrow, same, a && b);
	if (wide->kind == narrow->kind || (wide->kind == FAULT_LINK && narrow->kind == FAULT_LOSS))
		return same;
	return wide->kind == FAULT_PARTITION &&
	       (narrow->kind == FAULT_LINK || narrow->kind == FAULT_LOSS) && a && b;
}

static bool includes_all(const struct score *score, const struct hitting_lit *picks, size_t cnt,
			 const struct fault_set *faults)
{
	for (size_t i = 0; i < faults->cnt; i++) {
		bool found = false;

		for (size_t j = 0; j < cnt && !found; j++) {
			const struct fault fault = variables__fault(score->vars, picks[j]);

			found = includes(&fault, &faults->v[i]);
		}
		if (!found)
			return false;
	}
	return faults->cnt > 0;
}

static double stale(const struct score *score, const struct hitting_lit *picks, size_t cnt)
{
	for (size_t i = 0; i < score->record_cnt; i++) {
		const struct record *record = &score->records[i];

		if ((record->lesson == LESSON_VACUOUS || record->lesson == LESSON_PARKED) &&
		    includes_all(score, picks, cnt, &record->faults))
			return STALE_FACTOR;
	}
	return 1;
}

/* In [0, 1), the same for the same set whatever the order of its picks. */
static double tie(const struct score *score, const struct hitting_lit *picks, size_t cnt)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < cnt; i++) {
		const struct fault fault = variables__fault(score->vars, picks[i]);
		/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014) */
		uint64_t x = score->vars->opts->seed * 0x9e3779b97f4a7c15ULL +
			     ((uint64_t)fault.kind << 60 | (uint64_t)fault.a << 48 |
			      (uint64_t)fault.b << 36 | fault.from);

		x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
		x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
		sum += x ^ (x >> 31);
	}
	return (double)(sum >> 11) * 0x1p-53;
}

static double promise_prior(double keep)
{
	return PROMISE_FLOOR + (1 - PROMISE_FLOOR) * keep;
}

double score__of(struct score *score, const struct hitting_lit *picks, size_t cnt)
{
	double product = pow(COST_FACTOR, (double)cnt) * stale(score, picks, cnt);
	double keep = score->cnt ? 0 : 1;

	for (size_t d = 0; d < score->cnt; d++) {
		const struct derivation *derivation = &score->v[d];
		const struct chances chances = derivation__chances(derivation, score->vars, picks, cnt);

		product *= 1 - derivation->through * chances.miss;
		if (chances.keep > keep)
			keep = chances.keep;
	}
	return product * promise_prior(keep) * (1 - TIE_SPAN * tie(score, picks, cnt));
}

double score__most(size_t cost)
{
	return pow(COST_FACTOR, (double)cost);
}

void score__enter(void *ctx, const struct hitting_lit *picks, size_t cnt, size_t more)
{
	struct score *score = ctx;

	score->more = more;
	score->cost_prior = pow(COST_FACTOR, (double)cnt);
	for (size_t d = 0; d < score->cnt; d++) {
		const struct derivation *derivation = &score->v[d];

		score->miss[d] = score->earliest[d] = score->keep[d] = 1;
		for (size_t i = 0; i < cnt; i++) {
			const struct chances *now = derivation__single(derivation, picks[i]);
			const struct chances *first = derivation__single(
				derivation, (struct hitting_lit){ .chain = picks[i].chain });

			score->miss[d] *= now->miss;
			score->earliest[d] *= first->miss;
			if (now->keep < score->keep[d])
				score->keep[d] = now->keep;
		}
		for (size_t i = 1; i < more; i++)
			score->earliest[d] *= derivation->least_miss;
	}
}

/*
 * The bound: picks may still move to their earliest onsets, others may come, and each leaves at least
 * what the best single fault leaves. Chances multiplied fault by fault are never above the true ones
 * (links that two faults share count once there), what is left of the promise never below.
 */
void score__rank(void *ctx, struct hitting_lit pick, double *ret_value, double *ret_bound)
{
	struct score *score = ctx;
	double value = score->cost_prior, bound = score->cost_prior, keep = score->cnt ? 0 : 1;

	for (size_t d = 0; d < score->cnt; d++) {
		const struct derivation *derivation = &score->v[d];
		const struct chances *now = derivation__single(derivation, pick);
		const struct chances *first = derivation__single(
			derivation, (struct hitting_lit){ .chain = pick.chain });
		const double left = fmin(score->keep[d], now->keep);

		value *= 1 - derivation->through * score->miss[d] * now->miss;
		bound *= 1 - derivation->through * score->earliest[d] * first->miss;
		keep = fmax(keep, left);
	}
	*ret_value = value * promise_prior(keep);
	*ret_bound = bound * promise_prior(keep);
}
