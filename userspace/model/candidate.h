/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The search for candidates: minimal sets that satisfy a formula within the budget, in the order of
 * DESIGN (which first).
 *
 * The next candidate is looked for with only the strongest members of each support first, then with
 * more, at last with all: a set that cuts a weak member everywhere (a heartbeat that every support
 * holds) is minimal in the whole formula and worth little, and hides all sets that hold it. What
 * satisfies the stronger formula satisfies the whole. Weaker members come first when they give a
 * score ten times better. In exact mode all members count at once, and costs come strictly in order. The enumerator of hitting.h finds them in order; MiniSat checks what it
 * finds, decides that nothing is left, and searches where the enumerator gives up.
 */
#ifndef CUTSET_MODEL_CANDIDATE_H
#define CUTSET_MODEL_CANDIDATE_H

#include "model/formula.h"

struct search_space {
	const struct record *records;
	size_t record_cnt, run_cnt; /* those of runs come first; the others follow from them */
	struct variables *vars;
	const struct formula *formula;
	enum clause_mode mode; /* of the formula */
};

/* As model__next and model__search (model.h). */
int candidate__next(const struct search_space *space, struct candidate *ret, struct err *err);
int candidate__all(const struct search_space *space, const struct search_opts *opts, struct search_end *ret,
		   struct err *err);

#endif
