// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "hunt/rate.h"

/* Chances worked out by hand: 5/126 = 0.040, 5/56 = 0.089, 10/165 = 0.061, 1/22 = 0.045 */
static void tells_a_rate_from_another(void **state)
{
	assert_true(rate__exceeds((struct rate){ 4, 4 }, (struct rate){ 1, 5 }));
	assert_false(rate__exceeds((struct rate){ 3, 3 }, (struct rate){ 1, 5 }));
	assert_false(rate__exceeds((struct rate){ 6, 6 }, (struct rate){ 2, 5 }));
	assert_true(rate__exceeds((struct rate){ 7, 7 }, (struct rate){ 2, 5 }));
	assert_true(rate__exceeds((struct rate){ 3, 3 }, (struct rate){ 0, 5 }));
}

static void chance_is_not_exceeded(void **state)
{
	assert_false(rate__exceeds((struct rate){ 0, 0 }, (struct rate){ 0, 0 }));
	assert_false(rate__exceeds((struct rate){ 0, 4 }, (struct rate){ 0, 5 }));
	assert_false(rate__exceeds((struct rate){ 0, 4 }, (struct rate){ 5, 5 }));
	assert_false(rate__exceeds((struct rate){ 5, 5 }, (struct rate){ 5, 5 }));
	assert_false(rate__exceeds((struct rate){ 20, 100 }, (struct rate){ 20, 100 }));
	assert_true(rate__exceeds((struct rate){ 40, 100 }, (struct rate){ 20, 100 }));
}

/* Of all or nothing the bounds have a closed form: 0.025^(1/n), and 1 less that. Of 5 in 10: tables. */
static void bounds_a_rate(void **state)
{
	double low, high;

	rate__interval((struct rate){ 3, 3 }, &low, &high);
	assert_float_equal((float)low, 0.2924f, 0.0001f);
	assert_float_equal((float)high, 1, 0);
	rate__interval((struct rate){ 0, 5 }, &low, &high);
	assert_float_equal((float)low, 0, 0);
	assert_float_equal((float)high, 0.5218f, 0.0001f);
	rate__interval((struct rate){ 5, 10 }, &low, &high);
	assert_float_equal((float)low, 0.1871f, 0.0001f);
	assert_float_equal((float)high, 0.8129f, 0.0001f);
	rate__interval((struct rate){ 0, 0 }, &low, &high);
	assert_float_equal((float)low, 0, 0);
	assert_float_equal((float)high, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_rate_from_another),
		cmocka_unit_test(chance_is_not_exceeded),
		cmocka_unit_test(bounds_a_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
