/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Minimal hitting sets by branch and prune, after MMCS (Murakami and Uno, "Efficient algorithms for
 * dualizing large-scale hypergraphs", 2014), over order-encoded chains and within a budget.
 *
 * A chain is a row of variables x[0] -> x[1] -> ... -> x[len-1]. To pick position p of a chain is to
 * make x[p] and all after it true; it costs 1 whatever p. Clauses may also hold negated literals;
 * then the sets found are the subset-minimal models.
 */
#ifndef CUTSET_SOLVE_HITTING_H
#define CUTSET_SOLVE_HITTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HITTING_KINDS 8
#define HITTING_PICKS 32

struct hitting_lit {
	uint32_t chain;
	uint32_t pos;
};

/* At most one literal of a chain in each of the two lists. */
struct hitting_clause {
	struct hitting_lit *pos; /* x[pos] */
	struct hitting_lit *neg; /* not x[pos] */
	size_t pos_cnt, neg_cnt;
};

struct hitting_chain {
	uint32_t len;
	uint8_t kind;
};

struct hitting;

/* Copies what it needs. NULL: memory. */
struct hitting *hitting__new(const struct hitting_chain *chains, size_t chain_cnt,
			     const struct hitting_clause *clauses, size_t clause_cnt);
void hitting__free(struct hitting *hitting);

/*
 * Chains of one kind and length that hit the same clauses, position by position, and are negated in none are
 * searched as one, and what is found is spelled out with each of them. Such a one has a number of its own, chain_cnt
 * and up. These are the chains that the one of that number stands for, *ret_cnt of them; NULL where there is no such number.
 */
const uint32_t *hitting__joined(const struct hitting *hitting, uint32_t number, size_t *ret_cnt);

/* Steers the search; may change nothing but the order, and what is cut off for its bound. Picks may be of joined
 * chains: values and bounds are then of the best among what they stand for. */
struct hitting_guide {
	/* A node: @picks are chosen, at most @more others can be. Ranks that follow are of its children. */
	void (*enter)(void *ctx, const struct hitting_lit *picks, size_t cnt, size_t more);
	/* Greater @ret_value first. No set below has a score above *ret_bound. */
	void (*rank)(void *ctx, struct hitting_lit pick, double *ret_value, double *ret_bound);
	double floor; /* children whose bound is not above are left out; whoever finds may raise it */
	void *ctx;
};

struct hitting_limits {
	int max[HITTING_KINDS]; /* picks of a kind; -1: as many as there are */
	int total;		/* -1: as many as there are; never more than HITTING_PICKS */
	long nodes;		/* give up after so many were looked at; negative: never */
	/* Asked every few milliseconds, with the nodes so far; false: give up. May be NULL. */
	bool (*go_on)(void *ctx, long nodes);
	void *ctx;
};

struct hitting_result {
	bool complete; /* every minimal set within the limits (and above the floor) was found */
	bool more;     /* the budget or the floor cut something off that a larger budget may see */
	bool stopped;  /* by found, or by go_on */
	bool failed;   /* memory ran out */
	long nodes;
};

/*
 * Call @found for each minimal set within the limits, once; it returns false to stop. The same
 * calls give the same sets in the same order. @guide may be NULL.
 */
struct hitting_result hitting__search(struct hitting *hitting, const struct hitting_limits *limits,
				      struct hitting_guide *guide,
				      bool (*found)(void *ctx, const struct hitting_lit *picks,
						    size_t cnt),
				      void *ctx);

/* Do these picks satisfy every clause? Plainly, without the tables of the search. */
bool hitting__holds(const struct hitting_clause *clauses, size_t clause_cnt,
		    const struct hitting_lit *picks, size_t cnt);

#endif
