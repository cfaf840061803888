/* SPDX-License-Identifier: GPL-2.0-only */
/* The space-time diagram of a scene as SVG: a column a node, time goes down, an arrow a message. */
#ifndef CUTSET_REPORT_SPACETIME_H
#define CUTSET_REPORT_SPACETIME_H

#include <stdio.h>

#include "report/faults.h"
#include "report/layout.h"

/* A place where the other run has a message that this one lacks. */
struct ghost {
	int y;
	uint16_t src, dst;
	size_t number;
};

struct panel {
	const struct scene *scene;
	const struct place *places;
	int height;
	uint64_t columns;		  /* bits: the nodes that have one */
	const struct fault_spans *faults; /* may be NULL */
	const uint8_t *numbers; /* of each message: of the frontier, 0: none; may be NULL */
	const struct ghost *ghosts;
	size_t ghost_cnt;
	const char *title; /* for those who do not see it */
	unsigned int run;  /* its place among the page's runs, from 0 */
};

/* Arrow heads and hatching, once on a page, before the first diagram. */
void spacetime__put_marks(FILE *out);

/* One <svg>; colours and fonts are the page's. */
void spacetime__put(const struct panel *panel, FILE *out);

/* "+24.9 ms", "+2.303 s". Returns @buf. */
char *spacetime__span(char *buf, size_t size, double ns);

#endif
