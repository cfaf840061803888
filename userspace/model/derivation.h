/* SPDX-License-Identifier: GPL-2.0-only */
/* What the good runs under one fault set rested on, and how likely faults are to take it away. */
#ifndef CUTSET_MODEL_DERIVATION_H
#define CUTSET_MODEL_DERIVATION_H

#include "model/clause.h"

struct chances {
	double miss; /* that nothing which matters is cut: 1 - h(d,C) */
	double keep; /* that nothing of the promise is cut */
};

struct derivation {
	const struct fault_set *faults;
	struct support support;	/* of all its runs; sorted by step, src, dst */
	unsigned int runs;
	bool logs;	    /* nodes were judged by their logs */
	double through;	    /* a_d */
	double least_miss;  /* the best that a single fault can do */
	struct link {	    /* its members by link, steps rising */
		uint16_t src, dst;
		size_t begin, end; /* of members */
	} *links;
	size_t link_cnt;
	uint16_t last_node; /* of any link */
	uint16_t (*index)[MAX_NODES]; /* by src and dst: the link + 1; 0: none */
	struct support_member *members;
	struct chances *single; /* by chain and position; joined chains come last */
	size_t single_cap;
	size_t *base; /* by chain */
	size_t base_cap;
};

/* One for each fault set under which a run survived. NULL: memory. Borrows records and variables. */
struct derivation *derivations__new(const struct variables *vars, const struct record *records,
				    size_t record_cnt, size_t *ret_cnt);
void derivations__free(struct derivation *v, size_t cnt);

struct chances derivation__chances(const struct derivation *derivation, const struct variables *vars,
				   const struct hitting_lit *picks, size_t cnt);

/*
 * The table below gets an entry for chain @number, which stands for each of @alike, @cnt of them: the best of them.
 * Numbers follow that of the last of @vars, and each other; whoever begins anew forgets all. 0 or -1 (memory).
 */
int derivation__join(struct derivation *derivation, const struct variables *vars, uint32_t number,
		     const uint32_t *alike, size_t cnt);

/* The same as derivation__chances for one fault, from a table. */
static inline const struct chances *derivation__single(const struct derivation *derivation,
						       struct hitting_lit pick)
{
	return &derivation->single[derivation->base[pick.chain] + pick.pos];
}

#endif
