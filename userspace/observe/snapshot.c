// SPDX-License-Identifier: GPL-2.0-only
#include "observe/snapshot.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cutset.skel.h"

/* A program of kind iter runs while its file is read. */
static int run(struct bpf_link *link)
{
	int fd = bpf_iter_create(bpf_link__fd(link)), error = 0;
	char none[64];
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, none, sizeof(none))) > 0 || (n < 0 && errno == EINTR))
		;
	if (n < 0)
		error = -errno;
	close(fd);
	return error;
}

static int walk(struct bpf_program *prog, const char *what, struct err *err)
{
	struct bpf_link *link = bpf_program__attach_iter(prog, NULL);
	int error;

	if (!link)
		return err__set(err, EXIT_MACHINE, "cannot look at %s: %s; see `cutset doctor`", what,
				strerror(errno));
	error = run(link);
	bpf_link__destroy(link);
	return error ? err__set(err, EXIT_MACHINE, "cannot look at %s: %s", what, strerror(-error)) :
		       0;
}

int snapshot__take_files(struct kernel *kernel, struct err *err)
{
	int counter = eventfd(0, EFD_CLOEXEC); /* so that there is one to know the others by */
	int ret = walk(kernel__skel(kernel)->progs.snapshot_file, "open files", err);

	close(counter);
	return ret;
}

int snapshot__take_sockets(struct kernel *kernel, struct err *err)
{
	return walk(kernel__skel(kernel)->progs.owner_file, "open sockets", err);
}

int snapshot__take_threads(struct kernel *kernel, struct err *err)
{
	return walk(kernel__skel(kernel)->progs.snapshot_task, "threads", err);
}
