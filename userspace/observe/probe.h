/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this machine can do. Each probe tries the thing itself, small, in a network namespace that
 * goes away with it, and leaves nothing behind: versions and configurations lie.
 */
#ifndef CUTSET_OBSERVE_PROBE_H
#define CUTSET_OBSERVE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

enum probe_need {
	PROBE_NEEDED, /* without it nothing works */
	PROBE_CUTTER, /* one of these must work */
	PROBE_HELPS,  /* something is missing, as `meaning` says */
};

struct probe_result {
	const char *id;	   /* stable, for --json */
	const char *title; /* for people */
	enum probe_need need;
	bool ok;
	char detail[200];    /* what was found, or why not */
	const char *meaning; /* for cutset, with this answer */
	const char *mend;    /* NULL where there is nothing to mend */
};

size_t probe__cnt(void);
void probe__try(size_t i, struct probe_result *ret);

/* Can cutset hunt here, by these results? */
bool probe__enough(const struct probe_result *results, size_t cnt);

const char *probe__need_name(enum probe_need need);

#endif
