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

#include "hunt/journal.h"

static char dir[64], file[128];

static int make_dir(void **state)
{
	strcpy(dir, "/tmp/cutset-journal.XXXXXX");
	assert_non_null(mkdtemp(dir));
	strcat(dir, "/a/b");
	snprintf(file, sizeof(file), "%s/journal.jsonl", dir);
	return 0;
}

static int remove_dir(void **state)
{
	char line[128];

	dir[strlen(dir) - 4] = '\0';
	snprintf(line, sizeof(line), "rm -rf %s", dir);
	return system(line);
}

static void append(const char *text)
{
	FILE *out = fopen(file, "a");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static struct journal *open_new(void)
{
	struct err err = { 0 };
	struct journal *journal = journal__open(dir, false, &err);

	assert_non_null(journal);
	assert_int_equal(journal__add(journal, json_pack("{s:i}", "run", 1), &err), 0);
	assert_int_equal(journal__add(journal, json_pack("{s:i}", "run", 2), &err), 0);
	return journal;
}

static void keeps_what_was_added(void **state)
{
	struct err err = { 0 };
	struct journal *journal = open_new();

	journal__close(journal);
	journal = journal__open(dir, true, &err);
	assert_non_null(journal);
	assert_int_equal(journal__cnt(journal), 2);
	assert_int_equal(json_integer_value(json_object_get(journal__at(journal, 1), "run")), 2);
	journal__close(journal);
}

static void cuts_off_a_torn_end(void **state)
{
	static const char *const torn[] = { "{\"run\": 3, \"verd", "{\"run\":", "{\"run\" 3}\n", "\n" };
	struct err err = { 0 };
	struct journal *journal;

	journal__close(open_new());
	for (size_t i = 0; i < 4; i++) {
		append(torn[i]);
		journal = journal__open(dir, true, &err);
		assert_non_null(journal);
		assert_int_equal(journal__cnt(journal), 2 + i);
		assert_int_equal(journal__add(journal, json_pack("{s:i}", "run", 3 + (int)i), &err), 0);
		journal__close(journal);
	}
	journal = journal__open(dir, true, &err);
	assert_non_null(journal);
	assert_int_equal(journal__cnt(journal), 6);
	assert_int_equal(json_integer_value(json_object_get(journal__at(journal, 5), "run")), 6);
	journal__close(journal);
}

static void refuses_damage_in_the_middle(void **state)
{
	struct err err = { 0 };

	journal__close(open_new());
	append("garbage\n{\"run\":3}\n");
	assert_null(journal__open(dir, true, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.msg, "journal.jsonl:3:"));
}

static void refuses_a_folder_that_is_not_empty(void **state)
{
	struct err err = { 0 };

	journal__close(open_new());
	assert_null(journal__open(dir, false, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.msg, "--resume"));
}

static void refuses_to_resume_nothing(void **state)
{
	struct err err = { 0 };

	assert_null(journal__open(dir, true, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.msg, "no hunt to resume"));
}

static void lets_one_hunt_in_at_a_time(void **state)
{
	struct err err = { 0 };
	struct journal *journal = open_new();

	assert_null(journal__open(dir, true, &err));
	assert_non_null(strstr(err.msg, "another cutset"));
	journal__close(journal);
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIR(keeps_what_was_added),
		WITH_DIR(cuts_off_a_torn_end),
		WITH_DIR(refuses_damage_in_the_middle),
		WITH_DIR(refuses_a_folder_that_is_not_empty),
		WITH_DIR(refuses_to_resume_nothing),
		WITH_DIR(lets_one_hunt_in_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
