/* SPDX-License-Identifier: GPL-2.0-only */
/* How late messages have to come for the promise to break: what was tried, in numbers, words and JSON. */
#ifndef CUTSET_HUNT_SHORTEST_H
#define CUTSET_HUNT_SHORTEST_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "hunt/rate.h"

struct shortest {
	uint64_t breaks_ns; /* so late it broke; 0: no finite delay that was tried did, or none was */
	uint64_t kept_ns;   /* the longest below that with which the promise was kept; 0: none was tried */
	struct rate kept;   /* with that */
	unsigned int run;   /* the last of those runs */
	uint64_t unsure_ns; /* between the two, the longest that broke less often or gave no answer; 0: none */
	struct rate unsure; /* with that */
};

/* "it breaks when that comes 2.7s late, and is kept with 2.2s (2 of 2 runs)"; empty where no delay was
 * tried. @asked_ns: the scenario's own delay, 0: none. Returns @buf. */
char *shortest__words(char *buf, size_t size, const struct shortest *shortest, uint64_t asked_ns);

/* docs/json.md; null where no delay was tried. Reading takes whatever is missing as not tried. */
json_t *shortest__to_json(const struct shortest *shortest);
struct shortest shortest__from_json(const json_t *json);

#endif
