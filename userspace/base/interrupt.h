/* SPDX-License-Identifier: GPL-2.0-only */
/* SIGINT and SIGTERM as a flag: long work looks at it, undoes what it made and returns. */
#ifndef CUTSET_BASE_INTERRUPT_H
#define CUTSET_BASE_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

/* From here on SIGINT and SIGTERM raise the flag (system calls return EINTR); SIGPIPE is ignored. */
void interrupt__catch(void);

bool interrupt__raised(void);

/* Sleep, or less when the flag is raised. Returns true when the whole span has passed. */
bool interrupt__sleep_ns(uint64_t span_ns);

#endif
