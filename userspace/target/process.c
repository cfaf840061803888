// SPDX-License-Identifier: GPL-2.0-only
#include "target/process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/grow.h"
#include "target/slurp.h"

/* A tree that still grows after so many looks forks all the time; the kernel side follows forks. */
#define MAX_LOOKS 16

struct table {
	struct entry {
		struct process process;
		bool in; /* belongs to what we look for */
	} *v;
	size_t cnt, cap;
};

int process__parse_stat(const char *text, struct process *ret)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	struct process p = { 0 };
	size_t len;

	if (!open || !close || close < open)
		return -EINVAL;
	/* "42 (redis-server) S 1 42 42 ...": field 22 is the start */
	if (sscanf(text, "%d", &p.pid) != 1 || p.pid <= 0)
		return -EINVAL;
	if (sscanf(close + 1,
		   " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64,
		   &p.state, &p.ppid, &p.pgid, &p.start) != 4)
		return -EINVAL;
	len = close - open - 1;
	if (len >= sizeof(p.comm))
		len = sizeof(p.comm) - 1;
	memcpy(p.comm, open + 1, len);
	*ret = p;
	return 0;
}

int process__read(pid_t pid, struct process *ret)
{
	char path[40], *text;
	int err;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	err = slurp(path, 4096, &text, NULL);
	if (err)
		return err == -ENOENT ? -ESRCH : err;
	err = process__parse_stat(text, ret);
	free(text);
	return err;
}

static bool alive(const struct process *p)
{
	return p->state != 'Z' && p->state != 'X';
}

bool process__same(pid_t pid, uint64_t start)
{
	struct process p;

	return !process__read(pid, &p) && p.start == start && alive(&p);
}

static int by_pid(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->process.pid > y->process.pid) - (x->process.pid < y->process.pid);
}

static struct entry *find(const struct table *table, pid_t pid)
{
	struct entry key = { .process.pid = pid };

	if (!table->cnt)
		return NULL;
	return bsearch(&key, table->v, table->cnt, sizeof(key), by_pid);
}

static int add_entry(struct table *table, const char *name)
{
	struct process p;
	char *end;
	long pid;

	if (!isdigit((unsigned char)*name))
		return 0;
	errno = 0;
	pid = strtol(name, &end, 10);
	if (*end || errno || pid > INT_MAX || process__read(pid, &p) || !alive(&p))
		return 0; /* gone between the listing and the look: not ours any more */
	if (grow(&table->v, &table->cap, table->cnt + 1))
		return -ENOMEM;
	table->v[table->cnt++] = (struct entry){ .process = p };
	return 0;
}

static int read_table(struct table *table)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (d = readdir(dir)))
		err = add_entry(table, d->d_name);
	closedir(dir);
	if (!err && table->cnt)
		qsort(table->v, table->cnt, sizeof(*table->v), by_pid);
	return err;
}

static bool holds(const struct table *table, pid_t pid)
{
	for (size_t i = 0; i < table->cnt; i++)
		if (table->v[i].process.pid == pid)
			return true;
	return false;
}

/* Of one thread. -ENOENT: it is gone, or this kernel does not tell (CONFIG_PROC_CHILDREN). */
static int add_children_of(struct table *table, pid_t pid, const char *thread)
{
	char path[64], *text, *word, *rest;
	int err;

	snprintf(path, sizeof(path), "/proc/%d/task/%.16s/children", pid, thread);
	err = slurp(path, 1 << 20, &text, NULL);
	if (err)
		return err;
	for (word = strtok_r(text, " ", &rest); word && !err; word = strtok_r(NULL, " ", &rest))
		if (!holds(table, (pid_t)atol(word)))
			err = add_entry(table, word);
	free(text);
	return err;
}

static int add_children(struct table *table, pid_t pid)
{
	char path[32];
	struct dirent *d;
	int err = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (!err || err == -ENOENT) && (d = readdir(dir)))
		if (isdigit((unsigned char)*d->d_name))
			err = add_children_of(table, pid, d->d_name);
	if (dir)
		closedir(dir);
	return err == -ENOENT || err == -ESRCH ? 0 : err;
}

/* The root, those that belonged to it before, and what descends from them. */
static int read_tree(struct table *table, const struct table *before, pid_t root)
{
	char name[16];
	int err;

	snprintf(name, sizeof(name), "%d", root);
	err = add_entry(table, name);
	for (size_t i = 0; i < before->cnt && !err; i++) {
		snprintf(name, sizeof(name), "%d", before->v[i].process.pid);
		if (!holds(table, before->v[i].process.pid))
			err = add_entry(table, name);
	}
	for (size_t i = 0; i < table->cnt && !err; i++)
		err = add_children(table, table->v[i].process.pid);
	if (!err && table->cnt)
		qsort(table->v, table->cnt, sizeof(*table->v), by_pid);
	return err;
}

/* Without it all of /proc has to be looked through. */
static bool kernel_tells_children(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	return !access(path, R_OK);
}

static bool was_in(const struct table *before, const struct process *p)
{
	const struct entry *e = find(before, p->pid);

	return e && e->in && e->process.start == p->start;
}

static bool is_seed(const struct process *p, pid_t root, pid_t pgid)
{
	return p->pid == root || (pgid && p->pgid == pgid);
}

/* Marks what belongs. Returns how many of those the look before did not know. */
static size_t mark(struct table *table, const struct table *before, pid_t root, pid_t pgid)
{
	size_t fresh = 0;
	bool moved = true;

	for (size_t i = 0; i < table->cnt; i++)
		table->v[i].in = is_seed(&table->v[i].process, root, pgid) ||
				 was_in(before, &table->v[i].process);
	while (moved) {
		moved = false;
		for (size_t i = 0; i < table->cnt; i++) {
			const struct entry *parent = find(table, table->v[i].process.ppid);

			if (table->v[i].in || !parent || !parent->in)
				continue;
			table->v[i].in = moved = true;
		}
	}
	for (size_t i = 0; i < table->cnt; i++)
		fresh += table->v[i].in && !was_in(before, &table->v[i].process);
	return fresh;
}

static int look_until_still(struct table *table, pid_t root, pid_t pgid)
{
	const bool by_children = root && kernel_tells_children();
	struct table before = { 0 };
	int err = 0;

	for (int i = 0; i < MAX_LOOKS; i++) {
		err = by_children ? read_tree(table, &before, root) : read_table(table);
		if (err || !mark(table, &before, root, pgid))
			break;
		free(before.v);
		before = *table;
		if (i + 1 < MAX_LOOKS)
			*table = (struct table){ 0 };
		else
			before = (struct table){ 0 };
	}
	free(before.v);
	return err;
}

static void put_first(pid_t *pids, size_t at)
{
	pid_t first = pids[at];

	memmove(pids + 1, pids, at * sizeof(*pids));
	pids[0] = first;
}

static int collect(const struct table *table, pid_t **ret, size_t *ret_cnt)
{
	pid_t *pids = calloc(table->cnt + 1, sizeof(*pids));
	size_t cnt = 0;

	if (!pids)
		return -ENOMEM;
	for (size_t i = 0; i < table->cnt; i++)
		if (table->v[i].in)
			pids[cnt++] = table->v[i].process.pid;
	if (!cnt) {
		free(pids);
		return -ESRCH;
	}
	*ret = pids;
	*ret_cnt = cnt;
	return 0;
}

static int gather(pid_t root, pid_t pgid, pid_t **ret, size_t *ret_cnt)
{
	struct table table = { 0 };
	int err = look_until_still(&table, root, pgid);

	if (!err)
		err = collect(&table, ret, ret_cnt);
	free(table.v);
	return err;
}

static bool lead(pid_t *pids, size_t cnt, pid_t leader)
{
	for (size_t i = 0; i < cnt; i++) {
		if (pids[i] != leader)
			continue;
		put_first(pids, i);
		return true;
	}
	return false;
}

int process__tree(pid_t root, pid_t **ret, size_t *ret_cnt)
{
	size_t cnt;
	pid_t *pids;
	int err = gather(root, 0, &pids, &cnt);

	if (err)
		return err;
	if (!lead(pids, cnt, root)) {
		free(pids);
		return -ESRCH;
	}
	*ret = pids;
	*ret_cnt = cnt;
	return 0;
}

int process__group(pid_t pgid, pid_t **ret, size_t *ret_cnt)
{
	int err = gather(0, pgid, ret, ret_cnt);

	if (!err && !lead(*ret, *ret_cnt, pgid))
		process__oldest_first(*ret, *ret_cnt);
	return err;
}

void process__oldest_first(pid_t *pids, size_t cnt)
{
	uint64_t oldest = UINT64_MAX;
	struct process p;
	size_t at = 0;

	for (size_t i = 0; i < cnt; i++) {
		if (process__read(pids[i], &p) || p.start >= oldest)
			continue;
		oldest = p.start;
		at = i;
	}
	if (cnt)
		put_first(pids, at);
}
