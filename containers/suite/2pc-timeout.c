// SPDX-License-Identifier: GPL-2.0-only
/* Two-phase commit whose coordinator gives up after four ticks. */
#define COORDINATOR_TICKS 4
#include "2pc.c"
