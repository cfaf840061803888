// SPDX-License-Identifier: GPL-2.0-only
/* What follows from other runs of a system in lockstep, and what does not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "model/closure.h"
#include "model/precedent.h"

enum { A = 1, B, C, NODES = 3 };

#define STEP(n) (NOW_WORKLOAD + (n))

static const struct model_opts opts = {
	.node_cnt = NODES,
	.budget = {.max = {1, 0, 0, -1, 0}, .total = -1},
	.from = NOW_WORKLOAD + 1,
	.until = NOW_WORKLOAD + 3,
	.heal = NOW_END,
};

static struct fault loss(uint16_t from, uint16_t to, uint32_t step)
{
	return (struct fault){.kind = FAULT_LOSS, .a = from, .b = to, .from = STEP(step)};
}

static struct fault_set set_of(size_t cnt, ...)
{
	struct fault_set set = {0};
	va_list ap;

	va_start(ap, cnt);
	while (cnt--) {
		const struct fault fault = va_arg(ap, struct fault);

		fault_set__add(&set, &fault);
	}
	va_end(ap);
	return set;
}

static void say(struct transcript *said, uint16_t node, uint16_t to, uint32_t step, bool came, const char *words)
{
	const struct saying saying = {.node = node,
				      .to = to,
				      .opens = !strcmp(words, "connect"),
				      .came = came,
				      .step = STEP(step),
				      .words = transcript__hash((const uint8_t *)words, strlen(words))};

	assert_int_equal(transcript__add(said, &saying), 0);
}

static bool takes(const struct fault_set *faults, uint16_t from, uint16_t to, uint32_t step)
{
	for (size_t i = 0; i < faults->cnt; i++)
		if (fault__covers(&faults->v[i], from, to, STEP(step), opts.heal))
			return true;
	return false;
}

/*
 * In step 1 a tells b and c, in step 2 b passes on what it was told, in step 3 c logs what it was told, once or twice;
 * a logs nothing.
 */
static struct transcript relay(const struct fault_set *faults)
{
	const bool b = !takes(faults, A, B, 1), c = !takes(faults, A, C, 1);
	const bool again = b && !takes(faults, B, C, 2);
	struct transcript said = {.last_step = STEP(4)};

	say(&said, A, B, 1, b, "x");
	say(&said, A, C, 1, c, "x");
	if (b)
		say(&said, B, C, 2, again, "x");
	if (c || again)
		say(&said, C, NODE_OUTSIDE, 3, true, c && again ? "twice" : "once");
	return said;
}

/* In step 1 a asks b for a connection, and b then logs what came by it. */
static struct transcript call(const struct fault_set *faults)
{
	const bool made = !takes(faults, A, B, 1) && !takes(faults, B, A, 1);
	struct transcript said = {.last_step = STEP(4)};

	say(&said, A, B, 1, made, "connect");
	if (made)
		say(&said, A, B, 1, true, "x");
	say(&said, B, NODE_OUTSIDE, 2, true, made ? "got x" : "got nothing");
	return said;
}

/* In step 1 a tells b, who calls c in step 3 when nobody did; c logs that. */
static struct transcript wait_for(const struct fault_set *faults)
{
	const bool told = !takes(faults, A, B, 1);
	struct transcript said = {.last_step = STEP(4)};

	say(&said, A, B, 1, told, "x");
	if (!told) {
		say(&said, B, C, 3, true, "help");
		say(&said, C, NODE_OUTSIDE, 4, true, "helps b");
	}
	return said;
}

static void run(struct precedents *precedents, unsigned int number, struct fault_set faults, enum lesson lesson,
		struct transcript (*system)(const struct fault_set *faults))
{
	struct transcript said = system(&faults);

	assert_int_equal(precedents__add(precedents, number, &faults, lesson, &said), 0);
	transcript__free(&said);
}

/* What is foretold of a set, or -1. */
static int foretold(struct precedents *precedents, struct fault_set faults, struct support *ret)
{
	enum lesson lesson;
	int known = precedents__foretell(precedents, &faults, &lesson, ret);

	assert_in_range(known, 0, 1);
	return known ? (int)lesson : -1;
}

static bool rests_on(const struct support *support, uint16_t src, uint16_t dst, uint32_t now)
{
	return support__find(support, src, dst, now) != NULL;
}

static void test_nodes_are_looked_up_one_by_one(void **state)
{
	struct precedents *precedents = precedents__new(&opts);
	struct support support = {0};
	const struct fault_set first = set_of(1, loss(A, B, 1)), both = set_of(2, loss(A, B, 1), loss(A, C, 1));

	run(precedents, 1, set_of(0), LESSON_SURVIVED, relay);
	run(precedents, 2, first, LESSON_SURVIVED, relay);
	assert_int_equal(foretold(precedents, set_of(1, loss(B, C, 2)), &support), LESSON_SURVIVED);
	/* c has it from a, which is what it logs; what b was told matters to nobody */
	assert_true(rests_on(&support, A, C, STEP(1)));
	assert_true(rests_on(&support, C, NODE_OUTSIDE, NOW_HEALED));
	assert_false(rests_on(&support, A, B, STEP(1)));
	assert_false(rests_on(&support, B, C, STEP(2)));
	support__free(&support);

	/* c was never told nothing by a */
	assert_int_equal(foretold(precedents, set_of(1, loss(A, C, 1)), &support), -1);
	assert_int_equal(foretold(precedents, both, &support), -1);
	run(precedents, 3, set_of(2, loss(A, C, 1), loss(B, C, 2)), LESSON_VACUOUS, relay);
	assert_int_equal(support.cnt, 0);
	assert_int_equal(foretold(precedents, both, &support), LESSON_VACUOUS);
	/* of what prevents the promise all that came */
	assert_int_equal(support.cnt, 0);
	assert_null(precedents__doubt(precedents));
	support__free(&support);
	precedents__free(precedents);
}

static void test_quiet_steps_count(void **state)
{
	struct precedents *precedents = precedents__new(&opts);
	struct support support = {0};

	run(precedents, 1, set_of(0), LESSON_SURVIVED, wait_for);
	assert_int_equal(foretold(precedents, set_of(1, loss(A, B, 1)), &support), -1);
	run(precedents, 2, set_of(1, loss(A, B, 1)), LESSON_SURVIVED, wait_for);
	assert_int_equal(foretold(precedents, set_of(1, loss(A, B, 1)), &support), LESSON_SURVIVED);
	assert_true(rests_on(&support, B, C, STEP(3)));
	assert_int_equal(foretold(precedents, set_of(2, loss(A, B, 1), loss(B, C, 2)), &support), LESSON_SURVIVED);
	support__free(&support);
	precedents__free(precedents);
}

static void test_what_comes_late_teaches_nothing(void **state)
{
	struct precedents *precedents = precedents__new(&opts);
	struct support support = {0};
	struct fault late = loss(A, B, 1);

	late.delay_ns = 1;
	run(precedents, 1, set_of(1, late), LESSON_SURVIVED, relay);
	run(precedents, 2, set_of(1, loss(A, B, 1)), LESSON_VACUOUS, relay);
	assert_null(precedents__doubt(precedents));
	assert_int_equal(foretold(precedents, set_of(0), &support), -1);
	precedents__free(precedents);
}

static void test_what_broke_is_not_foretold(void **state)
{
	struct precedents *precedents = precedents__new(&opts);
	struct support support = {0};

	run(precedents, 1, set_of(0), LESSON_SURVIVED, relay);
	run(precedents, 2, set_of(1, loss(A, B, 1)), LESSON_VIOLATED, relay);
	assert_int_equal(foretold(precedents, set_of(1, loss(B, C, 2)), &support), -1);
	precedents__free(precedents);
}

static void test_whose_log_is_asked_for(void **state)
{
	struct precedents *precedents = precedents__new(&opts);
	const struct fault silence = {.kind = FAULT_SILENCE, .a = A, .from = NOW_CHECK};
	struct support support = {0};

	run(precedents, 1, set_of(0), LESSON_SURVIVED, relay);
	/* all is said as ever, but the check was never seen to ask b and c alone */
	assert_int_equal(foretold(precedents, set_of(1, silence), &support), -1);
	run(precedents, 2, set_of(1, silence), LESSON_SURVIVED, relay);
	assert_int_equal(foretold(precedents, set_of(1, silence), &support), LESSON_SURVIVED);
	support__free(&support);
	precedents__free(precedents);
}

static void test_a_connection_needs_its_answer(void **state)
{
	struct precedents *precedents = precedents__new(&opts);
	struct support support = {0};

	run(precedents, 1, set_of(0), LESSON_SURVIVED, call);
	run(precedents, 2, set_of(1, loss(A, B, 1)), LESSON_SURVIVED, call);
	assert_int_equal(foretold(precedents, set_of(1, loss(B, A, 1)), &support), LESSON_SURVIVED);
	assert_false(rests_on(&support, A, B, STEP(1)));
	support__free(&support);
	assert_int_equal(foretold(precedents, set_of(0), &support), LESSON_SURVIVED);
	assert_true(rests_on(&support, A, B, STEP(1)));
	assert_true(rests_on(&support, B, A, STEP(1)));
	support__free(&support);
	precedents__free(precedents);
}

static struct transcript moody(const struct fault_set *faults)
{
	struct transcript said = relay(faults);

	said.v[0].words++;
	return said;
}

static struct transcript cut_off(const struct fault_set *faults)
{
	struct transcript said = relay(faults);

	said.cut_off = true;
	return said;
}

static struct transcript endless(const struct fault_set *faults)
{
	struct transcript said = relay(faults);

	said.last_step = STEP(2000);
	return said;
}

static struct transcript no_steps(const struct fault_set *faults)
{
	struct transcript said = relay(faults);

	said.last_step = 0;
	return said;
}

static void test_what_speaks_against_it(void **state)
{
	struct transcript (*const systems[])(const struct fault_set *) = {moody, cut_off, relay, endless, no_steps};
	const enum lesson lessons[] = {LESSON_SURVIVED, LESSON_SURVIVED, LESSON_VACUOUS, LESSON_SURVIVED, LESSON_SURVIVED};
	const char *const words[] = {"runs 1 and 2 differ", "run 2 more was said", "ended differently", "more than a thousand",
				     "no steps"};

	for (int i = 0; i < 5; i++) {
		struct precedents *precedents = precedents__new(&opts);
		struct support support = {0};

		run(precedents, 1, set_of(0), LESSON_SURVIVED, relay);
		assert_int_equal(foretold(precedents, set_of(0), &support), LESSON_SURVIVED);
		run(precedents, 2, set_of(0), lessons[i], systems[i]);
		assert_non_null(precedents__doubt(precedents));
		assert_non_null(strstr(precedents__doubt(precedents), words[i]));
		support__free(&support);
		assert_int_equal(foretold(precedents, set_of(0), &support), -1);
		precedents__free(precedents);
	}
}

static uint64_t hash(const char *text)
{
	return transcript__hash((const uint8_t *)text, strlen(text));
}

static void test_words(void **state)
{
	assert_true(hash("123456789 1 0 put x") == hash("987654321 1 0 put x"));
	assert_true(hash("123456789 1 0 put x") == hash("9876543210 1 0 put x"));
	assert_true(hash("123456789 1 0 put x") != hash("987654321 2 0 put x"));
	assert_true(hash("offset 12") != hash("offset 13"));
	assert_true(hash("1234567") != hash("123456"));
	assert_true(hash("") != hash("1234567"));
}

/* All sets that are open are run, until none is. */
static void test_closure_finds_all(void **state)
{
	struct precedents *precedents = precedents__new(&opts);
	struct closure *closure = closure__new(&opts, precedents, STEP(3));
	const struct fault_set all = set_of(0);
	struct support support = {0};
	struct fault_set next;
	unsigned int runs = 1;

	run(precedents, 1, all, LESSON_SURVIVED, relay);
	assert_int_equal(foretold(precedents, all, &support), LESSON_SURVIVED);
	assert_int_equal(closure__know(closure, &all, &support), 0);
	support__free(&support);
	while (closure__next(closure, &next) == 1) {
		const bool told = !takes(&next, A, C, 1) || (!takes(&next, A, B, 1) && !takes(&next, B, C, 2));
		enum lesson lesson = told ? LESSON_SURVIVED : LESSON_VIOLATED;

		assert_in_range(++runs, 2, 12);
		run(precedents, runs, next, lesson, relay);
		if (told) {
			if (foretold(precedents, next, &support) < 0)
				fail();
			assert_int_equal(closure__know(closure, &next, &support), 0);
			support__free(&support);
		} else {
			assert_int_equal(closure__leave_out(closure, &next, true), 0);
		}
	}
	assert_int_equal(closure__open_cnt(closure), 0);
	assert_true(closure__foretold_cnt(closure) >= 1);
	closure__free(closure);
	precedents__free(precedents);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes_are_looked_up_one_by_one),
		cmocka_unit_test(test_quiet_steps_count),
		cmocka_unit_test(test_what_comes_late_teaches_nothing),
		cmocka_unit_test(test_what_broke_is_not_foretold),
		cmocka_unit_test(test_whose_log_is_asked_for),
		cmocka_unit_test(test_a_connection_needs_its_answer),
		cmocka_unit_test(test_what_speaks_against_it),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_closure_finds_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
