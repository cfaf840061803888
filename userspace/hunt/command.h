/* SPDX-License-Identifier: GPL-2.0-only */
/* One command of a scenario (reset, workload, check), run in a process group of its own. */
#ifndef CUTSET_HUNT_COMMAND_H
#define CUTSET_HUNT_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "hunt/launcher.h"
#include "target/node.h"

enum command_end {
	COMMAND_NONE,	     /* was not run */
	COMMAND_YES,	     /* exit 0 */
	COMMAND_NO,	     /* exit 1 */
	COMMAND_OTHER,	     /* another status, or a signal */
	COMMAND_TIMEOUT,     /* killed: it took too long */
	COMMAND_INTERRUPTED, /* killed: the interrupt flag was raised */
};

struct command {
	const char *line;  /* for /bin/sh -c; or NULL and @argv */
	char *const *argv;
	const char *dir;      /* working folder; NULL: ours */
	const char *out_path; /* gets stdout and stderr; NULL: ours */
	uint64_t timeout_ns;  /* 0: none */
	bool sweep;	      /* kill what is left of the group once the command itself has exited */

	/* environment: CUTSET_RUN, CUTSET_RUN_DIR, CUTSET_PHASE, CUTSET_FAULTS, CUTSET_SILENCED; and
	 * CUTSET_ROLE_leader=etcd2 for each of these nodes that has a role (NULL: none) */
	unsigned int run;
	const char *run_dir, *phase, *faults, *silenced; /* NULL: empty */
	const struct nodes *nodes;

	struct launcher *launcher; /* starts it; NULL: the calling thread */

	/* Called with the child's pid before it runs anything; may be NULL. 0 or -1. */
	int (*started)(void *ctx, pid_t pid, struct err *err);
	void *ctx;
};

struct command_result {
	enum command_end end;
	int status; /* as wait(2) gives it */
	uint64_t ns;
};

/* By this status a command says that the run does not count, whatever came of it, and is to be made
 * again: sysexits' EX_TEMPFAIL. */
#define EXIT_DOES_NOT_COUNT 75
bool command__calls_off(const struct command_result *result);

/* "exit 3", "timed out after 20s", ...: how it ended. Returns @buf. */
char *command__print_end(char *buf, size_t size, const struct command_result *result);

/* Run it to its end; a group that must be ended gets SIGTERM, then SIGKILL. Only what was started
 * here is ever signalled. Returns 0 and fills @ret, or -1 when it could not be started. */
int command__run(const struct command *command, struct command_result *ret, struct err *err);

#endif
