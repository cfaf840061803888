// SPDX-License-Identifier: GPL-2.0-only
#include "model/oracle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* For what is only checked, or only made better, with so many faults to choose from. Of more each conflict costs more:
 * 0.2 s with 100,000. */
#define SOME_CONFLICTS 20000
#define SOME_FAULTS 1000

struct oracle {
	const struct search_space *space;
	struct cnf cnf;
	struct sat *sat;
	int total[HITTING_PICKS + 1]; /* total[j]: the set costs more than j; as far as the budget goes */
	long some_conflicts;
};

static long some_conflicts(const struct variables *vars)
{
	long faults = 0;

	for (size_t c = 0; c < vars->cnt; c++)
		faults += (long)vars->v[c].cnt;
	if (faults <= SOME_FAULTS)
		return SOME_CONFLICTS;
	return (long)SOME_CONFLICTS * SOME_FAULTS / faults * SOME_FAULTS / faults;
}

/* No set within the budget costs more. */
static size_t most_cost(const struct budget *budget)
{
	size_t most = 0;

	for (int kind = 0; kind < CHAIN_KINDS; kind++)
		most += budget->max[kind] < 0 ? HITTING_PICKS : (size_t)budget->max[kind];
	if (budget->total >= 0 && (size_t)budget->total < most)
		most = (size_t)budget->total;
	return most < HITTING_PICKS ? most : HITTING_PICKS;
}

struct oracle *oracle__new(const struct search_space *space)
{
	struct oracle *oracle = calloc(1, sizeof(*oracle));
	size_t most;

	if (!oracle)
		return NULL;
	oracle->space = space;
	oracle->some_conflicts = some_conflicts(space->vars);
	/* a counter of what cannot be is most of the formula */
	most = most_cost(&space->vars->opts->budget);
	formula__write(space->formula, space->records, space->vars, &oracle->cnf, oracle->total, most + 1);
	/* a fault set has room for so many */
	cnf__clause(&oracle->cnf, (int[]){ -oracle->total[most] }, 1);
	oracle->sat = cnf__solver(&oracle->cnf);
	if (!oracle->sat) {
		oracle__free(oracle);
		return NULL;
	}
	return oracle;
}

void oracle__free(struct oracle *oracle)
{
	if (!oracle)
		return;
	sat__free(oracle->sat);
	cnf__free(&oracle->cnf);
	free(oracle);
}

int oracle__allows(struct oracle *oracle, const struct hitting_lit *picks, size_t cnt)
{
	const struct variables *vars = oracle->space->vars;

	for (size_t c = 0; c < vars->cnt; c++) {
		size_t from = vars->v[c].cnt;

		for (size_t i = 0; i < cnt; i++)
			if (picks[i].chain == c)
				from = picks[i].pos;
		for (size_t p = 0; p < vars->v[c].cnt; p++) {
			int var = vars->v[c].first_var + (int)p;

			sat__assume(oracle->sat, p < from ? -var : var);
		}
	}
	switch (sat__solve(oracle->sat, -1)) {
	case SAT_SATISFIABLE:
		return cnf__holds(&oracle->cnf, oracle->sat);
	case SAT_UNSATISFIABLE:
		return 0;
	default:
		return -1;
	}
}

/* By the earliest true variable of each chain. */
static size_t read_model(const struct oracle *oracle, struct hitting_lit *picks)
{
	const struct variables *vars = oracle->space->vars;
	size_t cnt = 0;

	assert(cnf__holds(&oracle->cnf, oracle->sat));
	for (uint32_t c = 0; c < vars->cnt; c++)
		for (uint32_t p = 0; p < vars->v[c].cnt; p++)
			if (sat__value(oracle->sat, vars->v[c].first_var + (int)p)) {
				assert(cnt < HITTING_PICKS);
				picks[cnt++] = (struct hitting_lit){ .chain = c, .pos = p };
				break;
			}
	return cnt;
}

int oracle__minimal(struct oracle *oracle, bool check, struct hitting_lit *ret_picks,
		    size_t *ret_cnt)
{
	enum sat_answer answer = sat__solve(oracle->sat, check ? oracle->some_conflicts : -1);

	if (answer == SAT_UNKNOWN)
		return check ? 0 : -1;
	if (answer == SAT_UNSATISFIABLE)
		return 0;
	do {
		*ret_cnt = read_model(oracle, ret_picks);
		if (*ret_cnt == 0)
			break;
		sat__assume(oracle->sat, -oracle->total[*ret_cnt - 1]);
	} while (sat__solve(oracle->sat, oracle->some_conflicts) == SAT_SATISFIABLE);
	return 1;
}
