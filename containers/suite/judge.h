/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run's logs say of its promise. */
#ifndef SUITE_JUDGE_H
#define SUITE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#define MAX_LINES 64

struct logs {
	size_t cnt;
	struct {
		int node; /* in the order of the program's names */
		const char *text;
	} line[MAX_LINES];
	int nodes;
	unsigned int silenced; /* bits: their lines do not count */
};

struct judgement {
	const char *name;
	bool (*made)(const struct logs *logs); /* was anything promised? */
	bool (*kept)(const struct logs *logs);
};

/* NULL: there is none of this name. */
const struct judgement *judgement__find(const char *name);

#endif
