/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A formula in conjunctive normal form, kept in memory with its comments: loaded into a solver,
 * written as DIMACS, and asked whether a model holds.
 */
#ifndef CUTSET_SOLVE_CNF_H
#define CUTSET_SOLVE_CNF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "solve/sat.h"

struct cnf {
	int *lits; /* clauses one after the other, each ended by 0 */
	size_t lit_cnt, lit_cap;
	size_t clause_cnt;
	bool *decide; /* by variable - 1 */
	size_t var_cnt, var_cap;
	struct cnf_note {
		size_t at; /* before the clause that begins here */
		char *text;
	} *notes;
	size_t note_cnt, note_cap;
	bool failed; /* memory ran out; latched, whoever uses the formula must look */
};

/* A new variable, from 1. @decide: the solver may branch on it (false first). 0: memory. */
int cnf__new_var(struct cnf *cnf, bool decide);

/* Add a literal to the clause being built; 0 ends it. */
void cnf__add(struct cnf *cnf, int lit);

/* Add a clause of @cnt literals. */
void cnf__clause(struct cnf *cnf, const int *lits, size_t cnt);

/* A comment that is printed before the next clause. */
void cnf__note(struct cnf *cnf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A solver that holds the formula, its variables numbered alike. NULL: memory. */
struct sat *cnf__solver(const struct cnf *cnf);

/* Does the model that @sat found satisfy every clause? Looks at the formula, not at the solver. */
bool cnf__holds(const struct cnf *cnf, const struct sat *sat);

/* 0, or -1 where @out does not take it. */
int cnf__write_dimacs(const struct cnf *cnf, FILE *out);

void cnf__free(struct cnf *cnf); /* empties it */

#endif
