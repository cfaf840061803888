/* SPDX-License-Identifier: GPL-2.0-only */
/* What a hunt leaves in its folder besides the runs: the journal's head and result.json. */
#ifndef CUTSET_HUNT_RESULT_H
#define CUTSET_HUNT_RESULT_H

#include "hunt/hunt.h"

/*
 * A new hunt: write the journal's first line (scenario, its content's hash, seed, strategy). One
 * that is resumed: take seed and strategy from there; refused (EXIT_USAGE) when the scenario, or a
 * seed or strategy that was asked for, differs.
 */
int hunt_head__settle(struct journal *journal, const struct scenario *scenario,
		      const struct hunt_opts *opts, uint64_t *ret_seed,
		      enum strategy_kind *ret_kind, struct err *err);

/* Where the scenario of the hunt in @dir lies, from its journal; owned by the caller. NULL on error. */
char *hunt_head__scenario(const char *dir, struct err *err);

json_t *hunt_result__to_json(const struct hunt_result *result, const struct name_table *names);

/* DIR/result.json, in place of an older one. */
int hunt_result__write(const struct hunt_result *result, const char *dir,
		       const struct name_table *names, struct err *err);

/* DIR/result.json; owned by the caller. NULL on error (EXIT_USAGE). */
json_t *hunt_result__read(const char *dir, struct err *err);

#endif
