/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One experiment of a hunt: executed and written down, or, when the hunt is resumed, recalled from
 * the journal and the trace that its run left. Whoever asks cannot tell the two apart: that is how
 * a resumed hunt comes to where it was.
 */
#ifndef CUTSET_HUNT_EXPERIMENT_H
#define CUTSET_HUNT_EXPERIMENT_H

#include "hunt/fault_json.h"
#include "hunt/journal.h"
#include "hunt/judge.h"
#include "hunt/run.h"

struct experiment;

/* What all experiments of a hunt share. */
struct lab {
	const struct scenario *scenario;
	struct session *session;
	struct journal *journal;
	struct evidence *evidence;
	char dir[PATH_MAX];	 /* of the hunt, absolute */
	unsigned int last_number; /* of runs */
	unsigned int runs;	 /* that were judged, recalled ones too */
	uint64_t recalled_ns;	 /* what recalled runs took */
	bool *recalled;		 /* journal lines that have been used */
	/* Called when a phase of an experiment begins; may be NULL. */
	void (*entered)(void *ctx, const struct experiment *experiment, const char *phase);
	void *ctx;
};

struct experiment {
	struct run run;
	const char *purpose; /* "baseline", "candidate", "confirm", "shrink", "repeat" */
	enum verdict verdict;
	char why[256];
	bool was_recalled;
};

/* After journal__open. 0 or -1. */
int lab__open(struct lab *lab, const struct scenario *scenario, struct session *session,
	      struct journal *journal, const char *dir, struct err *err);
void lab__close(struct lab *lab);

/* Run @faults once, after @idle_ns at rest. 0 and fills @ret, or -1. */
int experiment__run(struct lab *lab, const struct fault_set *faults, const char *purpose, uint64_t idle_ns,
		    struct experiment *ret, struct err *err);

/* Was the promise made and kept, whatever else is to be said of the run? */
bool experiment__kept(const struct experiment *experiment);

/* The judge of the trace that run @number left, under @faults; valid as long as both and @path. */
struct judge lab__judge(const struct lab *lab, const struct fault_set *faults, unsigned int number,
			char *path);

/* The judge of its trace; valid as long as @experiment and @path (PATH_MAX bytes). */
struct judge experiment__judge(const struct lab *lab, const struct experiment *experiment, char *path);

/* What became of each fault: a JSON list. */
json_t *reports__to_json(const struct fault_set *set, const struct fault_report *reports,
			 const struct name_table *names);

#endif
