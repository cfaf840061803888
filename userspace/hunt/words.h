/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults and results in sentences. */
#ifndef CUTSET_HUNT_WORDS_H
#define CUTSET_HUNT_WORDS_H

#include <stddef.h>

#include "model/fault.h"

/* "redis1 falls silent when the workload has exited (check.0)". @heal: NOW_HEALED or NOW_END.
 * Returns @buf. */
char *words__fault(char *buf, size_t size, const struct fault *fault,
		   const struct name_table *names, uint32_t heal);

#endif
