// SPDX-License-Identifier: GPL-2.0-only
/* The repair of async-pb: a write is acknowledged when both backups have confirmed it. */
#define SYNC 1
#include "async-pb.c"
