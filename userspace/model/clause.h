/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run taught, as a clause over the variables (DESIGN: clauses).
 *
 *	survived, monotone   cut something of the support
 *	survived, exact      cut something of the support, or restore something of the run's faults
 *	vacuous              as exact, of all that was delivered
 *	parked               anything but exactly this set
 *	violated             anything but this set and its supersets
 *
 * A member that came through under a stall of its link and port is none that this stall takes, from then on; an
 * earlier one may.
 *
 * Where nodes are judged by their logs a silence is never monotone: what is asked of each node that speaks is
 * not asked of a silent one, so what was enough with it need not be enough without.
 */
#ifndef CUTSET_MODEL_CLAUSE_H
#define CUTSET_MODEL_CLAUSE_H

#include "model/course.h"
#include "model/variable.h"

struct record {
	unsigned int run;
	struct fault_set faults;
	enum lesson lesson;
	bool foretold; /* no run was made of it: precedent.h */
	bool settled;  /* the formulas hold it */
	struct support support; /* without the members that the run's own faults cover */
	struct weight {		/* by member, see influence.h */
		float traced, promise; /* as the traces say */
		float factor, least, kin;
		bool cleared, tested;
	} *weights;
	struct course course;	/* may be empty */
	size_t covered;		/* how many those were: delivered although cut, or late */
	char *why;
};

/* Takes copies. 0 or -1 (memory). */
int record__init(struct record *record, unsigned int run, const struct fault_set *faults,
		 enum lesson lesson, const struct support *support, const char *why,
		 const struct model_opts *opts);
void record__free(struct record *record); /* empties it */

/* "survived" */
const char *lesson__name(enum lesson lesson);

/* Tell the variables all steps, then all stalls there were and classes that need one of their own, then all
 * members and faults that the clauses will need. 0 or -1. */
void clause__see_steps(const struct record *record, struct variables *vars);
int clause__see_stalls(const struct record *record, struct variables *vars);
int clause__see_members(const struct record *record, struct variables *vars);

/*
 * The clause. Of a support only the members count whose confidence is at least @part of the
 * strongest that can be cut; 0: all. Fewer make a stronger clause: what satisfies it satisfies the
 * whole. Returns 1, 0 when it would be true of every candidate (the run had a fault that no
 * candidate has), or -1: memory. clause__free empties it.
 */
int clause__make(const struct record *record, const struct variables *vars, enum clause_mode mode,
		 float part, struct hitting_clause *ret);
void clause__free(struct hitting_clause *clause);

#endif
