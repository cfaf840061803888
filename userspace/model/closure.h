/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which fault sets have to be looked at, and which of them are foretold (precedent.h): from the empty set on, each set
 * whose run is known gains one fault more that takes something its outcome rested on, as late as it still does. A set
 * that nobody knows is open: a candidate. When none is open, none is left; the formula says so too, once it holds all
 * that was foretold, and decides.
 */
#ifndef CUTSET_MODEL_CLOSURE_H
#define CUTSET_MODEL_CLOSURE_H

#include "model/precedent.h"

struct closure;

/* Both are borrowed. @last_step: of the workload. NULL: memory. */
struct closure *closure__new(const struct model_opts *opts, struct precedents *precedents, uint32_t last_step);
void closure__free(struct closure *closure); /* takes NULL */

/* A set that was run, or was foretold elsewhere, and what it rested on; again when it rested on more. 0 or -1. */
int closure__know(struct closure *closure, const struct fault_set *faults, const struct support *support);

/* A set that broke the promise, or that cannot be judged: it, and with @all what holds it, is never open. 0 or -1. */
int closure__leave_out(struct closure *closure, const struct fault_set *faults, bool all);

/* Foretell what can be. 1 and the first of the smallest open sets in *ret, 0: none is open, -1: memory. */
int closure__next(struct closure *closure, struct fault_set *ret);

size_t closure__open_cnt(const struct closure *closure);
size_t closure__foretold_cnt(const struct closure *closure); /* those that were run later included */
size_t closure__unrun_cnt(const struct closure *closure);    /* and not */

/* The @index-th set that was foretold, and how its run would end. */
enum lesson closure__foretold(const struct closure *closure, size_t index, struct fault_set *ret);

#endif
