/* SPDX-License-Identifier: GPL-2.0-only */
/* How many fault sets a budget holds: what a search by brute force would have to try. */
#ifndef CUTSET_MODEL_SPACE_H
#define CUTSET_MODEL_SPACE_H

#include "model/model.h"

struct space {
	double ways[FAULT_KINDS][MAX_FAULTS + 1]; /* to choose so many faults of that kind */
	size_t faults[FAULT_KINDS];		  /* that differ by more than when they begin */
};

void space__init(struct space *space);

/* One more fault of that kind, which may begin at so many steps, and is in a set at most once. */
void space__add(struct space *space, enum fault_kind kind, size_t onsets);

/* Of all faults on the nodes, each as if it began at one step only. */
void space__of_nodes(struct space *ret, const struct model_opts *opts);

/* Of all faults that take a message of @seen, each from every step from which it takes another. 0 or -1 (memory). */
int space__of_messages(struct space *ret, const struct model_opts *opts, const struct support *seen);

/* Sets within the budget of @opts, without the empty one; above 2^53 only about. */
double space__sets(const struct space *space, const struct budget *budget);

#endif
