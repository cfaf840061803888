// SPDX-License-Identifier: GPL-2.0-only
/* Two-phase commit with the cooperative termination protocol: agents in doubt ask each other. */
#define COORDINATOR_TICKS 4
#define AGENT_TICKS 4
#include "2pc.c"
