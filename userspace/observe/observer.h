/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From running processes to a trace file: attaches the tracing programs, drains the ring buffer on
 * a thread of its own, and closes the books.
 */
#ifndef CUTSET_OBSERVER_H
#define CUTSET_OBSERVER_H

#include "observe/kernel.h"
#include "trace/trace.h"

struct observer;

/* Attach the tracing programs and start draining. Events are thrown away while no file is open. */
struct observer *observer__start(struct kernel *kernel, struct err *err);

/* Begin a trace at @path, which calls @nodes as target/role.h does: the run's clock goes to NOW_IDLE, the kernel's ledger to zero. */
int observer__begin_trace(struct observer *observer, const char *path, const struct nodes *nodes,
			  struct err *err);

/* Write an EV_PHASE record: a phase begins, and what the one before ended with. */
void observer__phase(struct observer *observer, enum phase phase, int code);

/* Write an EV_BLIND record: from here on the trace does not say all of what @node did. */
void observer__blind(struct observer *observer, uint16_t node, enum blind why);

/* Drain what is there, close the file. @ret_ledger may be NULL. */
int observer__end_trace(struct observer *observer, struct ledger *ret_ledger, struct err *err);

/* Events taken from the ring buffer since begin_trace. */
uint64_t observer__drained(const struct observer *observer);

void observer__stop(struct observer *observer); /* takes NULL */

#endif
