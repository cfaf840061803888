// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <cmocka.h>

#include "report/caption.h"
#include "report/markup.h"

static void says(const char *payload, size_t len, const char *expected)
{
	const struct message message = {.payload = (const uint8_t *)payload,
					.payload_len = (uint16_t)len,
					.len = (uint32_t)len,
					.class = MSG_DATA};
	char buf[CAPTION_BYTES];

	assert_string_equal(caption__of(buf, sizeof(buf), &message), expected);
}

#define SAYS(payload, expected) says(payload, sizeof(payload) - 1, expected)

static void redis_is_told_in_words(void **state)
{
	SAYS("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n", "SET k v");
	SAYS("+OK\r\n", "OK");
	SAYS("-ERR no such key\r\n", "ERR no such key");
	SAYS(":17\r\n", "17");
	SAYS("$-1\r\n", "(nil)");
	SAYS("$5\r\nvalue\r\n", "value");
	SAYS("*2\r\n$9\r\n127.0.0.1\r\n$4\r\n63", "127.0.0.1 63"); /* the prefix ends in a word */
	SAYS("$4\r\n\x01\x02\x03\x04\r\n", "....");
}

static void what_only_looks_like_it_is_not(void **state)
{
	SAYS("*** hello", "*** hello");
	SAYS("$money", "$money");
	SAYS("$99999999999\r\nx", "x"); /* says more than is there */
	SAYS("-", "-");
}

static void http2_is_told_by_its_frame(void **state)
{
	SAYS("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2 preface");
	SAYS("\0\0\4\0\1\0\0\0\3data", "HTTP/2 DATA 4 bytes");
	SAYS("\0\0\0\4\1\0\0\0\0", "HTTP/2 SETTINGS 0 bytes");
	SAYS("\0\0\4\0\1\x80\0\0\3data", ".data"); /* a bit that is never set */
}

static void long_ones_are_cut(void **state)
{
	const char payload[] = "*2\r\n$3\r\nGET\r\n$9\r\nabcdefghi\r\n";
	const struct message message = {.payload = (const uint8_t *)payload,
					.payload_len = sizeof(payload) - 1};
	char buf[8];

	assert_string_equal(caption__of(buf, sizeof(buf), &message), "GET abc");
}

static void puts_in_markup(const char *text, const char *expected)
{
	size_t size;
	char *got;
	FILE *out = open_memstream(&got, &size);

	markup__put(out, text);
	fclose(out);
	assert_string_equal(got, expected);
	free(got);
}

static void markup_is_escaped(void **state)
{
	puts_in_markup("a<b>&\"c\"", "a&lt;b&gt;&amp;&quot;c&quot;");
	puts_in_markup("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80",
		       "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80");
	puts_in_markup("\x01\x1b[0m\t\n", "??[0m\t\n");
	puts_in_markup("\xff\xc3", "??");
	puts_in_markup("\xc0\x80\xed\xa0\x80", "?????"); /* too long a form; half a pair */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(redis_is_told_in_words),
		cmocka_unit_test(what_only_looks_like_it_is_not),
		cmocka_unit_test(http2_is_told_by_its_frame),
		cmocka_unit_test(long_ones_are_cut),
		cmocka_unit_test(markup_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
