/* SPDX-License-Identifier: GPL-2.0-only */
/* One cutset at a time works on a machine's targets: a lock that dies with its holder. */
#ifndef CUTSET_INJECT_LOCK_H
#define CUTSET_INJECT_LOCK_H

#include "base/err.h"

/* Take it, or say who holds it (EXIT_MACHINE). Returns a descriptor, -1 on error. */
int lock__take(struct err *err);

void lock__release(int fd); /* takes -1 */

#endif
