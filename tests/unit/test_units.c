// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/units.h"

static void parses_spans(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = { { "0", 0 },	   { "0s", 0 },		  { "10ms", 10000000 },
		     { "1.5s", 1500000000 }, { "30m", 1800000000000 }, { "200us", 200000 } };
	uint64_t ns;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(units__parse_span_ns(good[i].text, NULL, &ns), 0);
		assert_int_equal(ns, good[i].ns);
	}
}

static void refuses_what_is_no_span(void **state)
{
	static const char *const bad[] = { "", "5", "-1s", "1x", "s", "1 s", "1e30h", "0x10s", "nan", "1s " };
	uint64_t ns = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(units__parse_span_ns(bad[i], NULL, &ns) < 0);
		assert_int_equal(ns, 7);
	}
}

static void prints_what_it_parses(void **state)
{
	char buf[32];

	assert_string_equal(units__print_span(buf, sizeof(buf), 1500000000), "1.5s");
	assert_string_equal(units__print_span(buf, sizeof(buf), 0), "0s");
	assert_string_equal(units__print_span(buf, sizeof(buf), 250000), "250us");
	assert_string_equal(units__print_span(buf, sizeof(buf), 555555555555500000), "555555555.5555s");
	assert_string_equal(units__print_span(buf, sizeof(buf), 1000000001), "1.000000001s");
	assert_string_equal(units__print_span(buf, sizeof(buf), 1001), "1.001us");
}

static void parses_bytes(void **state)
{
	size_t n;

	assert_int_equal(units__parse_bytes("16M", &n), 0);
	assert_int_equal(n, 16 << 20);
	assert_true(units__parse_bytes("16MB", &n) < 0);
	assert_true(units__parse_bytes("99999999999999999999", &n) < 0);
	assert_true(units__parse_bytes("18446744073709551615k", &n) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_spans),
		cmocka_unit_test(refuses_what_is_no_span),
		cmocka_unit_test(prints_what_it_parses),
		cmocka_unit_test(parses_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
