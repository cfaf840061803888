/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many of some literals are true: a sequential counter (Sinz, CP 2005), each of its variables
 * defined by a full equivalence, so that it follows from the literals by unit propagation and need
 * not be decided.
 */
#ifndef CUTSET_SOLVE_CARDINALITY_H
#define CUTSET_SOLVE_CARDINALITY_H

#include "solve/cnf.h"

/*
 * ret_out[j], for j in 0 .. upto-1, becomes a literal that is true exactly when more than j of the
 * @cnt literals are. Memory failures are latched in @cnf.
 */
void cardinality__count(struct cnf *cnf, const int *lits, size_t cnt, size_t upto, int *ret_out);

/* At most @max of the literals. */
void cardinality__at_most(struct cnf *cnf, const int *lits, size_t cnt, size_t max);

#endif
