/* SPDX-License-Identifier: GPL-2.0-only */
/* Read a small file whole: the files of /proc and /sys, and those that hold a process number. */
#ifndef CUTSET_TARGET_SLURP_H
#define CUTSET_TARGET_SLURP_H

#include <stddef.h>

/* At most @max bytes, with a NUL behind them; the caller frees *ret. Returns 0, -EFBIG where the
 * file is longer, -EINVAL where it is no regular file (a FIFO would block), or -errno. @ret_len may
 * be NULL. */
int slurp(const char *path, size_t max, char **ret, size_t *ret_len);

#endif
