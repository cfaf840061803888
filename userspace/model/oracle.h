/* SPDX-License-Identifier: GPL-2.0-only */
/* What MiniSat says of a formula: is a set allowed, is any left, which is minimal. */
#ifndef CUTSET_MODEL_ORACLE_H
#define CUTSET_MODEL_ORACLE_H

#include "model/candidate.h"

struct oracle;

/* NULL: memory. @space is borrowed. */
struct oracle *oracle__new(const struct search_space *space);
void oracle__free(struct oracle *oracle);

/* Does exactly this set satisfy the formula and the budget? 1, 0, or -1: memory. */
int oracle__allows(struct oracle *oracle, const struct hitting_lit *picks, size_t cnt);

/*
 * A subset-minimal set, as cheap as is quickly found. Returns 1 and fills the picks (room for
 * HITTING_PICKS), 0 when none is left, -1: memory. @check: the answer is known to be 0, give up and
 * agree when it takes long.
 */
int oracle__minimal(struct oracle *oracle, bool check, struct hitting_lit *ret_picks,
		    size_t *ret_cnt);

#endif
