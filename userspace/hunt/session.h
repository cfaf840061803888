/* SPDX-License-Identifier: GPL-2.0-only */
/* What every command that touches the kernel sets up: nodes, programs, observer, injector. */
#ifndef CUTSET_HUNT_SESSION_H
#define CUTSET_HUNT_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "hunt/launcher.h"
#include "inject/claim.h"
#include "inject/injector.h"
#include "model/fault.h"
#include "observe/kernel.h"
#include "observe/observer.h"
#include "target/node.h"

struct session_opts {
	char *const *targets;
	size_t target_cnt;
	char *const *clients; /* targets that are clients */
	size_t client_cnt;
	bool commands; /* add the node "client" for what we start ourselves */
	bool inject;   /* an injector, and the targets claimed against another one */
	enum park_engine engine; /* of finite delays */
	size_t ring_bytes, payload_bytes;
};

/* The nodes that these targets are, that of the commands last. 0 or -1. */
int session_opts__find(const struct session_opts *opts, struct nodes *nodes, struct err *err);

struct session {
	struct nodes nodes;
	struct name_table names; /* of the nodes, by what they are called in this run: see target/role.h */
	struct kernel *kernel;
	struct observer *observer;
	struct injector *injector;
	uint16_t client; /* the node "client"; 0 where there is none */
	bool stale;	 /* the programs have not been told of all that the nodes became */
	uint64_t strange; /* bits, 1 << id: nodes that they did not know when they were last told */
	struct launcher *launcher; /* of commands */
	struct claims *claims; /* one injector at a time on a target; NULL where there is none */
};

/* From here on the calling thread, and those that it makes, have only the privileges that are still needed.
 * 0, or -1, the privileges are as before and @session is empty. */
int session__open(struct session *session, const struct session_opts *opts, struct err *err);

/* The nodes may have been restarted: look again, and tell the programs. */
int session__refresh(struct session *session, struct err *err);

/* Move the run's clock. Only ever forward, but for NOW_IDLE. */
void session__set_now(struct session *session, uint32_t now);
/* From now on what clients send after they received moves the clock, or not any more. */
void session__count(struct session *session, bool on);

/* For struct command .started: the child becomes the node "client". @ctx: the session. */
int session__own(void *ctx, pid_t pid, struct err *err);

/* The nodes' own names of those that @faults silence, with spaces between. Returns @buf. */
char *session__silenced(const struct session *session, const struct fault_set *faults, char *buf,
			size_t size);

/* @faults as the kernel side is told of them, in the same order: nodes by their own numbers. */
struct fault_set session__own_faults(const struct session *session, const struct fault_set *faults);

void session__close(struct session *session); /* one that was opened, or not (see open) */

#endif
