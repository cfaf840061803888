/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where each event of one or two scenes stands: time goes down, a row an event, idle stretches are
 * folded; what is the same message in both scenes stands on the same row.
 */
#ifndef CUTSET_REPORT_LAYOUT_H
#define CUTSET_REPORT_LAYOUT_H

#include "base/units.h"
#include "report/scene.h"

#define LAYOUT_ROW 20
#define LAYOUT_FOLD 24			     /* more, where an idle stretch was folded */
#define LAYOUT_BAND 22			     /* more, where a step begins */
#define LAYOUT_FOLD_NS (100 * NSEC_PER_MSEC) /* what is idle longer is folded */

struct place {
	int y;
	bool folded; /* an idle stretch lies before it */
	bool begins; /* a step begins with it */
	bool shared; /* the other scene has the same event on this row */
};

struct layout {
	struct place *a, *b; /* for each event of the scenes; @b NULL: there is one scene */
	int height;
};

/* @a_to_b: partners of @a's messages; @b and @a_to_b are NULL for one scene alone. Fills @ret, to
 * be freed; 0 or -1 (memory). */
int layout__of(const struct scene *a, const struct scene *b, const uint32_t *a_to_b,
	       struct layout *ret);
void layout__free(struct layout *layout);

/* Where an instant lies that is no event, between those that are. */
int layout__y(const struct scene *scene, const struct place *places, uint64_t ts_ns);

#endif
