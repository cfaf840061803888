/* SPDX-License-Identifier: GPL-2.0-only */
/* Fault sets without a model: all within the budget in order of size, or drawn by chance. What a
 * hunt by lineage is compared with. */
#ifndef CUTSET_HUNT_STRATEGY_H
#define CUTSET_HUNT_STRATEGY_H

#include "hunt/tried.h"
#include "model/model.h"

struct strategy;

/* @last_step: the workload's last step (NOW_*): no onset is later, but for check.0. NULL: memory. */
struct strategy *strategy__new(bool random, const struct model_opts *opts, uint32_t last_step);

/* The next set that is not in @tried. 1 and @ret, or 0: none is left. */
int strategy__next(struct strategy *strategy, const struct tried_table *tried,
		   struct fault_set *ret);

/* The single faults that sets are made of. */
size_t strategy__unit_cnt(const struct strategy *strategy);

void strategy__free(struct strategy *strategy); /* takes NULL */

#endif
