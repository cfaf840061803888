/* SPDX-License-Identifier: GPL-2.0-only */
/* A YAML file read into a struct by a table of keys. Everything that the table does not know, or
 * that is of another type, is refused with file:line. */
#ifndef CUTSET_HUNT_KEYS_H
#define CUTSET_HUNT_KEYS_H

#include <stddef.h>

#include "base/err.h"

enum key_type {
	KEY_TEXT,  /* char *, owned by the struct */
	KEY_LIST,  /* char ** and size_t: a sequence of texts, or one text */
	KEY_SPAN,  /* uint64_t, nanoseconds */
	KEY_COUNT, /* unsigned int in [min, max] */
	KEY_LIMIT, /* int in [min, max], or `all`: -1 */
	KEY_OWN,   /* whatever @take makes of the text */
	KEY_MAP,   /* a mapping, read by @sub into the same struct */
};

struct key {
	const char *name; /* NULL ends a table */
	enum key_type type;
	size_t offset, cnt_offset;
	long min, max;
	const struct key *sub;
	/* KEY_OWN: returns NULL, or what is wrong with the text and how to mend it. */
	const char *(*take)(const char *text, void *target);
};

#define KEYS_MAX_BYTES (64 << 10)
#define KEYS_MAX_ITEMS 64 /* of a list */
#define KEYS_MAX_TEXT 4096

struct keys;

/* Parse the file, one document whose root is a mapping. NULL on error: EXIT_USAGE. */
struct keys *keys__open(const char *path, struct err *err);
/* The same from memory; @path is what messages call it. */
struct keys *keys__parse(const char *path, const char *text, size_t len, struct err *err);
void keys__close(struct keys *keys);

/* Fill @target (which holds the defaults; texts must be NULL). 0 or -1; what was filled stays the
 * caller's to free. */
int keys__take(struct keys *keys, const struct key *table, void *target, struct err *err);

/* The line of a key ("faults.heal"), 0 where the file has none: for checks that come later. */
unsigned int keys__line(struct keys *keys, const char *dotted);

/* err__set with "file:line: " in front, the line being that of @dotted (or the file alone). */
int keys__refuse(struct keys *keys, const char *dotted, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
