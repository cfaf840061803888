// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <pty.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/progress_line.h"

static void writes_over_itself_in_a_terminal(void **state)
{
	struct winsize size = { .ws_row = 24, .ws_col = 12 };
	struct progress_line line;
	const char expected[] = "\r\033[Krun 1\r\033[Krun 2 is a \r\033[K";
	char got[sizeof(expected)] = "";
	int master, slave;
	ssize_t len = 0;

	if (openpty(&master, &slave, NULL, NULL, &size))
		skip();
	progress_line__open(&line, slave);
	progress_line__clear(&line); /* nothing is there yet */
	progress_line__show(&line, "run 1");
	progress_line__show(&line, "run 2 is a long one");
	progress_line__clear(&line);
	progress_line__clear(&line);
	for (size_t at = 0; at < sizeof(expected) - 1 && len >= 0; at += (size_t)len) /* it comes in pieces */
		len = read(master, got + at, sizeof(expected) - 1 - at);
	assert_string_equal(got, expected);
	close(master);
	close(slave);
}

static void is_quiet_elsewhere(void **state)
{
	struct progress_line line;
	char got[8];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	progress_line__open(&line, ends[1]);
	progress_line__show(&line, "run 1");
	progress_line__clear(&line);
	close(ends[1]);
	assert_int_equal(read(ends[0], got, sizeof(got)), 0);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_over_itself_in_a_terminal),
		cmocka_unit_test(is_quiet_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
