/* SPDX-License-Identifier: GPL-2.0-only */
/* The class of a message as a selector: how it begins, without what changes from run to run. */
#ifndef CUTSET_MODEL_SELECTOR_MESSAGE_H
#define CUTSET_MODEL_SELECTOR_MESSAGE_H

#include <stdbool.h>

#include "causal/graph.h"
#include "model/selector.h"

/*
 * The first of its class on its port: digits are any byte, and what looks like data ends it. Of binary ones
 * the length up to a power of two. False: nothing tells its class (an answer to an attempt to connect; no
 * payload was recorded).
 */
bool selector__of_message(const struct message *message, struct selector *ret);

#endif
