/* SPDX-License-Identifier: GPL-2.0-only */
/* Spans of time and sizes as people write them. Nanoseconds and bytes inside, units at the edges. */
#ifndef CUTSET_BASE_UNITS_H
#define CUTSET_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_SEC 1000000000ULL

/* `10ms`, `1.5s`, `30m`, `0`: a number and ns, us, ms, s, m or h. @end (may be NULL) gets the first
 * character that does not belong to it; with NULL the whole text must be used. Returns 0, or
 * -EINVAL and leaves the output alone (no unit, negative, or more than 292 years). */
int units__parse_span_ns(const char *text, const char **end, uint64_t *ret_ns);

/* `4096`, `64k`, `16M`, `1G`. Returns 0 or -EINVAL. */
int units__parse_bytes(const char *text, size_t *ret_bytes);

/* A whole number in [min, max]. Returns 0 or -EINVAL. */
int units__parse_count(const char *text, long min, long max, long *ret);

/* The shortest exact text with one unit: 1500000000 is "1.5s", 0 is "0s". Returns @buf. */
char *units__print_span(char *buf, size_t size, uint64_t ns);

/* CLOCK_MONOTONIC: the clock of every record (bpf_ktime_get_ns). */
uint64_t units__now_ns(void);

#endif
