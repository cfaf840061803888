// SPDX-License-Identifier: GPL-2.0-only
#include "report/wall_clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/units.h"

int64_t wall_clock__offset_ns(const struct graph *graph, uint64_t begin_ns)
{
	const char *text = json_string_value(json_object_get(graph__meta(graph), "started"));
	struct tm utc = {0};

	if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc))
		return 0;
	return (int64_t)timegm(&utc) * (int64_t)NSEC_PER_SEC - (int64_t)begin_ns;
}

char *wall_clock__print(char *buf, size_t size, int64_t unix_ns)
{
	time_t seconds = (time_t)(unix_ns / (int64_t)NSEC_PER_SEC);
	unsigned int micros = (unsigned int)(unix_ns % (int64_t)NSEC_PER_SEC / 1000);
	struct tm utc;
	char date[32];

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &utc));
	snprintf(buf, size, "%s.%06uZ", date, micros);
	return buf;
}
