// SPDX-License-Identifier: GPL-2.0-only
#include "target/cgroup.h"

#include <errno.h>
#include <fts.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/grow.h"
#include "target/slurp.h"

#define PROC "/proc"
#define MAX_PROC_FILE (8 << 20)
#define CGROUP_NS_INIT_INODE 0xeffffffb /* include/linux/proc_ns.h: PROC_CGROUP_INIT_INO */

/* mountinfo writes space, tab, newline and backslash as \040 and so on. */
static bool unescape(const char *from, size_t len, char *to, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned int c = (unsigned char)from[i];

		if (n + 1 >= size)
			return false;
		if (c == '\\' && i + 3 < len && sscanf(from + i + 1, "%3o", &c) == 1)
			i += 3;
		to[n++] = (char)c;
	}
	to[n] = '\0';
	return true;
}

static const char *skip_field(const char *at, const char *end)
{
	while (at < end && *at != ' ')
		at++;
	return at < end ? at + 1 : end;
}

static size_t field_len(const char *at, const char *end)
{
	const char *space = memchr(at, ' ', end - at);

	return (space ? space : end) - at;
}

static bool type_is(const char *at, const char *end, const char *type)
{
	return field_len(at, end) == strlen(type) && !memcmp(at, type, strlen(type));
}

/* What the lines of mountinfo come to so far. */
struct search {
	struct cgroup_mount *mount;
	bool (*is_shown)(const char *path); /* NULL: all are */
	bool v1, shown;
};

static bool is_better(const struct search *search, bool whole, bool shown)
{
	bool has_whole = !strcmp(search->mount->root, "/");

	if (!search->mount->path[0] || whole != has_whole)
		return !search->mount->path[0] || whole;
	return shown && !search->shown;
}

static void take_v2(const char *root, const char *mount, const char *end, struct search *search)
{
	char where[PATH_MAX], what[PATH_MAX];
	bool shown;

	if (!unescape(mount, field_len(mount, end), where, sizeof(where)) ||
	    !unescape(root, field_len(root, end), what, sizeof(what)) || where[0] != '/' ||
	    what[0] != '/')
		return;
	shown = !search->is_shown || search->is_shown(where);
	if (!is_better(search, !strcmp(what, "/"), shown))
		return;
	strcpy(search->mount->path, where);
	strcpy(search->mount->root, what);
	search->shown = shown;
}

/* 41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw */
static void take_mount(const char *line, const char *end, struct search *search)
{
	const char *root = skip_field(skip_field(skip_field(line, end), end), end);
	const char *mount = skip_field(root, end);
	const char *dash = memmem(line, end - line, " - ", 3);

	if (!dash || mount >= dash)
		return;
	if (type_is(dash + 3, end, "cgroup"))
		search->v1 = true;
	else if (type_is(dash + 3, end, "cgroup2"))
		take_v2(root, mount, dash, search);
}

static void find_mount(const char *text, bool (*is_shown)(const char *path), struct cgroup_mount *ret)
{
	struct search search = { .mount = ret, .is_shown = is_shown };

	*ret = (struct cgroup_mount){ 0 };
	while (*text) {
		const char *end = strchrnul(text, '\n');

		take_mount(text, end, &search);
		text = *end ? end + 1 : end;
	}
	if (ret->path[0])
		ret->layout = search.v1 ? CGROUP_HYBRID : CGROUP_V2;
	else
		ret->layout = search.v1 ? CGROUP_V1 : CGROUP_NONE;
}

void cgroup__parse_mountinfo(const char *text, struct cgroup_mount *ret)
{
	find_mount(text, NULL, ret);
}

int cgroup__parse_membership(const char *text, char *ret, size_t size)
{
	while (*text) {
		const char *end = strchrnul(text, '\n');

		if (!strncmp(text, "0::/", 4)) {
			size_t len = end - (text + 3);

			if (len >= size)
				return -ENAMETOOLONG;
			memcpy(ret, text + 3, len);
			ret[len] = '\0';
			return 0;
		}
		text = *end ? end + 1 : end;
	}
	return -ENOENT;
}

uint32_t cgroup__level(const char *path)
{
	uint32_t level = 0;

	for (; *path; path++)
		level += *path != '/' && (path[1] == '/' || !path[1]);
	return level;
}

const char *cgroup__layout_name(enum cgroup_layout layout)
{
	static const char *const names[] = { "none", "v1", "hybrid", "v2" };

	return names[layout];
}

/* Later mounts may lie over one and hide it. */
static bool is_v2(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC;
}

static int read_mounts(const char *proc, struct cgroup_mount *ret, struct err *err)
{
	char path[PATH_MAX], *text;
	int failed;

	snprintf(path, sizeof(path), "%s/self/mountinfo", proc);
	failed = slurp(path, MAX_PROC_FILE, &text, NULL);
	if (failed)
		return err__set(err, EXIT_MACHINE, "cannot read %.300s: %s", path, strerror(-failed));
	find_mount(text, is_v2, ret);
	free(text);
	return 0;
}

int cgroup__mount(struct cgroup_mount *ret, struct err *err)
{
	return read_mounts(PROC, ret, err);
}

static int of_a_namespace(struct err *err)
{
	return err__set(err, EXIT_MACHINE,
			"this is a cgroup namespace of its own and shows only a part of the "
			"hierarchy; run cutset on the host (docker run --cgroupns=host)");
}

static bool is_namespace(const char *proc)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/self/ns/cgroup", proc);
	return !stat(path, &st) && st.st_ino != CGROUP_NS_INIT_INODE;
}

static int check(const char *proc, const struct cgroup_mount *mount, struct err *err)
{
	if (!mount->path[0])
		return err__set(err, EXIT_MACHINE,
				"cgroup v2 is not mounted, and containers and cgroups are told apart "
				"by it; mount it: mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 "
				"none /sys/fs/cgroup/unified");
	if (strcmp(mount->root, "/") || is_namespace(proc))
		return of_a_namespace(err);
	return 0;
}

int cgroup__check(const struct cgroup_mount *mount, struct err *err)
{
	return check(PROC, mount, err);
}

static int find_hierarchy(struct cgroup_mount *ret, struct err *err)
{
	return cgroup__mount(ret, err) || cgroup__check(ret, err) ? -1 : 0;
}

/* As the kernel writes it: no slash twice, none at the end. */
static void put_path(const char *path, char ret[CGROUP_PATH_BYTES])
{
	size_t at = 0;

	memset(ret, 0, CGROUP_PATH_BYTES);
	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		size_t len = strcspn(path, "/");

		if (at + 1 + len >= CGROUP_PATH_BYTES - 1) {
			memset(ret, 0, CGROUP_PATH_BYTES);
			return;
		}
		ret[at++] = '/';
		memcpy(ret + at, path, len);
		at += len;
		path += len;
	}
}

static int describe(const struct cgroup_mount *mount, const char *path, struct cgroup *ret)
{
	struct stat st;

	while (*path == '/')
		path++;
	if (strlen(mount->path) + 1 + strlen(path) >= sizeof(ret->dir))
		return -ENAMETOOLONG;
	stpcpy(stpcpy(stpcpy(ret->dir, mount->path), "/"), path);
	if (stat(ret->dir, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode) || !is_v2(ret->dir))
		return -ENOTDIR;
	ret->id = st.st_ino;
	ret->level = cgroup__level(path);
	put_path(path, ret->path);
	return 0;
}

/* A name with .. could climb out and would spoil the level. */
static bool has_dots(const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if ((len == 1 && path[0] == '.') || (len == 2 && path[0] == '.' && path[1] == '.'))
			return true;
		path += len;
		path += strspn(path, "/");
	}
	return false;
}

static int membership(const char *proc, pid_t pid, char *ret, size_t size)
{
	char path[PATH_MAX], *text;
	int failed;

	snprintf(path, sizeof(path), "%s/%d/cgroup", proc, pid);
	failed = slurp(path, MAX_PROC_FILE, &text, NULL);
	if (failed)
		return failed == -ENOENT ? -ESRCH : failed;
	failed = cgroup__parse_membership(text, ret, size);
	free(text);
	return failed;
}

static int in_no_group(pid_t pid, const char *where, struct err *err)
{
	return err__set(err, EXIT_MACHINE,
			"process %d is in no cgroup v2 of its own (it is in %.300s), so it cannot be told "
			"from others; use pid:%d, or let the container runtime use cgroup v2", pid, where,
			pid);
}

int cgroup__locate(const char *proc, pid_t pid, struct cgroup_mount *ret_mount, char *ret, size_t size,
		   struct err *err)
{
	int failed;

	if (read_mounts(proc, ret_mount, err) || check(proc, ret_mount, err))
		return -1;
	failed = membership(proc, pid, ret, size);
	if (failed == -ENOENT)
		return in_no_group(pid, "none at all", err);
	if (failed)
		return err__set(err, EXIT_TARGET, "cannot read the cgroup of process %d: %s", pid,
				strerror(-failed));
	if (has_dots(ret))
		return of_a_namespace(err);
	return cgroup__level(ret) ? 0 : in_no_group(pid, "the root", err);
}

bool cgroup__cut_to(char *path, const char *name)
{
	char *at = *name ? strstr(path, name) : NULL;

	if (!at)
		return false;
	at[strcspn(at, "/")] = '\0';
	return true;
}

int cgroup__of_container(pid_t pid, const char *id, struct cgroup *ret, struct err *err)
{
	struct cgroup_mount mount;
	char path[PATH_MAX];
	int failed;

	if (cgroup__locate(PROC, pid, &mount, path, sizeof(path), err))
		return -1;
	if (!cgroup__cut_to(path, id))
		return in_no_group(pid, path, err);
	failed = describe(&mount, path, ret);
	if (failed)
		return err__set(err, EXIT_TARGET, "cannot look at cgroup %.300s of process %d: %s", path,
				pid, strerror(-failed));
	return 0;
}

int cgroup__of_path(const char *path, struct cgroup *ret, struct err *err)
{
	struct cgroup_mount mount;
	const char *below = path;
	size_t len;
	int failed;

	if (has_dots(path))
		return err__set(err, EXIT_USAGE, "cgroup path %s: `.` and `..` have no place in it",
				path);
	if (find_hierarchy(&mount, err))
		return -1;
	len = strlen(mount.path);
	if (!strncmp(path, mount.path, len) && (path[len] == '/' || !path[len]))
		below = path + len;
	failed = describe(&mount, below, ret);
	if (failed)
		return err__set(err, EXIT_TARGET, "there is no cgroup %s below %s: %s", below,
				mount.path, strerror(-failed));
	if (!ret->level)
		return err__set(err, EXIT_USAGE,
				"%s is the root of all cgroups and holds every process, cutset too",
				path);
	return 0;
}

struct pid_array {
	pid_t *v;
	size_t cnt, cap;
};

static int take_procs(const char *dir, struct pid_array *pids)
{
	char path[PATH_MAX + 16], *text;
	int failed;

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	failed = slurp(path, MAX_PROC_FILE, &text, NULL);
	if (failed) /* a group may go while we look; a threaded one refuses */
		return failed == -ENOENT || failed == -ENODEV || failed == -EOPNOTSUPP ? 0 : failed;
	for (char *at = text, *next; *at; at = next) {
		long pid = strtol(at, &next, 10);

		if (next == at)
			break;
		if (pid <= 0 || pid > INT_MAX) /* 0: a process of another PID namespace */
			continue;
		if (grow(&pids->v, &pids->cap, pids->cnt + 1)) {
			free(text);
			return -ENOMEM;
		}
		pids->v[pids->cnt++] = pid;
	}
	free(text);
	return 0;
}

int cgroup__processes(const struct cgroup *cgroup, pid_t **ret, size_t *ret_cnt, struct err *err)
{
	char *const dirs[] = { (char *)cgroup->dir, NULL };
	FTS *fts = fts_open(dirs, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	struct pid_array pids = { 0 };
	int failed = fts ? 0 : -errno;
	FTSENT *e;

	while (fts && !failed && (e = fts_read(fts)))
		if (e->fts_info == FTS_D)
			failed = take_procs(e->fts_path, &pids);
	if (fts)
		fts_close(fts);
	if (failed) {
		free(pids.v);
		return err__set(err, EXIT_MACHINE, "cannot list the processes of %s: %s",
				cgroup->dir, strerror(-failed));
	}
	*ret = pids.v;
	*ret_cnt = pids.cnt;
	return 0;
}
