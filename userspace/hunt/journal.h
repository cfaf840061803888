/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hunt's diary, DIR/journal.jsonl: one JSON object a line, each on disk (fsync) before the next
 * thing happens. A torn last line, as a kill leaves it, is cut off; anything else that is no JSON
 * is refused.
 */
#ifndef CUTSET_HUNT_JOURNAL_H
#define CUTSET_HUNT_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct journal;

/*
 * Without @resume: @dir is made (with its parents) and must be empty. With: it must hold a journal.
 * Locked against a second hunt. NULL on error: EXIT_USAGE.
 */
struct journal *journal__open(const char *dir, bool resume, struct err *err);

/* Append an object; takes the reference. 0 or -1. */
int journal__add(struct journal *journal, json_t *object, struct err *err);

/* What was there when it was opened. Borrowed. */
size_t journal__cnt(const struct journal *journal);
const json_t *journal__at(const struct journal *journal, size_t index);

void journal__close(struct journal *journal); /* takes NULL */

#endif
