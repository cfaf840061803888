/* SPDX-License-Identifier: GPL-2.0-only */
/* A hunt as it lies on disk: its journal and its result; for reports, while it runs too.
 */
#ifndef CUTSET_REPORT_HUNT_FOLDER_H
#define CUTSET_REPORT_HUNT_FOLDER_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "base/err.h"
#include "causal/lineage.h"
#include "hunt/verdict.h"

/* A run that has ended. Texts are borrowed from the journal and never NULL. */
struct told_run {
	unsigned int number;
	const char *purpose, *why, *learned;
	enum verdict verdict;
	double seconds;
	const json_t *faults;  /* a list of texts, or NULL */
	const json_t *reports; /* of each fault, see docs/json.md; or NULL */
	bool kept;	       /* the promise was made and kept */
};

struct hunt_folder {
	char dir[PATH_MAX];   /* as given */
	json_t *lines;	      /* the journal */
	const json_t *head;   /* its first line */
	const json_t *result; /* NULL: the hunt has not ended */
	const char *name;     /* of the scenario, or its file's */
	const char *workload,
		*check; /* commands; NULL: there is none, or it was not written down */
	bool has_check;
	uint32_t heal; /* NOW_HEALED or NOW_END: when links and partitions healed */
	struct told_run *runs;
	size_t run_cnt;
};

/* Reads, takes no lock. 0; or -1 (EXIT_USAGE: no hunt's folder) and @ret is empty. */
int hunt_folder__load(const char *dir, struct hunt_folder *ret, struct err *err);
void hunt_folder__free(struct hunt_folder *folder);

/* The run of that number, or NULL. */
const struct told_run *hunt_folder__run(const struct hunt_folder *folder, unsigned int number);

/* The latest run that shows the violation; of a hunt without one the first good run; or NULL. */
const struct told_run *hunt_folder__shown(const struct hunt_folder *folder);

/* The path of a run's file. Returns @buf; empty where it does not fit. */
char *hunt_folder__path(const struct hunt_folder *folder, unsigned int run, const char *file,
			char *buf, size_t size);

/* What the hunt learned from its idle spans, from those traces that are there. 0 or -1. */
int hunt_folder__learn_idle(const struct hunt_folder *folder, struct evidence *evidence, struct err *err);

/* "{silence:a@check.0}", "{}" for none. Returns @buf. */
char *told_run__faults(const struct told_run *run, char *buf, size_t size);

#endif
