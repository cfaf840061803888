/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the making of the promise rests on, as runs tell it (group testing): where it was made, none of what the faults
 * took was needed; where it was not, some of the rest of what they took was. For the order of candidates only.
 */
#ifndef CUTSET_MODEL_PROMISE_H
#define CUTSET_MODEL_PROMISE_H

#include "model/clause.h"

/* Set the `promise` of all supports' members to what was traced, and what the runs say of that. */
void promise__weigh(struct record *records, size_t cnt, uint32_t heal);

#endif
