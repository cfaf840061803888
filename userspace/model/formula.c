// SPDX-License-Identifier: GPL-2.0-only
#include "model/formula.h"

#include <stdlib.h>
#include <string.h>

#include "solve/cardinality.h"

struct variables *formula__variables(const struct record *records, size_t record_cnt,
				     const struct model_opts *opts)
{
	struct variables *vars = variables__new(opts);

	for (size_t i = 0; vars && i < record_cnt; i++)
		clause__see_steps(&records[i], vars);
	for (size_t i = 0; vars && i < record_cnt; i++)
		if (clause__see_stalls(&records[i], vars) < 0)
			goto free_vars;
	for (size_t i = 0; vars && i < record_cnt; i++)
		if (clause__see_members(&records[i], vars) < 0)
			goto free_vars;
	return vars;

free_vars:
	variables__free(vars);
	return NULL;
}

int formula__make(struct formula *formula, const struct record *records, size_t record_cnt,
		  const struct variables *vars, enum clause_mode mode, float part)
{
	memset(formula, 0, sizeof(*formula));
	formula->vars = vars;
	formula->clauses = calloc(record_cnt + 1, sizeof(*formula->clauses));
	formula->records = calloc(record_cnt + 1, sizeof(*formula->records));
	if (!formula->clauses || !formula->records)
		goto free_formula;
	for (size_t i = 0; i < record_cnt; i++) {
		const size_t j = formula->clause_cnt;
		int made = clause__make(&records[i], vars, mode, part,
				       &formula->clauses[j]);

		if (made < 0)
			goto free_formula;
		formula->records[j] = i;
		formula->clause_cnt += (size_t)made;
	}
	return 0;

free_formula:
	formula__free(formula);
	return -1;
}

void formula__free(struct formula *formula)
{
	for (size_t j = 0; formula->clauses && j < formula->clause_cnt; j++)
		clause__free(&formula->clauses[j]);
	free(formula->clauses);
	free(formula->records);
	memset(formula, 0, sizeof(*formula));
}

struct hitting *formula__hitting(const struct formula *formula)
{
	const struct variables *vars = formula->vars;
	struct hitting_chain *chains = calloc(vars->cnt + 1, sizeof(*chains));
	struct hitting *hitting;

	if (!chains)
		return NULL;
	for (size_t c = 0; c < vars->cnt; c++)
		chains[c] = (struct hitting_chain){ .len = (uint32_t)vars->v[c].cnt,
						    .kind = (uint8_t)vars->v[c].kind };
	hitting = hitting__new(chains, vars->cnt, formula->clauses, formula->clause_cnt);
	free(chains);
	return hitting;
}

bool formula__allows(const struct formula *formula, const struct fault_set *faults)
{
	struct hitting_lit picks[MAX_FAULTS];
	size_t cnt = 0;

	for (size_t i = 0; i < faults->cnt; i++) {
		struct hitting_lit lit;

		if (!variables__has(formula->vars, &faults->v[i]))
			return false;
		lit = variables__literal(formula->vars, &faults->v[i]);
		if (cnt == 0 || picks[cnt - 1].chain != lit.chain)
			picks[cnt++] = lit;
	}
	return hitting__holds(formula->clauses, formula->clause_cnt, picks, cnt);
}

static void name_variables(struct variables *vars, struct cnf *cnf)
{
	char text[FAULT_TEXT_MAX];

	for (size_t c = 0; c < vars->cnt; c++) {
		struct chain *chain = &vars->v[c];

		for (uint32_t p = 0; p < chain->cnt; p++) {
			struct hitting_lit lit = { .chain = (uint32_t)c, .pos = p };
			struct fault fault = variables__fault(vars, lit);
			int var = cnf__new_var(cnf, true);

			if (p == 0)
				chain->first_var = var;
			cnf__note(cnf, "variable %d: %s", var,
				  fault__print(text, sizeof(text), &fault, vars->opts->names));
		}
	}
}

static void write_chains(const struct variables *vars, struct cnf *cnf)
{
	cnf__note(cnf, "a fault from one step on implies the same fault from the next");
	for (size_t c = 0; c < vars->cnt; c++)
		for (size_t p = 0; p + 1 < vars->v[c].cnt; p++) {
			int var = vars->v[c].first_var + (int)p;

			cnf__clause(cnf, (int[]){ -var, var + 1 }, 2);
		}
}

static void write_clauses(const struct formula *formula, const struct record *records,
			  const struct variables *vars, struct cnf *cnf)
{
	char text[2048];

	for (size_t j = 0; j < formula->clause_cnt; j++) {
		const struct hitting_clause *clause = &formula->clauses[j];
		const struct record *record = &records[formula->records[j]];

		cnf__note(cnf, "run %u %s under %s", record->run, lesson__name(record->lesson),
			  fault_set__print(text, sizeof(text), &record->faults, vars->opts->names));
		for (size_t i = 0; i < clause->pos_cnt; i++)
			cnf__add(cnf, vars->v[clause->pos[i].chain].first_var +
					      (int)clause->pos[i].pos);
		for (size_t i = 0; i < clause->neg_cnt; i++)
			cnf__add(cnf, -(vars->v[clause->neg[i].chain].first_var +
					(int)clause->neg[i].pos));
		cnf__add(cnf, 0);
	}
}

/* The last variables of the chains of one kind, or of all: each is true at cost 1. */
static size_t cost_literals(const struct variables *vars, int kind, int *ret)
{
	size_t cnt = 0;

	for (size_t c = 0; c < vars->cnt; c++)
		if (kind < 0 || vars->v[c].kind == (enum fault_kind)kind)
			ret[cnt++] = vars->v[c].first_var + (int)vars->v[c].cnt - 1;
	return cnt;
}

static void write_budget(const struct variables *vars, struct cnf *cnf, int *ret_total,
			 size_t cost_cnt)
{
	const struct budget *budget = &vars->opts->budget;
	int *lits = malloc((vars->cnt + 1) * sizeof(*lits));

	if (!lits) {
		cnf->failed = true;
		return;
	}
	for (int kind = 0; kind < CHAIN_KINDS; kind++) {
		size_t cnt = cost_literals(vars, kind, lits);

		if (budget->max[kind] < 0 || (kind == FAULT_STALL && !cnt))
			continue;
		cnf__note(cnf, "budget: at most %d of %s", budget->max[kind],
			  fault__kind_name((enum fault_kind)kind));
		cardinality__at_most(cnf, lits, cnt, (size_t)budget->max[kind]);
	}
	if (budget->total >= 0) {
		cnf__note(cnf, "budget: at most %d in all", budget->total);
		cardinality__at_most(cnf, lits, cost_literals(vars, -1, lits),
				     (size_t)budget->total);
	}
	if (ret_total)
		cardinality__count(cnf, lits, cost_literals(vars, -1, lits), cost_cnt, ret_total);
	free(lits);
}

void formula__write(const struct formula *formula, const struct record *records,
		    struct variables *vars, struct cnf *cnf, int *ret_total, size_t cost_cnt)
{
	name_variables(vars, cnf);
	write_chains(vars, cnf);
	write_clauses(formula, records, vars, cnf);
	write_budget(vars, cnf, ret_total, cost_cnt);
}
