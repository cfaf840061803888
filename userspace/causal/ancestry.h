/* SPDX-License-Identifier: GPL-2.0-only */
/* The likely direct causes of each message, for whoever draws them or passes them on. */
#ifndef CUTSET_CAUSAL_ANCESTRY_H
#define CUTSET_CAUSAL_ANCESTRY_H

#include "causal/lineage.h"

struct ancestry;

/* @graph and @evidence (may be NULL) are borrowed until ancestry__free. NULL: out of memory. */
struct ancestry *ancestry__new(const struct graph *graph, const struct evidence *evidence);
void ancestry__free(struct ancestry *ancestry); /* takes NULL */

/*
 * What led to message @id, each message once, the surest first and of equal ones the latest; never
 * order alone. Returns how many, at most @max.
 */
size_t ancestry__parents(struct ancestry *ancestry, uint32_t id, struct lineage_member *ret,
			 size_t max);

#endif
