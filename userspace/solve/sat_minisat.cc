// SPDX-License-Identifier: GPL-2.0-only
#include "solve/sat.h"

#include <new>

#include <minisat/core/Solver.h>

using namespace Minisat;

struct sat {
	Solver solver;
	vec<Lit> clause, assumptions;
	bool failed; /* memory ran out: the solver is left alone, every answer is SAT_UNKNOWN */
};

static Lit literal(int lit)
{
	return mkLit(lit < 0 ? -lit - 1 : lit - 1, lit < 0);
}

struct sat *sat__new(void)
{
	try {
		struct sat *sat = new struct sat;

		sat->failed = false;
		sat->solver.random_var_freq = 0;
		sat->solver.rnd_pol = false;
		sat->solver.rnd_init_act = false;
		return sat;
	} catch (const std::bad_alloc &) {
		return nullptr;
	} catch (const OutOfMemoryException &) {
		return nullptr;
	}
}

void sat__free(struct sat *sat)
{
	delete sat;
}

int sat__new_var(struct sat *sat, bool decide, bool first)
{
	if (sat->failed)
		return 0;
	try {
		/* a user's polarity is a sign: true is the negative literal */
		return sat->solver.newVar(first ? l_False : l_True, decide) + 1;
	} catch (const OutOfMemoryException &) {
		sat->failed = true;
		return 0;
	}
}

void sat__add(struct sat *sat, int lit)
{
	if (sat->failed)
		return;
	try {
		if (lit != 0) {
			sat->clause.push(literal(lit));
			return;
		}
		sat->solver.addClause(sat->clause);
		sat->clause.clear();
	} catch (const OutOfMemoryException &) {
		sat->failed = true;
	}
}

void sat__assume(struct sat *sat, int lit)
{
	if (sat->failed)
		return;
	try {
		sat->assumptions.push(literal(lit));
	} catch (const OutOfMemoryException &) {
		sat->failed = true;
	}
}

enum sat_answer sat__solve(struct sat *sat, long conflicts)
{
	lbool answer = l_Undef;

	if (sat->failed)
		return SAT_UNKNOWN;
	try {
		if (conflicts < 0)
			sat->solver.budgetOff();
		else
			sat->solver.setConfBudget(conflicts);
		answer = sat->solver.solveLimited(sat->assumptions);
	} catch (const OutOfMemoryException &) {
		sat->failed = true;
	}
	sat->assumptions.clear();
	if (answer == l_True)
		return SAT_SATISFIABLE;
	return answer == l_False ? SAT_UNSATISFIABLE : SAT_UNKNOWN;
}

bool sat__value(const struct sat *sat, int lit)
{
	return sat->solver.modelValue(literal(lit)) == l_True;
}

bool sat__failed(const struct sat *sat, int lit)
{
	for (int i = 0; i < sat->solver.conflict.size(); i++)
		if (sat->solver.conflict[i] == ~literal(lit))
			return true;
	return false;
}
