// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "hunt/keys.h"
#include "hunt/scenario.h"

static char dir[64], path[96];

static int make_dir(void **state)
{
	char file[96];
	FILE *out;

	strcpy(dir, "/tmp/cutset-scenario.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s.yaml", dir);
	snprintf(file, sizeof(file), "%s/write.sh", dir);
	out = fopen(file, "w");
	assert_non_null(out);
	fclose(out);
	chmod(file, 0755);
	snprintf(file, sizeof(file), "%s/plain.txt", dir);
	out = fopen(file, "w");
	assert_non_null(out);
	fclose(out);
	chmod(file, 0644);
	return 0;
}

static int remove_dir(void **state)
{
	char line[128];

	snprintf(line, sizeof(line), "rm -rf %s", dir);
	return system(line);
}

static struct scenario *parse(const char *text, struct err *err)
{
	memset(err, 0, sizeof(*err));
	return scenario__parse(path, text, strlen(text), err);
}

static void reads_every_key(void **state)
{
	const char *text = "name: shop\n"
			   "targets: ['docker:a', 'b=pid:run/b.pid', 'pgid:/run/c.pid', 'pid:12']\n"
			   "clients: ['docker:c']\n"
			   "reset: echo ready\n"
			   "workload: ./write.sh --once\n"
			   "idle: 1s\nhold: 2s\nsettle: 1500ms\n"
			   "check: 'true'\n"
			   "timeout: {reset: 1m, workload: 5s, check: 6s}\n"
			   "faults: {silence: 2, link: all, partition: 1, total: 3, loss: all, stall: 0,\n"
			   "         delay: forever, from: workload.1, until: workload.4, heal: check,\n"
			   "         assume: monotone, background: cut}\n"
			   "spare: [client, a]\n"
			   "runs: {baseline: 3, repeat: 4, shrink: 7, max: 50, time: 10m}\n";
	struct err err;
	struct scenario *s = parse(text, &err);
	char anchored[128];

	assert_string_equal(err.msg, "");
	assert_non_null(s);
	assert_string_equal(s->name, "shop");
	assert_false(s->spare_idle);
	assert_int_equal(s->target_cnt, 4);
	snprintf(anchored, sizeof(anchored), "b=pid:%s/run/b.pid", dir);
	assert_string_equal(s->targets[1], anchored);
	assert_string_equal(s->targets[2], "pgid:/run/c.pid");
	assert_string_equal(s->targets[3], "pid:12");
	assert_int_equal(s->client_cnt, 1);
	assert_string_equal(s->workload, "./write.sh --once");
	assert_int_equal(s->idle_ns, NSEC_PER_SEC);
	assert_int_equal(s->settle_ns, 1500 * NSEC_PER_MSEC);
	assert_int_equal(s->check_timeout_ns, 6 * NSEC_PER_SEC);
	assert_int_equal(s->budget.max[FAULT_SILENCE], 2);
	assert_int_equal(s->budget.max[FAULT_LINK], -1);
	assert_int_equal(s->budget.max[FAULT_LOSS], -1);
	assert_int_equal(s->budget.total, 3);
	assert_int_equal(s->from, NOW_WORKLOAD + 1);
	assert_int_equal(s->until, NOW_WORKLOAD + 4);
	assert_int_equal(s->heal, NOW_HEALED);
	assert_true(s->monotone);
	assert_false(s->shorten);
	assert_int_equal(s->delay_ns, 0);
	assert_int_equal(s->shrink_runs, 7);
	assert_int_equal(s->spare_cnt, 2);
	assert_int_equal(s->baseline_runs, 3);
	assert_int_equal(s->max_experiments, 50);
	scenario__free(s);
}

static void without_a_rest_no_background_is_known(void **state)
{
	struct err err;
	struct scenario *s = parse("targets: docker:a\nworkload: 'true'\nidle: 0s\nfaults: {background: spare}\n", &err);

	assert_non_null(s);
	assert_false(s->spare_idle);
	scenario__free(s);
}

static void reads_delays(void **state)
{
	struct err err;
	struct scenario *s = parse("targets: docker:a\nworkload: 'true'\nfaults: {delay: 2500ms}\n"
				   "runs: {shrink: no}\n", &err);

	assert_non_null(s);
	assert_int_equal(s->delay_ns, 2500 * NSEC_PER_MSEC);
	assert_true(s->shorten);
	assert_int_equal(s->shrink_runs, 0);
	scenario__free(s);
}

static void fills_in_what_is_not_said(void **state)
{
	struct err err;
	struct scenario *s = parse("targets: docker:a\nworkload: 'true'\n", &err);

	assert_non_null(s);
	assert_int_equal(s->target_cnt, 1);
	assert_null(s->check);
	assert_int_equal(s->spare_cnt, 1);
	assert_string_equal(s->spare[0], "client");
	assert_int_equal(s->idle_ns, 3 * NSEC_PER_SEC);
	assert_int_equal(s->from, NOW_WORKLOAD);
	assert_int_equal(s->until, NOW_CHECK);
	assert_int_equal(s->budget.total, -1);
	assert_true(s->shorten);
	assert_true(s->spare_idle);
	assert_int_equal(s->delay_ns, 0);
	assert_int_equal(s->shrink_runs, 60);
	scenario__free(s);
}

/* Each with the line that the message must name and a word that it must hold. */
static void refuses_with_file_and_line(void **state)
{
#define GOOD "targets: [docker:a]\nworkload: ./write.sh\n"
	static const struct {
		const char *text;
		int line; /* 0: the file alone */
		const char *word;
	} bad[] = {
		{ "", 0, "empty" },
		{ "- a\n- b\n", 1, "list" },
		{ "just text\n", 1, "text" },
		{ "targets: [a\n", 2, "not YAML" },
		{ "a: b: c\n", 1, "not YAML" },
		{ GOOD "color: red\n", 3, "unknown key `color`" },
		{ GOOD "workload: 'true'\n", 3, "twice" },
		{ GOOD "faults: {silence: 1, silence: 2}\n", 3, "twice" },
		{ GOOD "faults: {silences: 1}\n", 3, "unknown key `silences` in faults" },
		{ GOOD "faults: 3\n", 3, "mapping" },
		{ GOOD "faults:\n  link: many\n", 4, "whole number" },
		{ GOOD "faults:\n  link: -1\n", 4, "whole number" },
		{ GOOD "faults: {silence: 0, link: 0}\n", 3, "allows none" },
		{ GOOD "faults: {loss: some}\n", 3, "whole number" },
		{ GOOD "faults: {stall: two}\n", 3, "stall" },
		{ GOOD "faults: {delay: 0s}\n", 3, "shortest" },
		{ GOOD "faults: {delay: soon}\n", 3, "shortest" },
		{ GOOD "runs: {shrink: -1}\n", 3, "how many runs" },
		{ GOOD "faults: {from: tomorrow}\n", 3, "workload.0" },
		{ GOOD "faults: {from: workload.3, until: workload.2}\n", 3, "later" },
		{ GOOD "faults: {silence: 0, until: workload.0}\n", 3, "no such step" },
		{ GOOD "faults: {heal: never}\n", 3, "check" },
		{ GOOD "faults: {assume: nothing}\n", 3, "monotone" },
		{ GOOD "faults: {background: noise}\n", 3, "spare" },
		{ GOOD "faults: {assume: lockstep, delay: 5s}\n", 3, "endless" },
		{ GOOD "faults: {assume: lockstep, stall: 1}\n", 3, "no stalls" },
		{ GOOD "faults: {heal: end}\n", 3, "without `check`" },
		{ GOOD "hold: 1s\n", 3, "without `check`" },
		{ GOOD "settle: 1s\n", 3, "without `check`" },
		{ GOOD "check: 'true'\nsettle: 1s\nfaults: {heal: end}\n", 4, "heal: end" },
		{ GOOD "hold: soon\n", 3, "span of time" },
		{ GOOD "hold: [1s]\n", 3, "list" },
		{ GOOD "hold: 5\n", 3, "span of time" },
		{ GOOD "idle: 999999h\n", 3, "week" },
		{ GOOD "timeout: {workload: 0s}\n", 3, "0" },
		{ GOOD "roles: ./roles.sh\n", 3, "cannot find" },
		{ GOOD "runs: {baseline: 0}\n", 3, "whole number" },
		{ GOOD "runs: {max: 1.5}\n", 3, "whole number" },
		{ GOOD "spare: {a: b}\n", 3, "mapping" },
		{ GOOD "spare: [[a]]\n", 3, "list" },
		{ GOOD "spare: [a, a]\n", 3, "twice" },
		{ GOOD "clients: [docker:a]\n", 3, "both" },
		{ GOOD "name: ''\n", 3, "empty" },
		{ GOOD "name: \"a\\0b\"\n", 3, "NUL" },
		{ GOOD "? [a, b]\n: c\n", 3, "unknown key" },
		{ GOOD "---\nname: two\n", 0, "more than one" },
		{ "workload: 'true'\n", 0, "targets" },
		{ "targets: []\nworkload: 'true'\n", 1, "targets" },
		{ "targets: [docker:a]\n", 0, "workload" },
		{ "targets: [docker:a]\nworkload: ./gone.sh\n", 2, "cannot find" },
		{ "targets: [docker:a]\nworkload: ./plain.txt\n", 2, "not executable" },
		{ "targets: [docker:a]\nworkload: /\n", 2, "folder" },
		{ "targets: [docker:a]\nworkload: 'true'\ncheck: ./gone.sh -v\n", 3, "cannot find" },
	};
#undef GOOD
	char want[160];
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (bad[i].line)
			snprintf(want, sizeof(want), "%s:%d: ", path, bad[i].line);
		else
			snprintf(want, sizeof(want), "%s: ", path);
		if (parse(bad[i].text, &err))
			fail_msg("taken: %s", bad[i].text);
		if (err.code != EXIT_USAGE || strncmp(err.msg, want, strlen(want)) ||
		    !strstr(err.msg, bad[i].word))
			fail_msg("%s\n  gives: %s\n  wanted: %s...%s", bad[i].text, err.msg, want,
				 bad[i].word);
	}
}

static void refuses_what_is_too_much(void **state)
{
	size_t size = KEYS_MAX_BYTES + 100, len;
	char *text = malloc(size);
	struct err err = { 0 };
	FILE *out;

	strcpy(text, "workload: 'true'\ntargets: [");
	for (int i = 0; i < KEYS_MAX_ITEMS + 1; i++)
		sprintf(text + strlen(text), "pid:%d, ", i + 1);
	strcat(text, "]\n");
	assert_null(parse(text, &err));
	assert_non_null(strstr(err.msg, "at most"));
	memset(text, '#', size);
	out = fopen(path, "w");
	assert_non_null(out);
	len = fwrite(text, 1, size, out);
	fclose(out);
	assert_int_equal(len, size);
	assert_null(scenario__load(path, &err));
	assert_non_null(strstr(err.msg, "larger than"));
	free(text);
}

static void survives_deep_nesting(void **state)
{
	char *text = malloc(40001);
	struct err err;

	memset(text, '[', 20000);
	memset(text + 20000, ']', 20000);
	text[40000] = '\0';
	assert_null(parse(text, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	free(text);
}

static void says_which_file_is_missing(void **state)
{
	struct err err = { 0 };

	assert_null(scenario__load("/nowhere/s.yaml", &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.msg, "/nowhere/s.yaml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_key),
		cmocka_unit_test(without_a_rest_no_background_is_known),
		cmocka_unit_test(reads_delays),
		cmocka_unit_test(fills_in_what_is_not_said),
		cmocka_unit_test(refuses_with_file_and_line),
		cmocka_unit_test(refuses_what_is_too_much),
		cmocka_unit_test(survives_deep_nesting),
		cmocka_unit_test(says_which_file_is_missing),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
