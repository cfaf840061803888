/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of a target, taken apart: [NAME=]SCHEME:VALUE. */
#ifndef CUTSET_TARGET_SPEC_H
#define CUTSET_TARGET_SPEC_H

#include <stdbool.h>

#include "base/err.h"
#include "target/node.h"

enum target_scheme { SPEC_DOCKER, SPEC_HOST, SPEC_COMPOSE, SPEC_CGROUP, SPEC_PID, SPEC_PGID };

struct target_spec {
	char name[NODE_NAME_MAX]; /* "" where none was given */
	enum target_scheme scheme;
	const char *value; /* points into the text; not empty */
};

/* Returns 0, or -1 (EXIT_USAGE, with the forms that there are). */
int spec__parse(const char *text, struct target_spec *ret, struct err *err);

/* [A-Za-z0-9_.-]{1,63} and no word that reports use for something else. */
bool spec__valid_name(const char *name);

/* The first number in the text of a file as daemons write it: digits, then white space or the end.
 * Returns 0 or -EINVAL. */
int spec__parse_pid_file(const char *text, pid_t *ret);

#endif
