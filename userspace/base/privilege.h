/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Capabilities (capabilities(7)): which of them a job needs and for what, and giving up the others.
 * They are a thread's own; a thread begins with what its maker has at that moment.
 */
#ifndef CUTSET_BASE_PRIVILEGE_H
#define CUTSET_BASE_PRIVILEGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum job {
	JOB_TRACE,
	JOB_INJECT, /* hunt and replay too */
	JOB_CLEANUP,
};

struct privilege {
	int capability;
	const char *name;    /* "CAP_BPF" */
	unsigned int needed; /* bits, 1 << job: it does not work without */
	unsigned int used;   /* bits, 1 << job: used where it is there */
	bool stays;	     /* needed after all is attached, too */
	bool in_admin;	     /* CAP_SYS_ADMIN includes it */
	const char *why;     /* "enter network namespaces" */
};

size_t privilege__cnt(void);
const struct privilege *privilege__get(size_t i);

/* Is it in force in the calling thread? */
bool privilege__held(const struct privilege *privilege);

/* Their names, of those that @job needs and that are not in force. Returns how many. */
size_t privilege__missing(enum job job, char *buf, size_t size);

/* Is nothing missing that @job needs? EXIT_MACHINE else: "@who needs ...". */
int privilege__check(enum job job, const char *who, struct err *err);

/* All is attached: the calling thread keeps what @job goes on to need or use, at most, and nothing
 * that it executes can have more. CAP_SYS_ADMIN is permitted, but not in force. EXIT_MACHINE where
 * the kernel refuses. */
int privilege__confine(enum job job, struct err *err);

/* The calling thread keeps nothing; what cannot be given up stays. */
void privilege__drop(void);

/* Put CAP_SYS_ADMIN in force again, in a thread that enters another namespace and then ends. */
void privilege__enter(void);

#endif
