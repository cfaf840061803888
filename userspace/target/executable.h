/* SPDX-License-Identifier: GPL-2.0-only */
/* The program that a process runs: its file, and the id that names this very build of it. */
#ifndef CUTSET_TARGET_EXECUTABLE_H
#define CUTSET_TARGET_EXECUTABLE_H

#include <limits.h>
#include <sys/types.h>

#define BUILD_ID_BYTES 128

struct executable {
	dev_t dev;
	ino_t ino;
	char path[PATH_MAX];	       /* as the process's namespace names it */
	char build_id[BUILD_ID_BYTES]; /* GNU's in hexadecimal, else Go's; "" where there is none */
};

/* Returns 0, or -errno: the process has gone, or is none of a file (a kernel thread). */
int executable__of(pid_t pid, struct executable *ret);

/* The build-id of an ELF file: its notes are found by its program headers, of which, and of the notes,
 * no more than is reasonable is read. "" where it has none or is no ELF file. */
void executable__build_id(int fd, char ret[BUILD_ID_BYTES]);

#endif
