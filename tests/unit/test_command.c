// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/privilege.h"
#include "base/units.h"
#include "hunt/command.h"

static char dir[64], out[96];

static int make_dir(void **state)
{
	strcpy(dir, "/tmp/cutset-command.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(out, sizeof(out), "%s/out", dir);
	return 0;
}

static int remove_dir(void **state)
{
	char line[128];

	snprintf(line, sizeof(line), "rm -rf %s", dir);
	return system(line);
}

static struct command command_of(const char *line)
{
	return (struct command){ .line = line, .dir = dir, .out_path = out };
}

static char *read_out(void)
{
	static char text[1024];
	FILE *file = fopen(out, "r");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	return text;
}

static void tells_exits_apart(void **state)
{
	static const struct {
		const char *line;
		enum command_end end;
		const char *words;
	} cases[] = {
		{ "true", COMMAND_YES, "exit 0" },
		{ "false", COMMAND_NO, "exit 1" },
		{ "exit 2", COMMAND_OTHER, "exit 2" },
		{ "kill -9 $$", COMMAND_OTHER, "signal 9" },
		{ "/nowhere/at/all", COMMAND_OTHER, "exit 127" },
	};
	struct command_result result;
	struct err err = { 0 };
	char words[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct command command = command_of(cases[i].line);

		assert_int_equal(command__run(&command, &result, &err), 0);
		assert_int_equal(result.end, cases[i].end);
		assert_string_equal(command__print_end(words, sizeof(words), &result),
				    cases[i].words);
	}
}

static void gives_the_environment_and_keeps_output(void **state)
{
	struct command command = command_of(
		"echo $CUTSET_RUN $CUTSET_RUN_DIR $CUTSET_PHASE \"$CUTSET_FAULTS\" \"$CUTSET_SILENCED\"; "
		"pwd; echo oops >&2");
	struct command_result result;
	struct err err = { 0 };
	char want[256];

	command.run = 7;
	command.run_dir = "/d";
	command.phase = "check";
	command.faults = "{silence:a@check.0}";
	command.silenced = "a b";
	assert_int_equal(command__run(&command, &result, &err), 0);
	snprintf(want, sizeof(want), "7 /d check {silence:a@check.0} a b\n%s\noops\n", dir);
	assert_string_equal(read_out(), want);
}

static void ends_a_group_that_takes_too_long(void **state)
{
	struct command command = command_of("trap '' TERM; sleep 100 & echo $!; sleep 100; sleep 100");
	struct command_result result;
	struct err err = { 0 };
	pid_t child;

	command.timeout_ns = 300 * NSEC_PER_MSEC;
	assert_int_equal(command__run(&command, &result, &err), 0);
	assert_int_equal(result.end, COMMAND_TIMEOUT);
	assert_in_range(result.ns / NSEC_PER_MSEC, 300, 4000);
	child = atoi(read_out());
	assert_true(child > 1);
	usleep(100000);
	/* gone, or a zombie that init has not looked at yet */
	if (!kill(child, 0)) {
		char path[64], state_line[256] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%d/stat", child);
		file = fopen(path, "r");
		if (file) {
			assert_non_null(fgets(state_line, sizeof(state_line), file));
			fclose(file);
			assert_non_null(strstr(state_line, ") Z"));
		}
	}
}

static bool is_alive(pid_t pid)
{
	char path[64], line[256] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	return line[0] && !strstr(line, ") Z");
}

static void sweeps_only_when_asked(void **state)
{
	struct command command = command_of("sleep 20 >/dev/null 2>&1 & echo $!");
	struct command_result result;
	struct err err = { 0 };
	pid_t child;

	assert_int_equal(command__run(&command, &result, &err), 0);
	assert_int_equal(result.end, COMMAND_YES);
	child = atoi(read_out());
	assert_true(is_alive(child));
	kill(child, SIGKILL);
	command.sweep = true;
	assert_int_equal(command__run(&command, &result, &err), 0);
	child = atoi(read_out());
	usleep(100000);
	assert_false(is_alive(child));
}

struct waiter {
	pid_t pid;
	bool ran_before;
	int answer;
};

static int on_start(void *ctx, pid_t pid, struct err *err)
{
	struct waiter *waiter = ctx;
	struct stat st;

	waiter->pid = pid;
	usleep(100000);
	waiter->ran_before = !stat(out, &st);
	return waiter->answer ? err__set(err, EXIT_MACHINE, "no") : 0;
}

static void waits_until_it_is_registered(void **state)
{
	struct command command = command_of("echo $$");
	struct waiter waiter = { 0 };
	struct command_result result;
	struct err err = { 0 };

	unlink(out);
	command.started = on_start;
	command.ctx = &waiter;
	assert_int_equal(command__run(&command, &result, &err), 0);
	assert_false(waiter.ran_before);
	assert_int_equal(atoi(read_out()), waiter.pid);
}

static void does_not_run_what_could_not_be_registered(void **state)
{
	struct command command = command_of("echo ran");
	struct waiter waiter = { .answer = -1 };
	struct command_result result;
	struct err err = { 0 };
	struct stat st;

	unlink(out);
	command.started = on_start;
	command.ctx = &waiter;
	assert_int_equal(command__run(&command, &result, &err), -1);
	assert_string_equal(err.msg, "no");
	assert_int_not_equal(stat(out, &st), 0);
}

/* Last: the flag cannot be lowered. */
static void is_interrupted(void **state)
{
	struct command command = command_of("sleep 50");
	struct command_result result;
	struct err err = { 0 };
	pid_t pid;

	interrupt__catch();
	pid = fork();
	if (!pid) {
		usleep(300000);
		kill(getppid(), SIGINT);
		_exit(0);
	}
	assert_int_equal(command__run(&command, &result, &err), 0);
	assert_int_equal(result.end, COMMAND_INTERRUPTED);
	assert_true(result.ns < 3 * NSEC_PER_SEC);
	waitpid(pid, NULL, 0);
}

static bool gains_privileges(struct launcher *launcher)
{
	struct command command = command_of("grep NoNewPrivs /proc/self/status");
	struct command_result result;
	struct err err = { 0 };

	command.launcher = launcher;
	assert_int_equal(command__run(&command, &result, &err), 0);
	assert_int_equal(result.end, COMMAND_YES);
	return strstr(read_out(), "NoNewPrivs:\t0") != NULL;
}

/* What comes after does without: the tests' thread does not get back what it gives up here. */
static void launches_with_what_the_caller_had(void **state)
{
	struct err err = { 0 };
	struct launcher *launcher;

	if (!gains_privileges(NULL))
		skip(); /* whoever runs the tests has given them up */
	launcher = launcher__start(&err);
	assert_non_null(launcher);
	privilege__drop();
	assert_true(gains_privileges(launcher));
	assert_true(gains_privileges(launcher));
	assert_false(gains_privileges(NULL));
	launcher__stop(launcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_exits_apart),
		cmocka_unit_test(gives_the_environment_and_keeps_output),
		cmocka_unit_test(ends_a_group_that_takes_too_long),
		cmocka_unit_test(sweeps_only_when_asked),
		cmocka_unit_test(waits_until_it_is_registered),
		cmocka_unit_test(does_not_run_what_could_not_be_registered),
		cmocka_unit_test(launches_with_what_the_caller_had),
		cmocka_unit_test(is_interrupted),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
