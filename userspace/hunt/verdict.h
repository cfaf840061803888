/* SPDX-License-Identifier: GPL-2.0-only */
/* What an experiment showed, from facts alone (DESIGN: experiments and verdicts). */
#ifndef CUTSET_HUNT_VERDICT_H
#define CUTSET_HUNT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hunt/command.h"

enum verdict {
	VERDICT_NONE,	     /* not run */
	VERDICT_SURVIVED,    /* promise made and kept */
	VERDICT_VIOLATED,    /* promise made, the check says broken */
	VERDICT_VACUOUS,     /* promise refused or unknown */
	VERDICT_UNKNOWN,     /* the check says neither */
	VERDICT_MISSED,	     /* covered bytes passed, or nothing of the set fired */
	VERDICT_LOST,	     /* events were dropped, the lineage has holes, or a command called the run off */
	VERDICT_BROKEN,	     /* reset or roles failed, a target died by itself, the lease ran out */
	VERDICT_INTERRUPTED, /* Ctrl-C: says nothing */
	VERDICTS,
};

struct facts {
	struct command_result reset, workload, check; /* .end COMMAND_NONE: was not run */
	bool has_check;
	bool target_died;
	bool miscast; /* the roles are not known */
	bool lapsed;
	size_t faults, fired; /* of the set; how many had an effect (run.h) */
	uint64_t unheld;      /* packets that a fault was to hold, and that passed */
	size_t leaked;	      /* messages that a fault covers, sent in its window and delivered in it */
	uint64_t lost;	      /* events */
	bool unsound;	      /* holes in the lineage, or a trace that was cut off */
};

/*
 * A promise seen broken needs no trace, so `violated` stands beside losses and leaks (the repeats
 * judge them); but not where nothing fired: then there was no experiment. @why (may be NULL) gets
 * one sentence. Pure.
 */
enum verdict verdict__of(const struct facts *facts, char *why, size_t size);

const char *verdict__name(enum verdict verdict);
/* VERDICT_NONE where there is no such name. */
enum verdict verdict__named(const char *name);

#endif
