// SPDX-License-Identifier: GPL-2.0-only
#include "inject/injector.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <glob.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/grow.h"
#include "base/privilege.h"
#include "base/rtnl.h"
#include "inject/claim.h"
#include "inject/device.h"
#include "inject/hook.h"
#include "inject/qdisc_note.h"
#include "target/netns.h"

struct sweep {
	FILE *out, *busy;
	struct claims *claims;
	unsigned long inode; /* of the namespace that is swept */
	const char *where;   /* a path that names it */
	int removed;
};

static void sweep_iface(struct sweep *sweep, const struct if_nameindex *iface)
{
	int cnt;

	if (device__is_name(iface->if_name)) {
		if (rtnl__delete_link(iface->if_index))
			return;
		fprintf(sweep->out, "removed device %s in %s\n", iface->if_name, sweep->where);
		sweep->removed++;
		return;
	}
	cnt = hook__remove_leftover(iface->if_index, qdisc_note__has(sweep->inode, iface->if_index));
	if (cnt)
		fprintf(sweep->out, "removed %d filters and qdiscs from %s in %s\n", cnt,
			iface->if_name, sweep->where);
	sweep->removed += cnt;
}

static int sweep_namespace(void *arg)
{
	struct if_nameindex *ifaces = if_nameindex();

	if (!ifaces)
		return 0;
	for (const struct if_nameindex *iface = ifaces; iface->if_index; iface++)
		sweep_iface(arg, iface);
	if_freenameindex(ifaces);
	return 0;
}

static int by_number(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

struct seen {
	unsigned long *v;
	size_t cnt, cap;
};

static bool seen_before(struct seen *seen, unsigned long inode)
{
	if (seen->cnt && bsearch(&inode, seen->v, seen->cnt, sizeof(*seen->v), by_number))
		return true;
	if (grow(&seen->v, &seen->cap, seen->cnt + 1))
		return true;
	seen->v[seen->cnt++] = inode;
	qsort(seen->v, seen->cnt, sizeof(*seen->v), by_number);
	return false;
}

static void sweep_path(struct sweep *sweep, struct seen *seen, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err taken = {};
	struct stat st;

	if (fd < 0) /* a process that has ended */
		return;
	if (!fstat(fd, &st) && !seen_before(seen, st.st_ino)) {
		sweep->inode = st.st_ino;
		sweep->where = path;
		if (claims__take(sweep->claims, (uint32_t)st.st_ino, path, &taken))
			fprintf(sweep->busy, "%s\n", taken.msg);
		else
			netns__run(fd, sweep_namespace, sweep);
	}
	close(fd);
}

int injector__cleanup(FILE *out, FILE *busy, struct err *err)
{
	static const char *const patterns[] = { "/run/netns/*", "/run/docker/netns/*",
						"/proc/[0-9]*/ns/net" };
	libbpf_print_fn_t talk;
	struct sweep sweep = { .out = out, .busy = busy };
	struct seen seen = {};
	glob_t found = {};

	if (privilege__check(JOB_CLEANUP, "cleanup", err))
		return -1;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (glob(patterns[i], GLOB_NOSORT | (i ? GLOB_APPEND : 0), NULL, &found) ==
		    GLOB_NOSPACE)
			return err__set(err, EXIT_MACHINE, "out of memory");
	sweep.claims = claims__new(err);
	if (!sweep.claims) {
		globfree(&found);
		return -1;
	}
	talk = libbpf_set_print(NULL); /* we ask for what need not be there */
	for (size_t i = 0; i < found.gl_pathc; i++)
		sweep_path(&sweep, &seen, found.gl_pathv[i]);
	globfree(&found);
	claims__free(sweep.claims);
	free(seen.v);
	libbpf_set_print(talk);
	qdisc_notes__forget_dead();
	return sweep.removed;
}
