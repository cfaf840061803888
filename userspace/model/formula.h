/* SPDX-License-Identifier: GPL-2.0-only */
/* All that is known, as clauses, in one mode; and as CNF with the budget for a SAT solver. */
#ifndef CUTSET_MODEL_FORMULA_H
#define CUTSET_MODEL_FORMULA_H

#include "model/clause.h"
#include "solve/cnf.h"

struct formula {
	const struct variables *vars;
	struct hitting_clause *clauses;
	size_t *records; /* by clause: the record that it comes from */
	size_t clause_cnt;
};

/* 0, or -1: memory. @vars is borrowed and has seen every record. @part as in clause.h. */
int formula__make(struct formula *formula, const struct record *records, size_t record_cnt,
		  const struct variables *vars, enum clause_mode mode,
		  float part);
void formula__free(struct formula *formula);

/* Variables for all that the records speak of. @opts is borrowed. NULL: memory. */
struct variables *formula__variables(const struct record *records, size_t record_cnt,
				     const struct model_opts *opts);

/* The enumerator of the sets that satisfy every clause. NULL: memory. */
struct hitting *formula__hitting(const struct formula *formula);

/* Does a fault set satisfy every clause? Of a set that no candidate can be: false. */
bool formula__allows(const struct formula *formula, const struct fault_set *faults);

/*
 * The chains' variables, the clauses and the budget, all named in comments. Numbers the chains'
 * first_var. Returns a literal in *ret_total (may be NULL) for each cost: ret_total[j] is true when
 * the set costs more than j, j < cost_cnt. Failures are latched in @cnf.
 */
void formula__write(const struct formula *formula, const struct record *records,
		    struct variables *vars, struct cnf *cnf, int *ret_total, size_t cost_cnt);

#endif
