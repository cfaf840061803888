/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where cgroup v2 lives on this machine, and which of its groups a process or a path is. BPF knows
 * a group by its id, which is the inode number of its directory, and by its depth.
 */
#ifndef CUTSET_TARGET_CGROUP_H
#define CUTSET_TARGET_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "../bpf/member.h"

enum cgroup_layout {
	CGROUP_NONE,   /* nothing is mounted */
	CGROUP_V1,     /* v1 alone */
	CGROUP_HYBRID, /* v1 controllers, and v2 beside them (systemd: /sys/fs/cgroup/unified) */
	CGROUP_V2,
};

struct cgroup_mount {
	enum cgroup_layout layout;
	char path[PATH_MAX]; /* of v2; "" where it is not mounted */
	char root[PATH_MAX]; /* the group that is visible there, "/" for all */
};

struct cgroup {
	char dir[PATH_MAX]; /* its directory in the mount */
	uint64_t id;
	uint32_t level; /* 0 is the root */
	char path[CGROUP_PATH_BYTES]; /* from the root on; "" where it is longer */
};

/* Text of /proc/PID/mountinfo, which is any; a whole hierarchy is preferred to a part. */
void cgroup__parse_mountinfo(const char *text, struct cgroup_mount *ret);

/* The path behind `0::` in the text of /proc/PID/cgroup. Returns 0, -ENOENT where there is no such
 * line, -ENAMETOOLONG. */
int cgroup__parse_membership(const char *text, char *ret, size_t size);

/* "/docker/abc" is 2, "/" is 0. */
uint32_t cgroup__level(const char *path);

/* This machine's. Returns 0 or -1 (EXIT_MACHINE). */
int cgroup__mount(struct cgroup_mount *ret, struct err *err);

/* Can nodes be told apart by it? v2 must be there, and be seen from its true root: the kernel counts
 * levels from there. Returns 0 or -1 (EXIT_MACHINE). */
int cgroup__check(const struct cgroup_mount *mount, struct err *err);
const char *cgroup__layout_name(enum cgroup_layout layout);

/*
 * What the files below @proc ("/proc") say of a process: the hierarchy, and the path of its group in it.
 * EXIT_MACHINE where that is the root, where only a part of the hierarchy is seen, or v2 is not mounted;
 * EXIT_TARGET where there is no such process.
 */
int cgroup__locate(const char *proc, pid_t pid, struct cgroup_mount *ret_mount, char *ret, size_t size,
		   struct err *err);

/* Cut @path behind its first part that holds @name. False: there is none. */
bool cgroup__cut_to(char *path, const char *name);

/*
 * The group of a container, by its first process and its id. Whatever made groups below it and moved
 * there (systemd, Docker in Docker), the container's is the one that runtimes name after the id; where
 * there is none, containers share a group: EXIT_MACHINE.
 */
int cgroup__of_container(pid_t pid, const char *id, struct cgroup *ret, struct err *err);

/* @path below the mount ("/sys/fs/cgroup/unified/a") or in the hierarchy ("/a", "a").
 * EXIT_TARGET where there is none. */
int cgroup__of_path(const char *path, struct cgroup *ret, struct err *err);

/* Its processes and those of the groups below it. Returns 0 and *ret owned by the caller (NULL
 * where there are none), or -1. */
int cgroup__processes(const struct cgroup *cgroup, pid_t **ret, size_t *ret_cnt, struct err *err);

#endif
