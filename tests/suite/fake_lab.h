/* SPDX-License-Identifier: GPL-2.0-only */
/* Hunts whose experiments are run in lockstep: the loop is the real one, the laboratory is not. */
#ifndef CUTSET_SUITE_FAKE_LAB_H
#define CUTSET_SUITE_FAKE_LAB_H

#include "hunt/hunt.h"
#include "tests/suite/lockstep.h"

struct fake_hunt {
	const struct program *program;
	const char *judgement;
	int ticks;
	uint32_t until;	      /* a tick */
	int losses, stalls, silences; /* -1: any number */
	bool monotone, lockstep;
	unsigned int moody_run; /* in which a node says something else; 0: none */
	bool restless;		/* each run rests on a message that is none of another */
	bool racing;		/* after its first run a set keeps the promise from being made */
	unsigned int lost_from; /* this run and the two after it do not count; 0: all do */
	int total; /* faults at most; 0: any number */
	uint64_t delay_ns; /* of all faults; 0: endless */
	bool shorten;
	uint64_t wobble_ns; /* delays are so much shorter in every third run */
	unsigned int repeat_runs, shrink_runs; /* 0: 1, and as many as it takes */
	struct hunt_opts opts; /* .dir is made up */
};

/* hunt__run; hunt_result__free(@ret). */
void fake_hunt__run(const struct fake_hunt *hunt, struct hunt_result *ret);

/* The names of its nodes, as faults are printed; valid until the next one. */
const struct name_table *fake_hunt__names(const struct program *program);

#endif
