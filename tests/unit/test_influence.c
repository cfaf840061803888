// SPDX-License-Identifier: GPL-2.0-only
/* What experiments changed, and what that says of messages, of the promise and of what a check reads. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/influence.h"
#include "model/mark.h"
#include "model/model.h"
#include "model/promise.h"
#include "model/remains.h"

enum { CLIENT = 1, A, B, C, NODES = 4 };

enum { ASK = 100, COPY, STORED, DONE }; /* what is sent or logged */

static const char *const node_names[] = { NULL, "client", "a", "b", "c" };

static int id_of(void *ctx, const char *name, size_t len)
{
	for (int id = 1; id <= NODES; id++)
		if (strlen(node_names[id]) == len && memcmp(node_names[id], name, len) == 0)
			return id;
	return -1;
}

static const char *name_of(void *ctx, uint16_t id)
{
	return id <= NODES ? node_names[id] : NULL;
}

static const struct name_table names = { .id_of = id_of, .name_of = name_of };
static const struct model_opts opts = {
	.node_cnt = NODES,
	.names = &names,
	.budget = { .max = { 1, 0, 0, 2, 0 }, .total = 2 },
	.spare_nodes = 1ULL << CLIENT,
	.from = NOW_WORKLOAD,
	.until = NOW_CHECK,
	.heal = NOW_HEALED,
};

struct known {
	struct record v[8];
	size_t cnt;
};

/* "silence:a@check.0 loss:a>b@workload.1" */
static struct fault_set parse(const char *text)
{
	struct fault_set set = { 0 };
	char copy[256], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		struct fault fault;

		assert_int_equal(fault__parse(word, &names, &fault, NULL), 0);
		assert_int_equal(fault_set__add(&set, &fault), 0);
	}
	return set;
}

static void add(struct support *support, uint16_t src, uint16_t dst, uint32_t step, float confidence)
{
	const struct support_member member = { .src = src, .dst = dst, .step = step, .confidence = confidence,
					       .promise = confidence, .messages = 1 };

	assert_int_equal(support__add(support, &member), 0);
}

/* The client asks a, which copies to b and c, and later to b once more; c tells b. */
static struct support one_write(bool logs)
{
	struct support support = { 0 };

	add(&support, CLIENT, A, 1, .05f);
	add(&support, A, B, 2, .3f);
	add(&support, A, C, 2, .2f);
	add(&support, C, B, 2, .1f);
	add(&support, A, B, 3, .1f);
	for (uint16_t node = A; logs && node <= C; node++)
		add(&support, node, NODE_OUTSIDE, NOW_END, .9f);
	return support;
}

static struct record *learn(struct known *known, const char *faults, enum lesson lesson, bool logs)
{
	struct record *record = &known->v[known->cnt];
	const struct fault_set set = parse(faults);
	struct support support = one_write(logs);

	assert_true(known->cnt < sizeof(known->v) / sizeof(known->v[0]));
	assert_int_equal(record__init(record, (unsigned int)++known->cnt, &set, lesson, &support, NULL, &opts), 0);
	support__free(&support);
	return record;
}

static void forget(struct known *known)
{
	for (size_t i = 0; i < known->cnt; i++)
		record__free(&known->v[i]);
	known->cnt = 0;
}

/* One run: what is sent in a write, whatever is lost of it. */
static struct course sent(void)
{
	struct course run = { 0 };

	assert_int_equal(course__add(&run, CLIENT, A, 1, ASK), 0);
	assert_int_equal(course__add(&run, A, B, 2, COPY), 0);
	assert_int_equal(course__add(&run, A, C, 2, COPY), 0);
	assert_int_equal(course__add(&run, A, B, 3, COPY), 0);
	return run;
}

static void log_line(struct course *run, uint16_t node, uint64_t what, int times)
{
	while (times-- > 0)
		assert_int_equal(course__add(run, node, NODE_OUTSIDE, 0, what), 0);
}

/* One run more of @record, in which b logs STORED so often and a DONE. */
static void saw(struct record *record, int stored, int done)
{
	struct course run = sent();

	log_line(&run, B, STORED, stored);
	log_line(&run, A, DONE, done);
	assert_int_equal(course__join(&record->course, &run), 0);
}

static const struct support_member *member_of(const struct record *record, uint16_t src, uint16_t dst, uint32_t step)
{
	const struct support_member *member = support__find(&record->support, src, dst, step);

	assert_non_null(member);
	return member;
}

static void assert_confidence(const struct record *record, uint16_t src, uint16_t dst, uint32_t step, float expected)
{
	assert_float_equal(member_of(record, src, dst, step)->confidence, expected, 1e-4);
}

static void assert_promise(const struct record *record, uint16_t src, uint16_t dst, uint32_t step, float expected)
{
	assert_float_equal(member_of(record, src, dst, step)->promise, expected, 1e-4);
}

static void weigh(struct known *known)
{
	promise__weigh(known->v, known->cnt, opts.heal);
	assert_int_equal(influence__weigh(known->v, known->cnt, opts.heal), 0);
}

static void note(void *ctx, const struct deed *deed)
{
	(void)deed;
	++*(int *)ctx;
}

static int differences(const struct course *x, const struct course *y)
{
	int cnt = 0;

	course__compare(x, y, note, &cnt);
	return cnt;
}

/* Of several runs the least and the most count: what one of them did the others may have done. */
static void runs_differ_where_none_did_as_the_others(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);
	struct record *with = learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true);

	saw(base, 3, 1);
	saw(base, 4, 1);
	saw(base, 2, 1);
	assert_int_equal(base->course.runs, 3);
	for (int stored = 1; stored <= 5; stored++) {
		saw(with, stored, 1);
		assert_int_equal(differences(&base->course, &with->course), stored < 2 || stored > 4);
		course__free(&with->course);
	}
	saw(with, 1, 1);
	saw(with, 5, 1);
	assert_int_equal(differences(&base->course, &with->course), 0);
	course__free(&with->course);
	saw(with, 0, 0);
	assert_int_equal(differences(&base->course, &with->course), 2);
	assert_int_equal(differences(&with->course, &base->course), 2);
	forget(&known);
}

static void a_line_that_one_run_lacked_may_be_lacking(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);
	struct record *with = learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true);

	saw(base, 1, 0);
	saw(base, 1, 1);
	saw(with, 1, 0);
	assert_int_equal(differences(&base->course, &with->course), 0);
	saw(base, 1, 1);
	assert_int_equal(differences(&base->course, &with->course), 0);
	forget(&known);
}

static void nothing_known_changes_nothing(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true);
	weigh(&known);
	assert_confidence(base, CLIENT, A, 1, .05f);
	assert_confidence(base, A, B, 2, .3f);
	assert_promise(base, A, B, 2, .3f);
	forget(&known);
}

/* Only what no experiment took is worth one, however little the traces say of it. */
static void what_was_not_tried_is_worth_a_try(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	weigh(&known);
	assert_confidence(base, CLIENT, A, 1, .12f);
	assert_confidence(base, A, B, 2, .3f);
	forget(&known);
}

static void a_loss_that_changed_nothing_counts_for_little(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	saw(learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true), 1, 1);
	weigh(&known);
	assert_confidence(base, A, B, 2, .03f);
	assert_confidence(base, A, C, 2, .2f); /* of the others it says nothing */
	assert_confidence(base, A, B, 3, .12f);
	weigh(&known); /* and once is enough */
	assert_confidence(base, A, B, 2, .03f);
	forget(&known);
}

/* Beside another fault it was tried: here it may be otherwise. */
static void what_changed_nothing_elsewhere_counts_for_more(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	saw(learn(&known, "loss:a>c@workload.1", LESSON_SURVIVED, true), 0, 1);
	saw(learn(&known, "loss:a>c@workload.1 loss:a>b@workload.1", LESSON_SURVIVED, true), 0, 1);
	weigh(&known);
	assert_confidence(base, A, B, 2, .06f);
	assert_confidence(&known.v[1], A, B, 2, .03f);
	forget(&known);
}

/* What was not watched is compared with nothing: the next smaller set is. */
static void a_set_that_was_not_watched_is_passed_over(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	learn(&known, "loss:a>c@workload.1", LESSON_SURVIVED, true);
	saw(learn(&known, "loss:a>c@workload.1 loss:a>b@workload.1", LESSON_SURVIVED, true), 1, 1);
	weigh(&known);
	assert_confidence(base, A, B, 2, .03f);
	assert_confidence(base, A, C, 2, .02f);
	forget(&known);
}

static void a_loss_that_changed_lines_counts_for_much(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	saw(learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true), 0, 1);
	weigh(&known);
	assert_confidence(base, A, B, 2, .5f);
	forget(&known);
}

/* It was the fault that came last. */
static void what_changed_lines_elsewhere_counts_for_half(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	saw(learn(&known, "loss:a>c@workload.1", LESSON_SURVIVED, true), 1, 1);
	saw(learn(&known, "loss:a>c@workload.1 loss:a>b@workload.2", LESSON_SURVIVED, true), 0, 1);
	weigh(&known);
	assert_confidence(base, A, B, 3, .25f);
	assert_confidence(base, A, C, 2, .02f);
	assert_confidence(&known.v[1], A, B, 3, .5f);
	forget(&known);
}

static void its_siblings_gain(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	saw(learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true), 0, 1);
	weigh(&known);
	assert_confidence(base, A, C, 2, .5f);	    /* sent by the same in the same step */
	assert_confidence(base, C, B, 2, .5f);	    /* or to the same */
	assert_confidence(base, A, B, 3, .12f);	    /* not in the same */
	assert_confidence(base, CLIENT, A, 1, .12f); /* nor by the same */
	forget(&known);
}

/* Which of them it was, nobody knows. */
static void what_was_taken_together_shares(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	saw(learn(&known, "loss:a>c@workload.1 loss:a>b@workload.1", LESSON_SURVIVED, true), 0, 1);
	weigh(&known);
	assert_confidence(base, A, C, 2, .25f);
	assert_confidence(base, A, B, 2, .3f);
	forget(&known);
}

/* What followed on it counts by what the outcome rested on that; without other lines it is little. */
static void a_loss_that_changed_messages_alone_counts_by_those(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true), *with;
	struct course run = { 0 };

	saw(base, 1, 1);
	with = learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true);
	assert_int_equal(course__add(&run, CLIENT, A, 1, ASK), 0);
	assert_int_equal(course__add(&run, A, B, 2, COPY), 0);
	assert_int_equal(course__add(&run, A, C, 2, COPY), 0);
	log_line(&run, B, STORED, 1);
	log_line(&run, A, DONE, 1);
	assert_int_equal(course__join(&with->course, &run), 0);
	for (int again = 0; again < 2; again++) {
		weigh(&known);
		assert_confidence(base, A, B, 2, .05f); /* half of what the later one is worth by its trace */
	}
	forget(&known);
}

static void what_a_silent_node_does_is_no_change(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	saw(learn(&known, "silence:b@workload.1", LESSON_SURVIVED, true), 0, 1);
	weigh(&known);
	assert_confidence(base, A, B, 2, .03f);
	assert_confidence(base, A, B, 3, .01f);
	forget(&known);
}

static void other_lines_say_nothing_where_logs_do_not_judge(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, false);

	saw(base, 1, 1);
	saw(learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, false), 0, 1);
	saw(learn(&known, "loss:a>c@workload.1", LESSON_VACUOUS, false), 1, 0);
	assert_false(influence__watched(known.v, known.cnt));
	weigh(&known);
	assert_confidence(base, CLIENT, A, 1, .05f);
	assert_confidence(base, A, B, 2, .3f);
	assert_confidence(base, A, C, 2, .2f);
	assert_promise(base, A, B, 2, .3f);
	assert_promise(base, A, C, 2, .2f);
	forget(&known);
}

/* The candidates of a model that learned of a write and of a loss of b's copy, which changed what b logged. */
static long hunted(bool logs, bool watch, struct candidate **ret)
{
	static const char *const faults[] = { "", "loss:a>b@workload.1" };
	struct model *model = model__new(&opts, NULL);
	struct support support = one_write(logs);
	bool more;
	long cnt;

	for (unsigned int i = 0; i < 2; i++) {
		const struct fault_set set = parse(faults[i]);
		struct known known = { 0 };

		saw(learn(&known, faults[i], LESSON_SURVIVED, logs), i ? 0 : 1, 1);
		assert_int_equal(model__learn(model, i + 1, &set, LESSON_SURVIVED, &support, NULL, NULL), 0);
		if (watch)
			assert_int_equal(model__watch(model, &known.v[0].course, NULL), 0);
		forget(&known);
	}
	cnt = model__candidates(model, CLAUSE_EXACT, 100, ret, &more, NULL);
	assert_true(cnt > 1 && !more);
	support__free(&support);
	model__free(model);
	return cnt;
}

static bool same_order(const struct candidate *x, const struct candidate *y, long cnt)
{
	for (long i = 0; i < cnt; i++)
		if (!fault_set__equal(&x[i].faults, &y[i].faults) || x[i].score != y[i].score)
			return false;
	return true;
}

static void courses_steer_only_where_logs_judge(void **state)
{
	for (int logs = 0; logs < 2; logs++) {
		struct candidate *blind, *watched;
		const long cnt = hunted(logs, false, &blind);

		assert_int_equal(hunted(logs, true, &watched), cnt);
		assert_true(same_order(blind, watched, cnt) == !logs);
		free(blind);
		free(watched);
	}
}

/* The run without faults comes last: what was learned before is seen in its light at once. */
static void watching_late_tells_the_same(void **state)
{
	const struct fault_set none = { 0 }, lost = parse("loss:a>c@workload.1 loss:a>b@workload.2");
	struct model *model = model__new(&opts, NULL);
	struct support support = one_write(true);
	struct candidate *at_once, *later;
	struct known known = { 0 };
	bool more;
	long cnt;

	saw(learn(&known, "", LESSON_SURVIVED, true), 1, 1);
	assert_int_equal(model__learn(model, 1, &lost, LESSON_VACUOUS, &support, NULL, NULL), 0);
	assert_int_equal(model__learn(model, 2, &none, LESSON_SURVIVED, &support, NULL, NULL), 0);
	assert_int_equal(model__watch(model, &known.v[0].course, NULL), 0);
	cnt = model__candidates(model, CLAUSE_MONOTONE, 100, &at_once, &more, NULL);
	assert_true(cnt > 1 && !more);
	model__free(model);

	model = model__new(&opts, NULL);
	assert_int_equal(model__learn(model, 1, &none, LESSON_SURVIVED, &support, NULL, NULL), 0);
	assert_int_equal(model__watch(model, &known.v[0].course, NULL), 0);
	assert_int_equal(model__learn(model, 2, &lost, LESSON_VACUOUS, &support, NULL, NULL), 0);
	assert_int_equal(model__candidates(model, CLAUSE_MONOTONE, 100, &later, &more, NULL), cnt);
	assert_true(same_order(at_once, later, cnt));
	free(at_once);
	free(later);
	support__free(&support);
	forget(&known);
	model__free(model);
}

static bool shows(const struct known *known, uint16_t node, uint64_t what)
{
	const struct deed deed = { .node = node, .to = NODE_OUTSIDE, .what = what };
	struct marks marks;
	bool has;

	assert_int_equal(marks__find(known->v, known->cnt, &marks), 0);
	has = marks__has(&marks, &deed);
	marks__free(&marks);
	return has;
}

static void a_mark_is_in_all_runs_with_the_promise_and_in_none_without(void **state)
{
	struct known known = { 0 };

	saw(learn(&known, "", LESSON_SURVIVED, true), 1, 1);
	assert_false(shows(&known, A, DONE)); /* it was always made: nothing tells it from the rest */
	saw(learn(&known, "loss:client>a@workload.0", LESSON_VACUOUS, true), 1, 0);
	assert_true(shows(&known, A, DONE));
	assert_false(shows(&known, B, DONE));
	assert_false(shows(&known, B, STORED));
	saw(learn(&known, "loss:a>c@workload.1", LESSON_SURVIVED, true), 1, 0);
	assert_false(shows(&known, A, DONE));
	forget(&known);
}

static void a_mark_is_in_each_single_run(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	saw(learn(&known, "loss:client>a@workload.0", LESSON_VACUOUS, true), 1, 0);
	assert_true(shows(&known, A, DONE));
	saw(base, 1, 0);
	assert_false(shows(&known, A, DONE));
	forget(&known);
}

static void a_silent_node_shows_nothing(void **state)
{
	struct known known = { 0 };

	saw(learn(&known, "", LESSON_SURVIVED, true), 1, 1);
	saw(learn(&known, "silence:a@workload.1", LESSON_VACUOUS, true), 1, 1);
	assert_true(shows(&known, A, DONE));
	forget(&known);
}

/* A line that shows the promise is none that a check reads: without it there is nothing to check. */
static void a_mark_is_no_line_of_the_check(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	saw(learn(&known, "loss:a>b@workload.1", LESSON_VACUOUS, true), 1, 0);
	assert_int_equal(influence__weigh(known.v, known.cnt, opts.heal), 0);
	assert_confidence(base, A, B, 2, .3f);
	assert_confidence(base, A, C, 2, .2f);
	assert_promise(base, A, B, 2, .5f);
	assert_promise(base, A, C, 2, .2f);
	forget(&known);
}

static void what_was_taken_without_the_promise_is_suspected(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	learn(&known, "loss:a>b@workload.1 loss:a>b@workload.2", LESSON_VACUOUS, true);
	weigh(&known);
	assert_promise(base, A, B, 2, .5f);
	assert_promise(base, A, B, 3, .5f);
	assert_promise(base, A, C, 2, .2f);
	forget(&known);
}

static void the_promise_was_made_without_it(void **state)
{
	for (int violated = 0; violated < 2; violated++) {
		struct known known = { 0 };
		struct record *base = learn(&known, "", LESSON_SURVIVED, true);

		saw(base, 1, 1);
		learn(&known, "loss:a>b@workload.1 loss:a>b@workload.2", LESSON_VACUOUS, true);
		learn(&known, "loss:a>b@workload.1", violated ? LESSON_VIOLATED : LESSON_SURVIVED, true);
		weigh(&known);
		assert_promise(base, A, B, 2, .05f);
		assert_promise(base, A, B, 3, 1); /* so it was the other one */
		forget(&known);
	}
}

static void a_run_that_gave_no_answer_clears_nothing(void **state)
{
	struct known known = { 0 };
	struct record *base = learn(&known, "", LESSON_SURVIVED, true);

	saw(base, 1, 1);
	learn(&known, "loss:a>b@workload.1", LESSON_PARKED, true);
	weigh(&known);
	assert_promise(base, A, B, 2, .3f);
	forget(&known);
}

static double left(const struct known *known, const char *faults, double *ret_promise)
{
	const struct fault_set set = parse(faults);
	struct remains *remains = remains__new(known->v, known->cnt);
	double lines;

	assert_non_null(remains);
	lines = remains__under(remains, set.v, set.cnt, ret_promise);
	remains__free(remains);
	return lines;
}

static void assert_left(const struct known *known, const char *faults, double lines, double promise)
{
	double shown;

	assert_float_equal(left(known, faults, &shown), lines, 1e-6);
	assert_float_equal(shown, promise, 1e-6);
}

static void all_is_left_where_nothing_is_known(void **state)
{
	struct known known = { 0 };

	learn(&known, "", LESSON_SURVIVED, true);
	assert_left(&known, "loss:a>b@workload.1", 1, 1);
	saw(&known.v[0], 4, 1);
	assert_left(&known, "loss:a>b@workload.1", 1, 1);
	forget(&known);
}

static void each_fault_leaves_of_the_lines_what_it_left(void **state)
{
	struct known known = { 0 };

	saw(learn(&known, "", LESSON_SURVIVED, true), 3, 1);
	saw(learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true), 1, 1);
	assert_left(&known, "loss:a>b@workload.1", .5, 1);
	saw(learn(&known, "loss:a>b@workload.2", LESSON_SURVIVED, true), 0, 1);
	assert_left(&known, "loss:a>b@workload.2", .25, 1);
	assert_left(&known, "loss:a>b@workload.1 loss:a>b@workload.2", .25, 1);
	forget(&known);
}

static void lines_of_several_runs_are_between_least_and_most(void **state)
{
	struct known known = { 0 };

	saw(learn(&known, "", LESSON_SURVIVED, true), 2, 0);
	saw(&known.v[0], 4, 0);
	saw(learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true), 1, 0);
	assert_left(&known, "loss:a>b@workload.1", 1 / 3., 1);
	forget(&known);
}

/* And no more than there was without faults. */
static void the_lines_of_two_faults_multiply(void **state)
{
	struct known known = { 0 };

	saw(learn(&known, "", LESSON_SURVIVED, true), 4, 0);
	saw(learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true), 1, 0);
	saw(learn(&known, "loss:a>b@workload.2", LESSON_SURVIVED, true), 2, 0);
	saw(learn(&known, "loss:a>c@workload.1", LESSON_SURVIVED, true), 8, 0);
	assert_left(&known, "loss:a>b@workload.1 loss:a>b@workload.2", .125, 1);
	assert_left(&known, "loss:a>b@workload.1 loss:a>c@workload.1", .25, 1);
	forget(&known);
}

static void what_was_tried_together_says_more_than_each(void **state)
{
	struct known known = { 0 };

	saw(learn(&known, "", LESSON_SURVIVED, true), 4, 0);
	saw(learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true), 2, 0);
	saw(learn(&known, "loss:a>b@workload.2", LESSON_SURVIVED, true), 2, 0);
	saw(learn(&known, "loss:a>b@workload.1 loss:a>b@workload.2", LESSON_SURVIVED, true), 3, 0);
	assert_left(&known, "loss:a>b@workload.1 loss:a>b@workload.2", .75, 1);
	forget(&known);
}

static void a_silent_node_may_not_be_read(void **state)
{
	struct known known = { 0 };

	saw(learn(&known, "", LESSON_SURVIVED, true), 3, 1);
	assert_left(&known, "silence:b@workload.2", .625, 1); /* half of b's three, and a's */
	forget(&known);
}

/* Lines of the check for each that shows the promise. */
static void the_promise_is_left_by_its_marks(void **state)
{
	struct known known = { 0 };

	saw(learn(&known, "", LESSON_SURVIVED, true), 4, 2);
	saw(learn(&known, "loss:client>a@workload.0", LESSON_VACUOUS, true), 4, 0);
	saw(learn(&known, "loss:a>b@workload.1", LESSON_SURVIVED, true), 2, 1);
	saw(learn(&known, "loss:a>b@workload.2", LESSON_SURVIVED, true), 1, 1);
	assert_left(&known, "loss:a>b@workload.1", 1, .5);
	assert_left(&known, "loss:a>b@workload.2", .5, .5);
	assert_left(&known, "loss:client>a@workload.0", 1, 0);
	assert_left(&known, "silence:a@workload.2", 1, 0);
	forget(&known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_differ_where_none_did_as_the_others),
		cmocka_unit_test(a_line_that_one_run_lacked_may_be_lacking),
		cmocka_unit_test(nothing_known_changes_nothing),
		cmocka_unit_test(what_was_not_tried_is_worth_a_try),
		cmocka_unit_test(a_loss_that_changed_nothing_counts_for_little),
		cmocka_unit_test(what_changed_nothing_elsewhere_counts_for_more),
		cmocka_unit_test(a_set_that_was_not_watched_is_passed_over),
		cmocka_unit_test(a_loss_that_changed_lines_counts_for_much),
		cmocka_unit_test(what_changed_lines_elsewhere_counts_for_half),
		cmocka_unit_test(its_siblings_gain),
		cmocka_unit_test(what_was_taken_together_shares),
		cmocka_unit_test(a_loss_that_changed_messages_alone_counts_by_those),
		cmocka_unit_test(what_a_silent_node_does_is_no_change),
		cmocka_unit_test(other_lines_say_nothing_where_logs_do_not_judge),
		cmocka_unit_test(courses_steer_only_where_logs_judge),
		cmocka_unit_test(watching_late_tells_the_same),
		cmocka_unit_test(a_mark_is_in_all_runs_with_the_promise_and_in_none_without),
		cmocka_unit_test(a_mark_is_in_each_single_run),
		cmocka_unit_test(a_silent_node_shows_nothing),
		cmocka_unit_test(a_mark_is_no_line_of_the_check),
		cmocka_unit_test(what_was_taken_without_the_promise_is_suspected),
		cmocka_unit_test(the_promise_was_made_without_it),
		cmocka_unit_test(a_run_that_gave_no_answer_clears_nothing),
		cmocka_unit_test(all_is_left_where_nothing_is_known),
		cmocka_unit_test(each_fault_leaves_of_the_lines_what_it_left),
		cmocka_unit_test(lines_of_several_runs_are_between_least_and_most),
		cmocka_unit_test(the_lines_of_two_faults_multiply),
		cmocka_unit_test(what_was_tried_together_says_more_than_each),
		cmocka_unit_test(a_silent_node_may_not_be_read),
		cmocka_unit_test(the_promise_is_left_by_its_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
