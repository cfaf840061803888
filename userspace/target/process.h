/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes as /proc shows them: one, a tree, a group. */
#ifndef CUTSET_TARGET_PROCESS_H
#define CUTSET_TARGET_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t pid, ppid, pgid;
	char state;
	uint64_t start; /* clock ticks since boot: with the pid it names a process for good */
	char comm[16];
};

/* One line of /proc/PID/stat; the name may hold spaces and brackets. Returns 0 or -EINVAL. */
int process__parse_stat(const char *text, struct process *ret);

/* Returns 0, -ESRCH where there is none, or -errno. */
int process__read(pid_t pid, struct process *ret);

/* Alive (no zombie), and the one that started then? */
bool process__same(pid_t pid, uint64_t start);

/*
 * The process and all its present descendants; the members of a group and theirs. Looks again until
 * nothing new appears, so that a child forked meanwhile is not missed. No zombies. (*ret)[0] is the
 * root, the group's leader or, where that has gone, the oldest; the others follow by number.
 * Returns 0 and *ret owned by the caller, -ESRCH where nothing is alive, or -errno.
 */
int process__tree(pid_t root, pid_t **ret, size_t *ret_cnt);
int process__group(pid_t pgid, pid_t **ret, size_t *ret_cnt);

/* Put the oldest of @pids first. Those that are gone count as youngest. */
void process__oldest_first(pid_t *pids, size_t cnt);

#endif
