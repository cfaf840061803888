/* SPDX-License-Identifier: GPL-2.0-only */
/* What there was when tracing began. */
#ifndef CUTSET_OBSERVE_SNAPSHOT_H
#define CUTSET_OBSERVE_SNAPSHOT_H

#include "observe/kernel.h"

/* Bytes that lie in unix streams and pipes. Once the tracing programs are attached. */
int snapshot__take_files(struct kernel *kernel, struct err *err);

/* Whose sockets are open in the namespace that nodes share. Once injector.h's hooks are there. */
int snapshot__take_sockets(struct kernel *kernel, struct err *err);

/* The nodes' threads, as kernel__set_nodes has told them. */
int snapshot__take_threads(struct kernel *kernel, struct err *err);

#endif
