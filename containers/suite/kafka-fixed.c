// SPDX-License-Identifier: GPL-2.0-only
/* No write is acknowledged by a leader that is alone. */
#define QUORUM 2
#include "kafka.c"
