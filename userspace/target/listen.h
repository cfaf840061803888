/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP ports with a listener in a network namespace. Docker's resolver, which lives on 127.0.0.11
 * inside containers, is left out. Ports come ascending, each once, and are the caller's to free.
 */
#ifndef CUTSET_TARGET_LISTEN_H
#define CUTSET_TARGET_LISTEN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Of the namespace @netns_fd, in which the process @pid lives. The kernel is asked by netlink, which
 * looks at listeners alone (20 us); where it knows no sock_diag, or we may not enter, /proc/PID/net
 * is read, which walks every socket's hash bucket (8 ms on a machine with 24 GB). Returns 0 or
 * -errno.
 */
int listen__ports(int netns_fd, pid_t pid, uint16_t **ret, size_t *ret_cnt);

/* From the text of /proc/PID/net/tcp and tcp6 (either may be NULL). Lines that are none are skipped.
 * Returns 0 or -ENOMEM. */
int listen__parse(const char *tcp, const char *tcp6, uint16_t **ret, size_t *ret_cnt);

#endif
