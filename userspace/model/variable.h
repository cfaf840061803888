/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The solver's variables: a chain for each silence, link and partition that some message makes worth
 * having, with a position for each onset that occurs, in rising order. A fault from one step on
 * implies the same fault from the next. A loss is of its step alone: each is a chain of one position.
 */
#ifndef CUTSET_MODEL_VARIABLE_H
#define CUTSET_MODEL_VARIABLE_H

#include "model/model.h"
#include "solve/hitting.h"

#define CHAIN_KINDS 4 /* silence, link, partition, loss */
#define COVER_MAX 5   /* chains that cover a message: of either end, and one of each other kind */

struct chain {
	enum fault_kind kind;
	uint16_t a, b; /* a < b for partitions; b is 0 for silences */
	uint32_t *onset;
	size_t cnt, cap;
	int first_var; /* of the SAT formula; the others follow */
	int32_t next;  /* losses: the chain + 1 of another step of the same link; 0: none */
};

struct variables {
	const struct model_opts *opts;
	uint32_t last_step; /* of the workload, as far as anything is known of it */
	struct chain *v;
	size_t cnt, cap;
	int32_t index[CHAIN_KINDS][MAX_NODES][MAX_NODES]; /* chain + 1; 0: none. Of losses the latest */
};

/* NULL: memory. @opts is borrowed. */
struct variables *variables__new(const struct model_opts *opts);
void variables__free(struct variables *vars);

/* First: tell all steps there are, of messages and of faults. */
void variables__see_step(struct variables *vars, uint32_t step);

/* Then: make room for the faults that cover such a message, and for a fault. 0 or -1 (memory). */
int variables__see_member(struct variables *vars, const struct support_member *member);
int variables__see_fault(struct variables *vars, const struct fault *fault);

/* Can a candidate hold this fault: of a kind in the budget, on nodes that may be cut, delayed as all
 * are, with its kind's own end, its onset where onsets may be? */
bool variables__has(const struct variables *vars, const struct fault *fault);

/* Is the message beyond what another such fault can do to it? @fault takes it away, or makes it as late as
 * all faults do. */
bool model_opts__spent(const struct model_opts *opts, const struct fault *fault,
		       const struct support_member *member);

/*
 * The literals of all chains that cover the message, each the latest onset that still does.
 * Returns how many.
 */
size_t variables__cover(const struct variables *vars, const struct support_member *member,
			struct hitting_lit ret[COVER_MAX]);

/* The literal of a fault that variables__has and that was seen. */
struct hitting_lit variables__literal(const struct variables *vars, const struct fault *fault);

struct fault variables__fault(const struct variables *vars, struct hitting_lit lit);

#endif
