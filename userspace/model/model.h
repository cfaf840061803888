/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a hunt knows: the supports seen, as clauses over fault variables, and which fault sets are
 * still candidates (DESIGN: model and solver). No I/O but the certificate; same calls, same answers.
 */
#ifndef CUTSET_MODEL_H
#define CUTSET_MODEL_H

#include <stdio.h>

#include "model/course.h"
#include "model/fault.h"
#include "model/support.h"

struct model;

struct budget {
	int max[FAULT_KINDS]; /* -1: as many as there are */
	int total;	      /* of all kinds together; -1: no limit */
};

struct model_opts {
	uint16_t node_cnt;	 /* ids 1 .. node_cnt */
	const struct name_table *names;
	struct budget budget;
	uint64_t spare_nodes;	 /* bit 1 << id: its own links and itself are never cut */
	uint32_t from;		 /* earliest onset, NOW_* */
	uint32_t until;		 /* links and partitions begin before this step, NOW_* */
	uint32_t heal;		 /* NOW_HEALED or NOW_END */
	uint64_t seed;		 /* breaks ties */
	/* What a fault takes comes so late; 0: never. Nothing that is learned then says anything of
	 * other delays: a run in which a message was late has shown that it may be, by so much. */
	uint64_t delay_ns;
	bool spare_idle; /* for the certificate: supports hold no background, see causal/lineage.h */
	bool lockstep;	 /* and: some of it may follow without a run, see precedent.h */
};

/* What the formula assumes of a run that survived under faults. */
enum clause_mode { CLAUSE_MONOTONE, CLAUSE_EXACT }; /* see clause.h */

enum lesson {
	LESSON_SURVIVED, /* the promise was made and kept: cut something of the support */
	LESSON_VACUOUS,	 /* the promise was not made: @support is all that was delivered */
	LESSON_PARKED,	 /* flaky, untestable or unknown: leave exactly this set out, with a reason */
	LESSON_VIOLATED, /* broken: supersets are not candidates any more (for `--all`) */
};

struct model *model__new(const struct model_opts *opts, struct err *err);
void model__free(struct model *model);

/*
 * Learn from run @run (its number, for the certificate) under @faults. @support may be NULL for
 * LESSON_PARKED and LESSON_VIOLATED; @why (may be NULL) is written into the certificate.
 * Afterwards @faults is no candidate any more in either mode: asserted with the next question.
 */
int model__learn(struct model *model, unsigned int run, const struct fault_set *faults,
		 enum lesson lesson, const struct support *support, const char *why,
		 struct err *err);

/* The same without a run: it follows from others (precedent.h). 0 or -1. */
int model__foretell(struct model *model, const struct fault_set *faults, enum lesson lesson,
		    const struct support *support, struct err *err);

/*
 * What the nodes did in the runs that were learned of last (model__learn): tells which messages matter, for the
 * order of candidates. 0 or -1.
 */
int model__watch(struct model *model, const struct course *course, struct err *err);

struct candidate {
	struct fault_set faults;
	double score;
};

/*
 * The next fault set to try. Returns 1 and fills @ret, 0 when nothing within the budget is left in
 * this @mode, -1 on error. It is minimal among the sets that cut the stronger members of each
 * support, and so not always one of model__candidates (candidate.h). Asking again without learning
 * gives the same answer.
 */
int model__next(struct model *model, enum clause_mode mode, struct candidate *ret, struct err *err);

/* How far a search has come. */
struct search_state {
	size_t cost;  /* of the sets that are looked for now */
	long nodes;   /* that were looked at */
	size_t found; /* minimal cut sets */
	double best;  /* their best score; 0: none */
};

struct search_opts {
	size_t max; /* hand out so many */
	/* One more, best first. It is the callee's until it returns. */
	void (*take)(void *ctx, const struct candidate *candidate);
	/* Asked every few milliseconds; false: end here, with the best so far. May be NULL. */
	bool (*go_on)(void *ctx, const struct search_state *state);
	void *ctx;
};

struct search_end {
	size_t cnt;    /* handed out */
	bool more;     /* than @max; or the search ended before it knew */
	bool complete; /* false: it gave up after a while, or was told to; there may be better ones */
};

/*
 * All minimal cut sets within the budget, best first. Keeps no more than @max of each cost, whatever there are.
 * 0 or -1.
 */
int model__search(struct model *model, enum clause_mode mode, const struct search_opts *opts,
		  struct search_end *ret, struct err *err);

/*
 * The same as a list, at most @max; *ret_more: there were more, or the search gave up.
 * Returns how many, or -1; *ret is owned by the caller (free).
 */
long model__candidates(struct model *model, enum clause_mode mode, size_t max,
		       struct candidate **ret, bool *ret_more, struct err *err);

/* The formula, budget and clauses in DIMACS CNF, variables and runs named in comments. UNSAT
 * (minisat's exit code 20) says: no candidate within the budget. 0 or -1. */
int model__write_dimacs(struct model *model, enum clause_mode mode, FILE *out, struct err *err);

/* The whole certificate: what was assumed, which runs, parked sets, then DIMACS. 0 or -1. */
int model__write_certificate(struct model *model, enum clause_mode mode, FILE *out,
			     struct err *err);

/* What is known, for reports. */
size_t model__support_cnt(const struct model *model);
size_t model__parked_cnt(const struct model *model);

#endif
