/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * By which hooks the kernel side observes: found by trying, since versions and configurations lie.
 * Whatever they are, the events are the same, with one exception: a call that was under way when
 * the functions' hooks were attached ends unseen (its bytes are a hole of the stream). So
 * tracepoints are the default.
 */
#ifndef CUTSET_OBSERVE_BACKEND_H
#define CUTSET_OBSERVE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct bpf_program;
struct cutset_bpf; /* the skeleton, cutset.skel.h */

struct backend {
	bool functions; /* system calls by fentry and fexit; else by the tracepoints of all of them
			 */
	bool send_tracepoint; /* where a send's bytes lie is told by the kernel, under the socket's
				 lock */
	bool send_function;   /* likewise, by fentry (before 6.16) */
	bool uring;	      /* what io_uring moves over TCP can be recorded */
	bool interrupts;      /* a wake-up that an interrupt gives is told from one by the thread */
};

/*
 * What this kernel allows. The environment's CUTSET_BACKEND, `tracepoints` or `functions`, takes
 * the choice of the first away. 0, or -1: EXIT_USAGE for another word, EXIT_MACHINE where functions
 * are asked for and the kernel has no trampolines.
 */
int backend__choose(struct backend *ret, struct err *err);

/* Before loading: what this back-end does not use is left out; @recognise: see struct kernel_opts. */
void backend__fit(const struct backend *backend, bool recognise, struct cutset_bpf *skel);

/* After loading: programs that jump get their aims. 0 or -1 (EXIT_MACHINE). */
int backend__connect(struct cutset_bpf *skel, struct err *err);

/* Is it loaded, and attached on its own? Those that are jumped to are not. */
bool backend__attaches(const struct cutset_bpf *skel, const struct bpf_program *prog);

/* `system calls by tracepoint, positions by function`; returns @buf. */
const char *backend__text(const struct backend *backend, char *buf, size_t size);

#endif
