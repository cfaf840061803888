/* SPDX-License-Identifier: GPL-2.0-only */
/* Every message of the runs that a page shows, as data for its script. */
#ifndef CUTSET_REPORT_MESSAGES_H
#define CUTSET_REPORT_MESSAGES_H

#include <stdio.h>

#include "report/scene.h"

/*
 * A <script> of JSON: {"nodes": [name], "texts": [caption], "steps": [name], "runs": [{"run":
 * number, "messages": [[sent, took, from, to, port, text, step, flags, percent], ...]}]}. Times are
 * microseconds from the scene's beginning; took is -1 for what was not received; flags: 1
 * delivered, 2 cut; percent: how sure it is that the outcome rested on it. 0 or -1 (memory).
 */
int messages__put(const struct scene *const *scenes, const unsigned int *runs, size_t cnt,
		  FILE *out);

#endif
