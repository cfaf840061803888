// SPDX-License-Identifier: GPL-2.0-only
#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *name;
	uint64_t ns;
} spans[] = {
	{ "ns", 1 },	      { "us", NSEC_PER_USEC },	   { "ms", NSEC_PER_MSEC },
	{ "s", NSEC_PER_SEC }, { "m", 60 * NSEC_PER_SEC }, { "h", 3600 * NSEC_PER_SEC },
};

static uint64_t span_unit(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		if (strlen(spans[i].name) == len && !strncmp(spans[i].name, text, len))
			return spans[i].ns;
	return 0;
}

int units__parse_span_ns(const char *text, const char **end, uint64_t *ret_ns)
{
	char *unit;
	double number, ns;
	uint64_t unit_ns;
	size_t len = 0;

	if (!isdigit((unsigned char)text[0]) || text[1] == 'x' || text[1] == 'X')
		return -EINVAL;
	number = strtod(text, &unit);
	while (isalpha((unsigned char)unit[len]))
		len++;
	unit_ns = span_unit(unit, len);
	if (!unit_ns && !(number == 0 && !len))
		return -EINVAL;
	ns = number * (double)unit_ns;
	if (!(ns < 9.2e18) || (!end && unit[len]))
		return -EINVAL;
	if (end)
		*end = unit + len;
	*ret_ns = (uint64_t)llround(ns);
	return 0;
}

int units__parse_bytes(const char *text, size_t *ret_bytes)
{
	static const char names[] = "kMG";
	const char *name;
	unsigned long long n;
	char *end;
	int shift = 0;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno)
		return -EINVAL;
	if (*end) {
		name = strchr(names, *end);
		if (!name || end[1])
			return -EINVAL;
		shift = 10 * (int)(name - names + 1);
	}
	if (n > (SIZE_MAX >> shift))
		return -EINVAL;
	*ret_bytes = (size_t)n << shift;
	return 0;
}

int units__parse_count(const char *text, long min, long max, long *ret)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < min || n > max)
		return -EINVAL;
	*ret = n;
	return 0;
}

char *units__print_span(char *buf, size_t size, uint64_t ns)
{
	static const char *const names[] = { "s", "ms", "us", "ns" };
	uint64_t unit_ns = NSEC_PER_SEC, rest;
	int i = 0, digits = 9;

	while (i < 3 && ns && ns < unit_ns) {
		unit_ns /= 1000;
		digits -= 3;
		i++;
	}
	for (rest = ns % unit_ns; rest && rest % 10 == 0; rest /= 10)
		digits--;
	if (rest)
		snprintf(buf, size, "%llu.%0*llu%s", (unsigned long long)(ns / unit_ns), digits,
			 (unsigned long long)rest, names[i]);
	else
		snprintf(buf, size, "%llu%s", (unsigned long long)(ns / unit_ns), names[i]);
	return buf;
}

uint64_t units__now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}
