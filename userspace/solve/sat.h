/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A SAT solver behind the field's incremental interface (IPASIR's verbs). Literals are +-variable,
 * variables count from 1. One C++ file stands behind it (sat_minisat.cc).
 */
#ifndef CUTSET_SOLVE_SAT_H
#define CUTSET_SOLVE_SAT_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sat;

enum sat_answer { SAT_UNKNOWN = 0, SAT_SATISFIABLE = 10, SAT_UNSATISFIABLE = 20 };

struct sat *sat__new(void); /* NULL: memory */
void sat__free(struct sat *sat);

/* A new variable. @decide: the solver may branch on it. @first: the value it tries first. */
int sat__new_var(struct sat *sat, bool decide, bool first);

/* Add a literal to the clause being built; 0 ends it. */
void sat__add(struct sat *sat, int lit);

/* Assume a literal for the next solve only. */
void sat__assume(struct sat *sat, int lit);

/* At most @conflicts conflicts; negative: no limit. UNKNOWN: the limit, or memory ran out at any time. */
enum sat_answer sat__solve(struct sat *sat, long conflicts);

/* After SATISFIABLE: is the literal true in the model? */
bool sat__value(const struct sat *sat, int lit);

/* After UNSATISFIABLE: was the assumption @lit used to show it? */
bool sat__failed(const struct sat *sat, int lit);

#ifdef __cplusplus
}
#endif

#endif
