// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "hunt/words.h"

static const char *const known[] = { "outside", "redis1", "redis2" };

static int id_of(void *ctx, const char *name, size_t len)
{
	for (int i = 1; i < 3; i++)
		if (strlen(known[i]) == len && !strncmp(known[i], name, len))
			return i;
	return -1;
}

static const char *name_of(void *ctx, uint16_t id)
{
	return known[id];
}

static void says_faults_in_sentences(void **state)
{
	static const struct {
		const char *fault;
		uint32_t heal;
		const char *words;
	} cases[] = {
		{ "silence:redis1@check.0", NOW_HEALED,
		  "redis1 falls silent when the workload has exited (check.0)" },
		{ "silence:redis1@workload.0", NOW_HEALED,
		  "redis1 falls silent from the start of the workload (workload.0)" },
		{ "link:redis1>redis2@workload.2", NOW_HEALED,
		  "nothing that redis1 sends to redis2 arrives from workload.2 on, until the check" },
		{ "link:redis1>redis2@workload.2", NOW_END,
		  "nothing that redis1 sends to redis2 arrives from workload.2 on" },
		{ "partition:redis1|redis2@workload.1..workload.3", NOW_HEALED,
		  "nothing passes between redis1 and redis2 from workload.1 on, until workload.3" },
		{ "link:redis1>redis2@workload.1+20ms", NOW_HEALED,
		  "what redis1 sends to redis2 comes 20ms late from workload.1 on, until the check" },
		{ "stall:redis1>redis2/6379#SET.2@workload.1+2s", NOW_HEALED,
		  "redis1>redis2/6379#SET.2, and what follows it there, comes 2s late from workload.1 on, "
		  "until the check" },
		{ "stall:redis1>redis2@workload.0+2s+until:redis2>redis1#*1", NOW_HEALED,
		  "redis1>redis2, and what follows it there, waits until redis1 has taken redis2>redis1#*1, "
		  "at most 2s from the start of the workload (workload.0), until the check" },
		{ "partition:redis1|redis2@workload.1+until:check.0", NOW_HEALED,
		  "what redis1 and redis2 send each other waits until check.0 from workload.1 on, "
		  "until the check" },
		{ "loss:redis1>redis2@workload.1+2s", NOW_HEALED,
		  "what redis1 sends to redis2 comes 2s late in workload.1" },
		{ "loss:redis1>redis2@workload.1", NOW_HEALED,
		  "what redis1 sends to redis2 is lost in workload.1" },
	};
	const struct name_table names = { id_of, name_of, NULL };
	struct fault fault;
	struct err err = { 0 };
	char words[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (fault__parse(cases[i].fault, &names, &fault, &err))
			fail_msg("%s", err.msg);
		assert_string_equal(words__fault(words, sizeof(words), &fault, &names,
						 cases[i].heal),
				    cases[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(says_faults_in_sentences) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
