/* SPDX-License-Identifier: GPL-2.0-only */
/* A scenario to begin with, from what runs: written for a person to go on with (cutset init). */
#ifndef CUTSET_HUNT_SKELETON_H
#define CUTSET_HUNT_SKELETON_H

#include <stdio.h>

#include "target/node.h"

/*
 * The text of a scenario for @targets, as people wrote them, which turned out to be @nodes: it loads, its commands say
 * what they must do and end with 2 until somebody writes them. NULL: memory. The caller frees it.
 */
char *skeleton__text(char *const *targets, size_t target_cnt, const struct nodes *nodes);

#endif
