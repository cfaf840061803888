/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs a program of the protocol suite (containers/suite) in lockstep, without network or clock:
 * what is sent in tick t is handed over at the beginning of tick t + 1, unless a fault takes it; what comes
 * late, so many whole ticks of LOCKSTEP_TICK_NS later.
 * Tick t is the step workload.t; nodes have the ids 1, 2, ... in the order of their names.
 */
#ifndef CUTSET_SUITE_LOCKSTEP_H
#define CUTSET_SUITE_LOCKSTEP_H

#include "model/course.h"
#include "model/fault.h"
#include "model/support.h"
#include "model/transcript.h"

/* What one node sends another is one stream of this port: a stall of it holds all from its step on. */
#define LOCKSTEP_PORT 7000

#define LOCKSTEP_TICK_NS 1000000000ULL

struct program; /* containers/suite/suite.h, whose nodes are not ours */
struct judgement;

struct lockstep_run {
	bool made, kept;
	bool fired[MAX_FAULTS];
	struct support lineage;	  /* happens-before, of all lines that were logged */
	struct support delivered; /* everything */
	struct course course;
	struct transcript said;
};

/* Run @program for @ticks under @faults. lockstep__free empties @ret. */
void lockstep__run(const struct program *program, const struct judgement *judgement, int ticks,
		   const struct fault_set *faults, struct lockstep_run *ret);
void lockstep__free(struct lockstep_run *run);

const struct judgement *lockstep__judgement(const char *name);
uint16_t lockstep__nodes(const struct program *program);
const char *lockstep__name(const struct program *program, uint16_t id); /* NULL: there is none */

#endif
