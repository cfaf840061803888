// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "report/records.h"

#define TRACE "tests/golden/redis-failover.trace"

static char *records_of(const char *path, size_t *ret_size)
{
	struct trace_reader *reader;
	struct err err;
	char *text;
	FILE *out = open_memstream(&text, ret_size);

	reader = trace_reader__open(path, &err);
	assert_non_null(reader);
	assert_int_equal(records__to_json(reader, out, &err), 0);
	trace_reader__close(reader);
	fclose(out);
	return text;
}

static uint64_t events_of(const char *path)
{
	const struct event *event;
	struct err err;
	struct trace_reader *reader = trace_reader__open(path, &err);
	uint64_t cnt = 0;

	while (trace_reader__next(reader, &event, &err) > 0)
		cnt++;
	trace_reader__close(reader);
	return cnt;
}

/* What a send says is what was recorded: the value that the workload wrote stands in its payload. */
static bool sends_a_set(json_t *record)
{
	const char *payload = json_string_value(json_object_get(record, "payload"));

	return !strcmp(json_string_value(json_object_get(record, "kind")), "send") && payload &&
	       !strncmp(payload, "2a330d0a24330d0a5345540d0a", 26); /* *3 $3 SET */
}

static void every_record_is_a_line(void **state)
{
	size_t size;
	char *text = records_of(TRACE, &size), *line, *rest = text;
	uint64_t lines = 0, sets = 0;
	const char *last = "";
	json_t *record = NULL;

	while ((line = strsep(&rest, "\n")) && *line) {
		json_decref(record);
		record = json_loads(line, 0, NULL);
		assert_non_null(record);
		last = json_string_value(json_object_get(record, "kind"));
		assert_non_null(last);
		assert_string_not_equal(last, "unknown");
		sets += sends_a_set(record);
		lines++;
	}
	assert_string_equal(last, "ledger");
	assert_true(json_is_true(json_object_get(record, "whole")));
	assert_int_equal(lines, events_of(TRACE) + 2);
	assert_true(sets >= 2); /* the client's, and one replica's at the least */
	json_decref(record);
	free(text);
}

static void says_that_nothing_could_be_written(void **state)
{
	struct err err;
	struct trace_reader *reader = trace_reader__open(TRACE, &err);
	FILE *full = fopen("/dev/full", "w");

	assert_non_null(full);
	assert_int_equal(records__to_json(reader, full, &err), -1);
	assert_non_null(strstr(err.msg, "No space left"));
	trace_reader__close(reader);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record_is_a_line),
		cmocka_unit_test(says_that_nothing_could_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
