/* SPDX-License-Identifier: GPL-2.0-only */
/* What was under way when tracing began: bytes that lie in unix streams and pipes. */
#ifndef CUTSET_OBSERVE_SNAPSHOT_H
#define CUTSET_OBSERVE_SNAPSHOT_H

#include "observe/kernel.h"

/* Walk all open files, once the tracing programs are attached. */
int snapshot__take(struct kernel *kernel, struct err *err);

#endif
