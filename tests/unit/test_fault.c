// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "model/fault.h"
#include "model/support.h"

static const char *const node_names[] = { NULL, "redis-1", "a.b_c", "sentinel" };

static int id_of(void *ctx, const char *name, size_t len)
{
	for (int id = 1; id < 4; id++)
		if (strlen(node_names[id]) == len && memcmp(node_names[id], name, len) == 0)
			return id;
	return -1;
}

static const char *name_of(void *ctx, uint16_t id)
{
	return id < 4 ? node_names[id] : NULL;
}

static const struct name_table names = { .id_of = id_of, .name_of = name_of };

static void comes_back_as_it_was(void **state)
{
	static const char *const texts[] = {
		"silence:redis-1@workload.0",
		"silence:a.b_c@check.0",
		"link:redis-1>a.b_c@workload.65534",
		"link:a.b_c>redis-1@workload.1..workload.3",
		"partition:a.b_c|redis-1@workload.2..check.0+2s",
		"partition:a.b_c|sentinel@workload.2+1.5s",
		"silence:sentinel@workload.7..end",
		"link:redis-1>sentinel@check.0+10ms",
		"loss:redis-1>sentinel@workload.3",
		"stall:redis-1>sentinel@workload.0",
		"stall:redis-1>sentinel/80.2@workload.0",
		"stall:redis-1>sentinel/6379@workload.0..workload.2+1.5s",
		"stall:redis-1>sentinel/6379#*3%0d%0a$3?~20-40.7@workload.0+2s",
		"stall:redis-1>sentinel#connect.2@workload.0",
		"stall:redis-1>sentinel#%63onnect@workload.0",
		"stall:redis-1>sentinel#?~5@check.0",
		"stall:redis-1>sentinel#1%2e5%40x@workload.1",
		"stall:redis-1>sentinel/80#a@workload.1+until:a.b_c>sentinel/80#b%40~3-9.4",
		"link:redis-1>sentinel@workload.1..workload.4+2s+until:a.b_c>sentinel",
		"silence:redis-1@workload.1+until:workload.3",
		"partition:a.b_c|redis-1@workload.1+1.5s+until:check.0",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct fault fault, again;
		char text[FAULT_TEXT_MAX], twice[FAULT_TEXT_MAX];

		assert_int_equal(fault__parse(texts[i], &names, &fault, NULL), 0);
		assert_string_equal(fault__print(text, sizeof(text), &fault, &names), texts[i]);
		assert_int_equal(fault__parse(text, &names, &again, NULL), 0);
		assert_memory_equal(&fault, &again, sizeof(fault));
		assert_string_equal(fault__print(twice, sizeof(twice), &again, &names), text);
	}
}

static void partitions_have_one_form(void **state)
{
	struct fault x, y;

	assert_int_equal(fault__parse("partition:redis-1|a.b_c@check.0", &names, &x, NULL), 0);
	assert_int_equal(fault__parse("partition:a.b_c|redis-1@check.0", &names, &y, NULL), 0);
	assert_memory_equal(&x, &y, sizeof(x));
}

static void refuses_with_a_reason(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "not one of" },
		{ "silence", "not one of" },
		{ "kill:redis-1@check.0", "not one of" },
		{ "silenceredis-1@check.0", "not one of" },
		{ "loss:redis-1|a.b_c@workload.0", "written A>B" },
		{ "stall:redis-1>a.b_c", "say when" },
		{ "stall:redis-1>a.b_c/@workload.0", "a port is" },
		{ "stall:redis-1>a.b_c/65536@workload.0", "a port is" },
		{ "stall:redis-1>a.b_c/0@workload.0", "a port is" },
		{ "stall:redis-1>a.b_c/1x@workload.0", "is written A>B/PORT#CLASS.N" },
		{ "stall:redis-1>a.b_c#@workload.0", "followed by a class" },
		{ "stall:redis-1>a.b_c#%4@workload.0", "two hexadecimal digits" },
		{ "stall:redis-1>a.b_c#%4g@workload.0", "two hexadecimal digits" },
		{ "stall:redis-1>a.b_c#a~@workload.0", "a length" },
		{ "stall:redis-1>a.b_c#a~0@workload.0", "at least one byte" },
		{ "stall:redis-1>a.b_c#a~9-8@workload.0", "the first length" },
		{ "stall:redis-1>a.b_c#a~4294967296@workload.0", "a length" },
		{ "stall:redis-1>a.b_c#a~5x@workload.0", "is written A>B/PORT#CLASS.N" },
		{ "stall:redis-1>a.b_c/80.0@workload.0", "counted from 1" },
		{ "stall:redis-1>a.b_c#a.1000001@workload.0", "counted from 1" },
		{ "stall:redis-1>a.b_c#123456789012345678901234567890123@workload.0", "32 bytes" },
		{ "link:redis-1>a.b_c/6379@workload.0", "say when" },
		{ "silence:@check.0", "name is missing" },
		{ "silence:redis-2@check.0", "there are: redis-1, a.b_c, sentinel" },
		{ "silence:redis-1", "say when" },
		{ "silence:redis-1@", "must begin at" },
		{ "silence:redis-1@idle", "must begin at" },
		{ "silence:redis-1@end", "must begin at" },
		{ "silence:redis-1@check.1", "must begin at" },
		{ "silence:redis-1@workload.", "must begin at" },
		{ "silence:redis-1@workload.-1", "must begin at" },
		{ "silence:redis-1@workload.01", "must begin at" },
		{ "silence:redis-1@workload.65535", "must begin at" },
		{ "silence:redis-1@workload.99999999999999999999", "must begin at" },
		{ "silence:redis-1@workload.1 ", "must begin at" },
		{ "silence:redis-1@workload.3..workload.3", "ends before it begins" },
		{ "silence:redis-1@check.0..workload.3", "ends before it begins" },
		{ "silence:redis-1@check.0..", "must end at" },
		{ "silence:redis-1@check.0+", "a delay such as" },
		{ "silence:redis-1@check.0+5", "a delay such as" },
		{ "silence:redis-1@check.0+-5s", "a delay such as" },
		{ "silence:redis-1@check.0+2sx", "a delay such as" },
		{ "silence:redis-1@check.0+0s", "no fault" },
		{ "silence:redis-1>a.b_c@check.0", "say when" },
		{ "silence:redis-1@check.0+until:", "comes a step, or a message" },
		{ "silence:redis-1@check.0+until:end", "held anyway" },
		{ "silence:redis-1@check.0+until:check.0", "before it begins" },
		{ "silence:redis-1@workload.2+until:workload.1", "before it begins" },
		{ "silence:redis-1@workload.2+until:redis-1>redis-1", "same node" },
		{ "silence:redis-1@workload.2+until:redis-1>nobody#x", "no node is named" },
		{ "silence:redis-1@workload.2+until:redis-1>sentinel/0", "a port is" },
		{ "silence:redis-1@workload.2+2s+1s", "comes nothing" },
		{ "silence:redis-1@workload.2+until:workload.3+2s", "comes a step, or a message" },
		{ "link:redis-1@check.0", "written A>B" },
		{ "link:redis-1|a.b_c@check.0", "written A>B" },
		{ "link:redis-1>@check.0", "name is missing" },
		{ "link:redis-1>redis-1@check.0", "same node" },
		{ "partition:redis-1>a.b_c@check.0", "written A|B" },
		{ "link:redis-1>a.b_c>sentinel@check.0", "say when" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault fault = { .a = 77 };
		struct err err = { 0 };

		if (fault__parse(bad[i].text, &names, &fault, &err) != -1)
			fail_msg("`%s` was taken", bad[i].text);
		assert_int_equal(err.code, EXIT_USAGE);
		assert_int_equal(fault.a, 77);
		if (!strstr(err.msg, bad[i].why))
			fail_msg("`%s`: %s", bad[i].text, err.msg);
	}
}

/* Every text of a few bytes out of the grammar's own: no crash, and what is taken prints and parses. */
static void survives_hostile_texts(void **state)
{
	static const char *const parts[] = { "silence", "link", "partition", ":", "redis-1", "a.b_c",
					     ">", "|", "@", "workload.", "check.0", "1", "..", "+",
					     "2s", "\xff", "%s", "end", "stall:", "loss:", "/6379",
					     "#", "~4", ".2", "%41", "?" };
	const size_t part_cnt = sizeof(parts) / sizeof(parts[0]);
	uint64_t seed = 1;
	size_t taken = 0;

	for (size_t i = 0; i < 300000; i++) {
		char text[256] = "", printed[256];
		struct fault fault, again;

		strcpy(text, i % 2 ? "link:redis-1>a.b_c@" : "silence:redis-1@");
		if (i % 5 == 0)
			text[0] = '\0';
		for (size_t n = 0; n < 5; n++) {
			seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
			strcat(text, parts[(seed >> 33) % part_cnt]);
			if (fault__parse(text, &names, &fault, NULL) < 0)
				continue;
			taken++;
			fault__print(printed, sizeof(printed), &fault, &names);
			assert_int_equal(fault__parse(printed, &names, &again, NULL), 0);
			assert_memory_equal(&fault, &again, sizeof(fault));
		}
	}
	assert_true(taken > 100);
}

static void covers_what_it_should(void **state)
{
	const struct fault silence = { .kind = FAULT_SILENCE, .a = 1, .from = 3 };
	const struct fault at_check = { .kind = FAULT_SILENCE, .a = 1, .from = NOW_CHECK };
	const struct fault link = { .kind = FAULT_LINK, .a = 1, .b = 2, .from = 3 };
	const struct fault partition = { .kind = FAULT_PARTITION, .a = 1, .b = 2, .from = 3 };
	struct fault window = link, late = silence;

	assert_true(fault__covers(&silence, 1, 2, 3, NOW_HEALED));
	assert_true(fault__covers(&silence, 2, 1, NOW_HEALED, NOW_HEALED)); /* crashes do not heal */
	assert_false(fault__covers(&silence, 1, 2, 2, NOW_HEALED));
	assert_false(fault__covers(&silence, 2, 3, 9, NOW_HEALED));
	assert_false(fault__covers(&silence, 1, 1, 9, NOW_HEALED)); /* a pipe of its own goes on */
	assert_false(fault__covers(&silence, 1, 2, NOW_IDLE, NOW_HEALED));
	assert_false(fault__covers(&at_check, 1, 2, 9, NOW_HEALED));
	assert_true(fault__covers(&at_check, 1, 2, NOW_CHECK, NOW_HEALED));
	assert_true(fault__covers(&link, 1, 2, 3, NOW_HEALED));
	assert_true(fault__covers(&link, 1, 2, NOW_CHECK, NOW_HEALED));
	assert_false(fault__covers(&link, 2, 1, 3, NOW_HEALED));
	assert_false(fault__covers(&link, 1, 2, NOW_HEALED, NOW_HEALED));
	assert_true(fault__covers(&link, 1, 2, NOW_HEALED, NOW_END));
	assert_true(fault__covers(&partition, 2, 1, 5, NOW_HEALED));
	assert_false(fault__covers(&partition, 2, 1, NOW_HEALED, NOW_HEALED));
	window.until = 5;
	assert_true(fault__covers(&window, 1, 2, 4, NOW_END));
	assert_false(fault__covers(&window, 1, 2, 5, NOW_END));
	late.delay_ns = 1;
	assert_false(fault__covers(&late, 1, 2, 5, NOW_END));
}

static void sets_are_sorted_and_bounded(void **state)
{
	const struct fault silence = { .kind = FAULT_SILENCE, .a = 3, .from = NOW_CHECK };
	const struct fault link = { .kind = FAULT_LINK, .a = 1, .b = 2, .from = 2 };
	struct fault_set x = { 0 }, y = { 0 };
	char text[256];

	assert_string_equal(fault_set__print(text, sizeof(text), &x, &names), "{}");
	assert_int_equal(fault_set__add(&x, &link), 0);
	assert_int_equal(fault_set__add(&x, &silence), 0);
	assert_int_equal(fault_set__add(&x, &link), -1);
	assert_int_equal(fault_set__add(&y, &silence), 0);
	assert_false(fault_set__equal(&x, &y));
	assert_int_equal(fault_set__add(&y, &link), 0);
	assert_true(fault_set__equal(&x, &y));
	assert_string_equal(fault_set__print(text, sizeof(text), &x, &names),
			    "{silence:sentinel@check.0, link:redis-1>a.b_c@workload.1}");
	assert_string_equal(fault_set__print(text, 12, &x, &names), "{silence:se");
	fault_set__remove(&x, 0);
	assert_string_equal(fault_set__print(text, sizeof(text), &x, &names),
			    "{link:redis-1>a.b_c@workload.1}");
	for (uint32_t step = 10; x.cnt < MAX_FAULTS; step++) {
		struct fault more = link;

		more.from = step;
		assert_int_equal(fault_set__add(&x, &more), 0);
	}
	assert_int_equal(fault_set__add(&x, &silence), -1);
	assert_int_equal(x.cnt, MAX_FAULTS);
}

static struct fault_set set_of(const char *a, const char *b)
{
	const char *const texts[] = { a, b };
	struct fault_set set = { 0 };
	struct fault fault;

	for (size_t i = 0; i < 2; i++) {
		if (!texts[i])
			continue;
		assert_int_equal(fault__parse(texts[i], &names, &fault, NULL), 0);
		assert_int_equal(fault_set__add(&set, &fault), 0);
	}
	return set;
}

/* An earlier onset holds a later one; a loss is of its step alone. */
static void earlier_implies_later(void **state)
{
	const struct fault_set none = { 0 };
	const struct fault_set early = set_of("silence:redis-1@workload.1", "loss:redis-1>a.b_c@workload.2");
	const struct fault_set late = set_of("silence:redis-1@check.0", NULL);
	const struct fault_set other = set_of("silence:a.b_c@check.0", NULL);
	const struct fault_set lost = set_of("loss:redis-1>a.b_c@workload.2", NULL);
	const struct fault_set lost_later = set_of("loss:redis-1>a.b_c@workload.3", NULL);

	assert_true(fault_set__implies(&early, &early));
	assert_true(fault_set__implies(&early, &late));
	assert_true(fault_set__implies(&early, &lost));
	assert_true(fault_set__implies(&late, &none));
	assert_false(fault_set__implies(&none, &late));
	assert_false(fault_set__implies(&late, &early));
	assert_false(fault_set__implies(&early, &other));
	assert_false(fault_set__implies(&early, &lost_later));
}

/* What does not come at all is later than what is late; of the delays that are known the longer holds the shorter. */
static void longer_implies_shorter(void **state)
{
	const struct fault_set never = set_of("silence:redis-1@workload.1", "loss:redis-1>a.b_c@workload.2");
	const struct fault_set long_ = set_of("silence:redis-1@workload.1+3s", NULL);
	const struct fault_set brief = set_of("silence:redis-1@workload.2+2s", NULL);
	const struct fault_set lost = set_of("loss:redis-1>a.b_c@workload.2+2s", NULL);

	assert_true(fault_set__implies(&never, &long_));
	assert_true(fault_set__implies(&never, &brief));
	assert_true(fault_set__implies(&never, &lost));
	assert_true(fault_set__implies(&long_, &brief));
	assert_false(fault_set__implies(&brief, &long_));
	assert_false(fault_set__implies(&long_, &never));
}

static void supports_merge(void **state)
{
	struct support support = { 0 };
	struct support_member member = { .src = 1, .dst = 2, .step = 5, .confidence = .2f,
					 .messages = 1 };

	assert_int_equal(support__add(&support, &member), 0);
	member.step = 4;
	assert_int_equal(support__add(&support, &member), 0);
	member.step = 5;
	member.confidence = .7f;
	member.promise = .5f;
	assert_int_equal(support__add(&support, &member), 0);
	member.confidence = .1f;
	member.promise = .1f;
	assert_int_equal(support__add(&support, &member), 0);
	assert_int_equal(support.cnt, 2);
	assert_int_equal(support.v[0].step, 4);
	assert_int_equal(support.v[1].messages, 3);
	assert_true(support.v[1].confidence == .7f && support.v[1].promise == .5f);
	assert_ptr_equal(support__find(&support, 1, 2, 5), &support.v[1]);
	assert_null(support__find(&support, 2, 1, 5));
	support__free(&support);
	assert_int_equal(support.cnt, 0);
	support__free(&support);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_as_it_was),
		cmocka_unit_test(partitions_have_one_form),
		cmocka_unit_test(refuses_with_a_reason),
		cmocka_unit_test(survives_hostile_texts),
		cmocka_unit_test(covers_what_it_should),
		cmocka_unit_test(sets_are_sorted_and_bounded),
		cmocka_unit_test(earlier_implies_later),
		cmocka_unit_test(longer_implies_shorter),
		cmocka_unit_test(supports_merge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
