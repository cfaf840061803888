// SPDX-License-Identifier: GPL-2.0-only
#include "inject/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCK_PATH "/run/cutset.lock"

/* The holder writes its number after it has the lock: 0 where it has not come to that yet. */
static long read_holder(int fd)
{
	char text[32] = "";
	long pid = 0;

	if (pread(fd, text, sizeof(text) - 1, 0) > 0)
		sscanf(text, "%ld", &pid);
	return pid;
}

static int refuse(int fd, int why, struct err *err)
{
	long pid = read_holder(fd);

	if (why != EWOULDBLOCK)
		return err__set(err, EXIT_MACHINE, "cannot lock " LOCK_PATH ": %s", strerror(why));
	if (!pid)
		return err__set(err, EXIT_MACHINE, "another cutset is at work on this machine; "
						   "wait until it has ended");
	return err__set(err, EXIT_MACHINE,
			"another cutset is at work on this machine (process %ld); wait until it has "
			"ended, or end it",
			pid);
}

int lock__take(struct err *err)
{
	int fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return err__set(err, EXIT_MACHINE, "cannot open " LOCK_PATH ": %s; run as root",
				strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		refuse(fd, errno, err);
		close(fd);
		return -1;
	}
	if (ftruncate(fd, 0) || dprintf(fd, "%ld\n", (long)getpid()) < 0) {
		err__set(err, EXIT_MACHINE, "cannot write " LOCK_PATH ": %s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

void lock__release(int fd)
{
	if (fd < 0)
		return;
	if (ftruncate(fd, 0)) {
		/* the number of a process that holds no lock misleads nobody */
	}
	close(fd);
}
