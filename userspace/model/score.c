// SPDX-License-Identifier: GPL-2.0-only
#include "model/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/derivation.h"
#include "model/influence.h"
#include "model/remains.h"
#include "model/selector.h"

/* What a fault more costs: a level's best must be so much better to be as good. */
#define COST_FACTOR 0.7
#define COST_FACTOR_WATCHED 0.85 /* where scores rest on what experiments changed (influence.h) */
/* The promise may be made in ways that no run has shown. */
#define PROMISE_FLOOR 0.02
#define PROMISE_FLOOR_WATCHED 0.1
/* Known to prevent the promise, or to give no answer. */
#define STALE_FACTOR 0.02
/* How much the other derivations count, all together, beside those of tried sets within the candidate. */
#define ELSEWHERE 2.5
#define ELSEWHERE_KEEP 0.5 /* what they are worth for the promise */
#define MAX_WITHIN 64
/* What a set is worth that leaves all there was for the check to read, beside one that leaves nothing. */
#define NOTHING_TAKEN 0.5
/* Ties are broken by the seed, far below what a score means. */
#define TIE_SPAN 1e-6

struct score {
	const struct variables *vars;
	const struct record *records;
	size_t record_cnt;
	struct remains *remains;
	bool watched;
	struct derivation *v;
	size_t cnt;
	/* the node that is being ranked */
	double *miss;	      /* by derivation: chance that the picks leave it whole */
	double *earliest;     /* the same, had each pick its earliest onset, and with what can come */
	double *keep;	      /* chance that its promise is left, at best */
	double cost_prior;
	const struct hitting_lit *picks;
	size_t pick_cnt, more;
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
	score->watched = influence__watched(records, record_cnt);
	score->remains = remains__new(records, record_cnt);
	score->miss = calloc(score->cnt + 1, sizeof(*score->miss));
	score->earliest = calloc(score->cnt + 1, sizeof(*score->earliest));
	score->keep = calloc(score->cnt + 1, sizeof(*score->keep));
	if (!score->v || !score->remains || !score->miss || !score->earliest || !score->keep) {
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
	remains__free(score->remains);
	free(score->miss);
	free(score->earliest);
	free(score->keep);
	free(score);
}

int score__join(struct score *score, const struct hitting *hitting)
{
	const uint32_t *alike;
	size_t cnt;

	for (uint32_t c = (uint32_t)score->vars->cnt; (alike = hitting__joined(hitting, c, &cnt)); c++)
		for (size_t d = 0; d < score->cnt; d++)
			if (derivation__join(&score->v[d], score->vars, c, alike, cnt) < 0)
				return -1;
	return 0;
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

/* A set, as the faults that it stands for. */
struct candidate_set {
	struct fault v[HITTING_PICKS];
	size_t cnt;
};

static void set_of(const struct score *score, const struct hitting_lit *picks, size_t cnt,
		   struct candidate_set *ret)
{
	for (size_t i = 0; i < cnt; i++)
		ret->v[i] = variables__fault(score->vars, picks[i]);
	ret->cnt = cnt;
}

static bool includes_all(const struct candidate_set *set, const struct fault_set *faults)
{
	for (size_t i = 0; i < faults->cnt; i++) {
		bool found = false;

		for (size_t j = 0; j < set->cnt && !found; j++)
			found = includes(&set->v[j], &faults->v[i]);
		if (!found)
			return false;
	}
	return true;
}

static double stale(const struct score *score, const struct candidate_set *set)
{
	for (size_t i = 0; i < score->record_cnt; i++) {
		const struct record *record = &score->records[i];

		if ((record->lesson == LESSON_VACUOUS || record->lesson == LESSON_PARKED) &&
		    includes_all(set, &record->faults))
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

static double promise_prior(const struct score *score, double keep)
{
	const double floor = score->watched ? PROMISE_FLOOR_WATCHED : PROMISE_FLOOR;

	return floor + (1 - floor) * keep;
}

static double cost_prior(const struct score *score, size_t cost)
{
	return pow(score->watched ? COST_FACTOR_WATCHED : COST_FACTOR, (double)cost);
}

bool score__watched(const struct score *score)
{
	return score->watched;
}

/* Are the faults of another of @within more of the same? */
static bool is_outdone(const struct derivation *const *within, size_t cnt, size_t index)
{
	for (size_t i = 0; i < cnt; i++)
		if (i != index && within[i]->faults->cnt > within[index]->faults->cnt &&
		    fault_set__implies(within[i]->faults, within[index]->faults))
			return true;
	return false;
}

static double mean(double sum, size_t cnt)
{
	return cnt ? sum / (double)cnt : 0;
}

/* Each derivation as one way more that has to be blocked. */
static double by_all(const struct score *score, const struct hitting_lit *picks, size_t cnt, double *ret_keep)
{
	double product = 1, keep = score->cnt ? 0 : 1;

	for (size_t d = 0; d < score->cnt; d++) {
		const struct chances chances = derivation__chances(&score->v[d], score->vars, picks, cnt);

		product *= 1 - score->v[d].through * chances.miss;
		keep = fmax(keep, chances.keep);
	}
	*ret_keep = keep;
	return product;
}

/* Those of tried sets within the candidate decide. */
static double by_nearest(const struct score *score, const struct candidate_set *set,
			 const struct hitting_lit *picks, size_t cnt, double *ret_keep)
{
	const struct derivation *within[MAX_WITHIN];
	double miss[MAX_WITHIN], out_sum = 0, keep = 0, least = 1;
	size_t within_cnt = 0, out_cnt = 0;

	for (size_t d = 0; d < score->cnt; d++) {
		const struct derivation *derivation = &score->v[d];
		const struct chances chances = derivation__chances(derivation, score->vars, picks, cnt);

		if (within_cnt < MAX_WITHIN && includes_all(set, derivation->faults)) {
			within[within_cnt] = derivation;
			miss[within_cnt++] = chances.miss;
			keep = fmax(keep, chances.keep);
			continue;
		}
		out_sum += log(1 - derivation->through * chances.miss);
		out_cnt++;
		keep = fmax(keep, ELSEWHERE_KEEP * chances.keep);
	}
	for (size_t i = 0; i < within_cnt; i++)
		if (!is_outdone(within, within_cnt, i))
			least = fmin(least, 1 - within[i]->through * miss[i]);
	*ret_keep = keep;
	return least * exp(ELSEWHERE * mean(out_sum, out_cnt));
}

double score__of(struct score *score, const struct hitting_lit *picks, size_t cnt)
{
	struct candidate_set set;
	double keep, shown = 1, chance;

	set_of(score, picks, cnt, &set);
	if (score->watched) {
		chance = by_nearest(score, &set, picks, cnt, &keep);
		chance *= 1 - remains__under(score->remains, set.v, cnt, &shown) + NOTHING_TAKEN;
	} else {
		chance = by_all(score, picks, cnt, &keep);
	}
	chance *= cost_prior(score, cnt) * stale(score, &set);
	return chance * promise_prior(score, fmin(keep, shown)) * (1 - TIE_SPAN * tie(score, picks, cnt));
}

double score__most(const struct score *score, size_t cost)
{
	return cost_prior(score, cost);
}

void score__enter(void *ctx, const struct hitting_lit *picks, size_t cnt, size_t more)
{
	struct score *score = ctx;

	score->picks = picks;
	score->pick_cnt = cnt;
	score->more = more;
	score->cost_prior = cost_prior(score, cnt + more); /* others were found among the cheaper sets */
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

/* A pick that moves leaves room for one more. */
static bool is_move(const struct score *score, struct hitting_lit pick)
{
	for (size_t i = 0; i < score->pick_cnt; i++)
		if (score->picks[i].chain == pick.chain)
			return score->more;
	return false;
}

/*
 * As if of the tried sets only the empty one lay within the candidate. The bound: picks may still move to their
 * earliest onsets, others may come, and each leaves at least what the best single fault leaves.
 */
void score__rank(void *ctx, struct hitting_lit pick, double *ret_value, double *ret_bound)
{
	struct score *score = ctx;
	double value = 0, bound = 0, base = 1, base_bound = 1, keep = score->cnt ? 0 : 1;
	const bool moves = is_move(score, pick);
	size_t cnt = 0;

	for (size_t d = 0; d < score->cnt; d++) {
		const struct derivation *derivation = &score->v[d];
		const struct chances *now = derivation__single(derivation, pick);
		const struct chances *first = derivation__single(
			derivation, (struct hitting_lit){ .chain = pick.chain });
		const double cut = 1 - derivation->through * score->miss[d] * now->miss;
		const double then = moves ? derivation->least_miss : first->miss;
		const double most = 1 - derivation->through * score->earliest[d] * then;

		keep = fmax(keep, fmin(score->keep[d], now->keep));
		if (!derivation->faults->cnt) {
			base *= cut;
			base_bound *= most;
			continue;
		}
		value += log(cut);
		bound += log(most);
		cnt++;
	}
	if (score->watched) {
		value = base * exp(ELSEWHERE * mean(value, cnt));
		bound = exp(ELSEWHERE * mean(bound, cnt));
	} else {
		value = base * exp(value);
		bound = base_bound * exp(bound);
	}
	value *= score->cost_prior;
	bound *= score->cost_prior;
	*ret_value = value * promise_prior(score, keep);
	*ret_bound = bound * promise_prior(score, keep);
}
