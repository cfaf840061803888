/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The solver's variables: a chain for each silence, link and partition that some message makes worth
 * having, with a position for each onset that occurs, in rising order. A fault from one step on
 * implies the same fault from the next. A loss is of its step alone: each is a chain of one position.
 *
 * A stall takes one stream of a port, and which it is shows when it is injected; so its chain may take any
 * message of its link and port, and a run in which one came through has shown that it does not take that
 * (clause.h). At first there is one chain for each link and port, `A>B/PORT`. Where that was seen to leave a
 * message alone, the class of that message has a chain too, `A>B/PORT#CLASS`.
 */
#ifndef CUTSET_MODEL_VARIABLE_H
#define CUTSET_MODEL_VARIABLE_H

#include "model/model.h"
#include "solve/hitting.h"

#define CHAIN_KINDS 5  /* silence, link, partition, loss, stall */
#define PLAIN_MAX 5    /* chains that cover a message: of either end, and one of each other kind, */
#define STALLS_MAX 8   /* and stalls of its link and port; of more classes there are none */
#define COVER_MAX (PLAIN_MAX + STALLS_MAX)

struct chain {
	enum fault_kind kind;
	uint16_t a, b; /* a < b for partitions; b is 0 for silences */
	uint32_t *onset;
	size_t cnt, cap;
	int first_var; /* of the SAT formula; the others follow */
	uint16_t selector; /* stalls: its number, selector.h */
	int32_t next;  /* stalls: the chain + 1 of another of the same link; 0: none */
};

struct variables {
	const struct model_opts *opts;
	uint32_t last_step; /* of the workload, as far as anything is known of it */
	struct chain *v;
	size_t cnt, cap;
	int32_t index[CHAIN_KINDS][MAX_NODES][MAX_NODES]; /* chain + 1; 0: none. Of stalls the latest, of losses none */
	struct losses { /* by link and step: a chain + 1, or 0 */
		int32_t *slots; /* open addressing */
		size_t cnt, cap; /* cap: a power of two, or 0 */
	} losses;
};

/* NULL: memory. @opts is borrowed. */
struct variables *variables__new(const struct model_opts *opts);
void variables__free(struct variables *vars);

/* First: tell all steps there are, of messages and of faults. */
void variables__see_step(struct variables *vars, uint32_t step);

/* Then: make room for the faults that cover such a message, and for a fault. 0 or -1 (memory). */
int variables__see_member(struct variables *vars, const struct support_member *member);
int variables__see_fault(struct variables *vars, const struct fault *fault);
/* And for a stall of the message's class. */
int variables__see_class(struct variables *vars, const struct support_member *member);

/* Can a candidate hold this fault: of a kind in the budget, on nodes that may be cut, delayed as all
 * are, with its kind's own end, its onset where onsets may be? */
bool variables__has(const struct variables *vars, const struct fault *fault);

/* Does @fault lie on the message, as far as a model of these faults knows? */
bool model_opts__reaches(const struct model_opts *opts, const struct fault *fault,
			 const struct support_member *member);

/* Is the message beyond what another such fault can do to it? @fault takes it away, or makes it as late as
 * all faults do. Never of a stall: whether it took a message its run has to show. */
bool model_opts__spent(const struct model_opts *opts, const struct fault *fault,
		       const struct support_member *member);

/* The faults that take the message, each from its latest onset, stalls not among them. Returns how many. */
size_t variables__takers(const struct variables *vars, const struct support_member *member,
			 struct fault ret[PLAIN_MAX]);

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
