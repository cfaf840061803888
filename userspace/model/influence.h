/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What experiments say of a member's confidence (DESIGN: causality, intervention). Of two fault sets one of which
 * holds the other, the larger one took some messages more: what the nodes did otherwise then rested on those;
 * where they did nothing otherwise, nothing did. For the order of candidates only: members stay what they are.
 */
#ifndef CUTSET_MODEL_INFLUENCE_H
#define CUTSET_MODEL_INFLUENCE_H

#include "model/clause.h"

/* Set the confidences of all supports to what was traced, and what the runs say of that. 0 or -1 (memory). */
int influence__weigh(struct record *records, size_t cnt, uint32_t heal);

/* Do the runs without faults tell what nodes did, and were nodes judged by what they logged? Only then is it known
 * what an experiment changed. */
bool influence__watched(const struct record *records, size_t cnt);

#endif
