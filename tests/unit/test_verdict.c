// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "hunt/verdict.h"

#define YES { .end = COMMAND_YES }
#define NO { .end = COMMAND_NO, .status = 1 << 8 }
#define TWO { .end = COMMAND_OTHER, .status = 2 << 8 }
#define CALLED_OFF { .end = COMMAND_OTHER, .status = EXIT_DOES_NOT_COUNT << 8 }
#define LATE { .end = COMMAND_TIMEOUT }
#define STOPPED { .end = COMMAND_INTERRUPTED }
#define KEPT .reset = YES, .workload = YES, .check = YES, .has_check = true
#define FIRED .faults = 2, .fired = 2

static void judges_every_row(void **state)
{
	static const struct {
		struct facts facts;
		enum verdict verdict;
	} rows[] = {
		{ { KEPT, FIRED }, VERDICT_SURVIVED },
		{ { KEPT }, VERDICT_SURVIVED },
		{ { .workload = YES, .check = YES, .has_check = true }, VERDICT_SURVIVED },
		{ { .workload = YES, FIRED }, VERDICT_SURVIVED },
		/* a part fired: judged for it */
		{ { KEPT, .faults = 2, .fired = 1 }, VERDICT_SURVIVED },
		{ { .reset = YES, .workload = YES, .check = NO, .has_check = true, FIRED },
		  VERDICT_VIOLATED },
		/* liveness: no check */
		{ { .workload = NO, FIRED }, VERDICT_VIOLATED },
		{ { .workload = LATE, FIRED }, VERDICT_VIOLATED },
		{ { .reset = YES, .workload = NO, .has_check = true, FIRED }, VERDICT_VACUOUS },
		{ { .reset = YES, .workload = TWO, .has_check = true, FIRED }, VERDICT_VACUOUS },
		{ { .reset = YES, .workload = LATE, .has_check = true, FIRED }, VERDICT_VACUOUS },
		{ { .workload = YES, .check = TWO, .has_check = true, FIRED }, VERDICT_UNKNOWN },
		{ { .workload = YES, .check = LATE, .has_check = true, FIRED }, VERDICT_UNKNOWN },
		/* nothing fired: no experiment, whatever the check says */
		{ { KEPT, .faults = 2 }, VERDICT_MISSED },
		{ { .workload = YES, .check = NO, .has_check = true, .faults = 1 }, VERDICT_MISSED },
		{ { .workload = NO, .has_check = true, .faults = 1 }, VERDICT_MISSED },
		/* nor is that known where events were lost */
		{ { KEPT, .faults = 2, .lost = 1 }, VERDICT_LOST },
		{ { KEPT, .faults = 2, .unsound = true }, VERDICT_LOST },
		{ { KEPT, .faults = 2, .leaked = 1, .lost = 1 }, VERDICT_MISSED },
		/* leaks and losses spoil what is learned from, not a violation */
		{ { KEPT, FIRED, .leaked = 1 }, VERDICT_MISSED },
		{ { KEPT, FIRED, .unheld = 1 }, VERDICT_MISSED },
		{ { .workload = NO, .has_check = true, FIRED, .leaked = 1 }, VERDICT_MISSED },
		{ { KEPT, FIRED, .lost = 3 }, VERDICT_LOST },
		{ { KEPT, FIRED, .unsound = true }, VERDICT_LOST },
		{ { .workload = YES, .check = NO, .has_check = true, FIRED, .lost = 3, .leaked = 1 },
		  VERDICT_VIOLATED },
		{ { .reset = NO, .has_check = true }, VERDICT_BROKEN },
		{ { .reset = LATE, .has_check = true }, VERDICT_BROKEN },
		{ { KEPT, FIRED, .target_died = true }, VERDICT_BROKEN },
		{ { KEPT, FIRED, .lapsed = true }, VERDICT_BROKEN },
		{ { .workload = YES, .check = NO, .has_check = true, FIRED, .lapsed = true },
		  VERDICT_BROKEN },
		/* whoever made the run knows that it does not count */
		{ { .workload = CALLED_OFF, .has_check = true, FIRED }, VERDICT_LOST },
		{ { .workload = CALLED_OFF, FIRED }, VERDICT_LOST },
		{ { .workload = YES, .check = CALLED_OFF, .has_check = true, .faults = 1 }, VERDICT_LOST },
		{ { .reset = CALLED_OFF, .has_check = true }, VERDICT_BROKEN },
		{ { .reset = STOPPED }, VERDICT_INTERRUPTED },
		{ { .reset = YES, .workload = STOPPED, FIRED, .lapsed = true }, VERDICT_INTERRUPTED },
		{ { .workload = YES, .check = STOPPED, .has_check = true, FIRED },
		  VERDICT_INTERRUPTED },
	};
	char why[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum verdict verdict = verdict__of(&rows[i].facts, why, sizeof(why));

		if (verdict != rows[i].verdict)
			fail_msg("row %zu: %s (%s), wanted %s", i, verdict__name(verdict), why,
				 verdict__name(rows[i].verdict));
		assert_true(why[0]);
	}
}

static void names_go_both_ways(void **state)
{
	for (int i = 0; i < VERDICTS; i++)
		assert_int_equal(verdict__named(verdict__name((enum verdict)i)), i);
	assert_int_equal(verdict__named("splendid"), VERDICT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_every_row),
		cmocka_unit_test(names_go_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
