/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the search for hitting sets (hitting.h) looks things up in: for each position of each chain the clauses
 * that a pick of it hits, as bits, and chains that are alike joined into one.
 */
#ifndef CUTSET_SOLVE_MATRIX_H
#define CUTSET_SOLVE_MATRIX_H

#include "solve/hitting.h"

struct hitting {
	struct hitting_chain *chains; /* those that were given, then the joined ones */
	size_t chain_cnt, plain_cnt;  /* all, and those that were given */
	/* By rising number of positive literals as they were given. Chains that were joined are left out, the joined
	 * ones are in; those that hit most clauses from their position 0 come first. */
	struct hitting_clause *clauses;
	size_t clause_cnt;
	size_t words;
	size_t *base;	 /* by chain: the row of its position 0; that of a joined one is its first's */
	uint64_t *hits;	 /* by row: the clauses that a pick of that position hits */
	uint64_t *plain; /* the clauses without negated literals */
	bool all_plain;
	uint32_t *alike; /* the chains that were joined, group by group */
	size_t *group;	 /* by joined chain: where its group begins; and where the last one ends */
	uint32_t *reach; /* by chain: how many clauses its position 0 hits */
	uint32_t *columns; /* the chains of the clauses' positive literals, those that hit most first */
	size_t column_cnt;
};

/* @pos may be the chain's length: that hits nothing. */
static inline uint64_t *hitting__row(const struct hitting *h, uint32_t chain, uint32_t pos)
{
	return h->hits + (h->base[chain] + pos) * h->words;
}

#endif
