/* SPDX-License-Identifier: GPL-2.0-only */
/* The nodes that no fault of a hunt is of: those that the scenario spares, and docker-proxies. */
#ifndef CUTSET_HUNT_SPARE_H
#define CUTSET_HUNT_SPARE_H

#include "hunt/scenario.h"
#include "target/node.h"

/*
 * Their bits, 1 << number (target/role.h). @cast: the roles are known; else a name that no node has may be that of a
 * role, and any target stands for it. 0, or -1 (EXIT_USAGE) where a name is no node's.
 */
int spare__of(const struct scenario *scenario, const struct nodes *nodes, bool cast, uint64_t *ret,
	      struct err *err);

#endif
