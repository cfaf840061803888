// SPDX-License-Identifier: GPL-2.0-only
/* What runs teach, and which fault sets are left. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/level.h"
#include "model/model.h"

enum { CLIENT = 1, A, B, C, NODES = 4 };

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

static struct model_opts opts_of(int silences, int links, int partitions, int total)
{
	return (struct model_opts){
		.node_cnt = NODES,
		.names = &names,
		.budget = { .max = { silences, links, partitions, 0, 0 }, .total = total },
		.spare_nodes = 1ULL << CLIENT,
		.from = NOW_WORKLOAD,
		.until = NOW_CHECK,
		.heal = NOW_HEALED,
	};
}

static void add(struct support *support, uint16_t src, uint16_t dst, uint32_t step, float confidence)
{
	const struct support_member member = { .src = src, .dst = dst, .step = step,
					       .confidence = confidence, .messages = 1 };

	assert_int_equal(support__add(support, &member), 0);
}

/* "silence:a@check.0 link:a>b@workload.1" */
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

static void learn(struct model *model, const char *faults, enum lesson lesson,
		  const struct support *support)
{
	static unsigned int run;
	const struct fault_set set = parse(faults);

	assert_int_equal(model__learn(model, ++run, &set, lesson, support, NULL, NULL), 0);
}

/* All candidates, in order, "; " between them. */
static const char *candidates(struct model *model, enum clause_mode mode)
{
	static char text[4096];
	struct candidate *v, next, again;
	bool more;
	long cnt = model__candidates(model, mode, 100, &v, &more, NULL);

	assert_true(cnt >= 0 && !more);
	text[0] = '\0';
	for (long i = 0; i < cnt; i++) {
		char one[512];

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? "; " : "",
			 fault_set__print(one, sizeof(one), &v[i].faults, &names));
	}
	/* asked for one there is one, and the same again */
	assert_int_equal(model__next(model, mode, &next, NULL), cnt > 0);
	assert_int_equal(model__next(model, mode, &again, NULL), cnt > 0);
	if (cnt > 0)
		assert_true(fault_set__equal(&next.faults, &again.faults));
	free(v);
	return text;
}

/* These, in whatever order: "x; y". */
static void assert_candidates(struct model *model, enum clause_mode mode, const char *expected)
{
	const char *text = candidates(model, mode);
	char copy[512], *save = NULL;

	assert_int_equal(strlen(text), strlen(expected));
	snprintf(copy, sizeof(copy), "%s", expected);
	for (char *one = strtok_r(copy, ";", &save); one; one = strtok_r(NULL, ";", &save))
		if (!strstr(text, one + strspn(one, " ")))
			fail_msg("%s is not in %s", one, text);
}

/* One request to a, which tells b; the check reads at a. */
static struct support one_write(void)
{
	struct support support = { 0 };

	add(&support, CLIENT, A, 1, .9f);
	add(&support, A, CLIENT, 1, .9f);
	add(&support, A, B, 2, .8f);
	add(&support, CLIENT, A, NOW_HEALED, .9f);
	add(&support, A, CLIENT, NOW_HEALED, .9f);
	return support;
}

static void cuts_at_the_latest_onset(void **state)
{
	struct model_opts opts = opts_of(1, 1, 1, -1);
	struct model *model = model__new(&opts, NULL);
	struct support support = one_write();

	learn(model, "", LESSON_SURVIVED, &support);
	assert_candidates(model, CLAUSE_MONOTONE, "{silence:a@check.0}; {silence:b@workload.1}; {link:a>b@workload.1}; "
			    "{partition:a|b@workload.1}");
	assert_int_equal(strncmp(candidates(model, CLAUSE_MONOTONE), "{silence:a", 10), 0);
	support__free(&support);
	model__free(model);
}

static void budget_by_kind_and_total(void **state)
{
	struct model_opts opts = opts_of(0, 1, 0, -1);
	struct model *model = model__new(&opts, NULL);
	struct support x = { 0 }, y = { 0 };

	add(&x, A, B, 2, .9f);
	add(&y, B, C, 2, .9f);
	learn(model, "", LESSON_SURVIVED, &x);
	assert_candidates(model, CLAUSE_MONOTONE, "{link:a>b@workload.1}");
	learn(model, "link:a>b@workload.1", LESSON_SURVIVED, &y);
	assert_candidates(model, CLAUSE_MONOTONE, "");
	model__free(model);

	opts = opts_of(0, -1, 0, -1);
	model = model__new(&opts, NULL);
	learn(model, "", LESSON_SURVIVED, &x);
	learn(model, "link:a>b@workload.1", LESSON_SURVIVED, &y);
	assert_candidates(model, CLAUSE_MONOTONE, "{link:a>b@workload.1, link:b>c@workload.1}");
	model__free(model);

	opts = opts_of(1, 2, 0, 1);
	model = model__new(&opts, NULL);
	learn(model, "", LESSON_SURVIVED, &x);
	learn(model, "link:a>b@workload.1", LESSON_SURVIVED, &y);
	assert_candidates(model, CLAUSE_MONOTONE, "{silence:b@workload.1}");
	model__free(model);
	support__free(&x);
	support__free(&y);
}

static void exact_lets_go_what_was_assumed(void **state)
{
	struct model_opts opts = opts_of(0, 1, 0, -1);
	struct model *model = model__new(&opts, NULL);
	struct support x = { 0 }, y = { 0 };

	add(&x, A, B, 2, .9f);
	add(&x, A, C, 2, .9f);
	add(&y, B, C, 2, .9f);
	learn(model, "", LESSON_SURVIVED, &x);
	learn(model, "link:a>b@workload.1", LESSON_SURVIVED, &y);
	assert_candidates(model, CLAUSE_MONOTONE, "");
	/* without a>b cut, y need not come */
	assert_candidates(model, CLAUSE_EXACT, "{link:a>c@workload.1}");
	support__free(&x);
	support__free(&y);
	model__free(model);
}

static void vacuous_leaves_supersets(void **state)
{
	struct model_opts opts = opts_of(1, 1, 0, -1);
	struct model *model = model__new(&opts, NULL);
	struct support x = { 0 }, delivered = { 0 };

	add(&x, A, B, 2, .9f);
	add(&delivered, C, A, 3, 1);
	add(&delivered, C, A, 1, 1);
	learn(model, "", LESSON_SURVIVED, &x);
	learn(model, "link:a>b@workload.1", LESSON_VACUOUS, &delivered);
	for (int mode = 0; mode < 2; mode++) {
		const char *text = candidates(model, (enum clause_mode)mode);

		/* something else, or more of what was delivered; an earlier onset sees nothing new */
		assert_non_null(strstr(text, "{silence:a@workload.1}"));
		assert_non_null(strstr(text, "{silence:b@workload.1}"));
		assert_non_null(strstr(text, "{silence:c@workload.2, link:a>b@workload.1}"));
		assert_null(strstr(text, "{link:a>b@workload.1}"));
		assert_null(strstr(text, "link:a>b@workload.0"));
	}
	support__free(&x);
	support__free(&delivered);
	model__free(model);
}

static void parked_leaves_out_exactly_one(void **state)
{
	struct model_opts opts = opts_of(1, 1, 0, -1);
	struct model *model = model__new(&opts, NULL);
	struct support x = { 0 };

	add(&x, A, B, 2, .9f);
	add(&x, A, C, 1, .1f);
	learn(model, "", LESSON_SURVIVED, &x);
	assert_non_null(strstr(candidates(model, CLAUSE_MONOTONE), "{silence:b@workload.1}"));
	learn(model, "silence:b@workload.1", LESSON_PARKED, NULL);
	assert_null(strstr(candidates(model, CLAUSE_MONOTONE), "{silence:b@workload.1}"));
	assert_int_equal(model__parked_cnt(model), 1);
	assert_int_equal(model__support_cnt(model), 1);
	support__free(&x);
	model__free(model);
}

static void violated_takes_supersets_out(void **state)
{
	struct model_opts opts = opts_of(1, 1, 0, -1);
	struct model *model = model__new(&opts, NULL);
	struct support x = one_write(), y = { 0 };

	add(&y, A, C, 1, .9f);
	learn(model, "", LESSON_SURVIVED, &x);
	learn(model, "silence:a@check.0", LESSON_VIOLATED, &y); /* a support has no meaning here */
	for (int mode = 0; mode < 2; mode++)
		assert_null(strstr(candidates(model, (enum clause_mode)mode), "silence:a"));
	support__free(&x);
	support__free(&y);
	model__free(model);
}

static void windows_decide_what_can_be_cut(void **state)
{
	struct model_opts opts = opts_of(1, 1, 1, -1);
	struct model *model = model__new(&opts, NULL);
	struct support x = { 0 };

	/* before the workload nothing reaches; after healing only silences do */
	add(&x, A, B, NOW_IDLE, .9f);
	add(&x, B, C, NOW_HEALED, .9f);
	add(&x, CLIENT, C, 4, .1f);
	learn(model, "", LESSON_SURVIVED, &x);
	assert_candidates(model, CLAUSE_MONOTONE, "{silence:b@check.0}; {silence:c@check.0}");
	model__free(model);

	opts = opts_of(0, 1, 0, -1);
	opts.heal = NOW_END; /* links reach the check from the last step that has a name */
	model = model__new(&opts, NULL);
	learn(model, "", LESSON_SURVIVED, &x);
	assert_candidates(model, CLAUSE_MONOTONE, "{link:b>c@workload.3}");
	model__free(model);

	opts.until = 3; /* before workload.2 */
	model = model__new(&opts, NULL);
	learn(model, "", LESSON_SURVIVED, &x);
	assert_candidates(model, CLAUSE_MONOTONE, "{link:b>c@workload.1}");
	model__free(model);

	opts = opts_of(1, 1, 0, -1);
	opts.from = NOW_CHECK;
	model = model__new(&opts, NULL);
	learn(model, "", LESSON_SURVIVED, &x);
	assert_candidates(model, CLAUSE_MONOTONE, "{silence:b@check.0}; {silence:c@check.0}");
	model__free(model);
	support__free(&x);
}

/* Sets that no candidate can be still teach, and break no invariant. */
static void learns_from_sets_beyond_the_budget(void **state)
{
	static const char *const odd[] = {
		"link:a>b@workload.1..workload.3",   "silence:a@workload.0+2s",
		"link:a>client@workload.0",	     "silence:client@check.0",
		"partition:a|b@workload.0",	     "link:a>b@check.0",
		"link:a>b@workload.900 silence:b@workload.3",
		"link:a>b@workload.1 link:a>b@workload.0",
	};
	struct support x = one_write();

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		for (int lesson = 0; lesson <= LESSON_VIOLATED; lesson++) {
			struct model_opts opts = opts_of(1, 1, 0, -1);
			struct model *model = model__new(&opts, NULL);

			learn(model, "", LESSON_SURVIVED, &x);
			learn(model, odd[i], (enum lesson)lesson, &x);
			candidates(model, CLAUSE_MONOTONE);
			candidates(model, CLAUSE_EXACT);
			model__free(model);
		}
	support__free(&x);
}

/* a tells b in each step; each loss is of its step alone, and before `until`. */
static void loses_single_steps(void **state)
{
	struct model_opts opts = opts_of(1, 0, 0, -1);
	struct support first = { 0 }, second = { 0 }, third = { 0 };
	struct model *model;

	opts.budget.max[FAULT_LOSS] = -1;
	opts.until = NOW_WORKLOAD + 3;
	model = model__new(&opts, NULL);
	add(&first, A, B, NOW_WORKLOAD + 1, 1);
	add(&second, A, B, NOW_WORKLOAD + 2, 1);
	add(&third, A, B, NOW_WORKLOAD + 3, 1);
	learn(model, "", LESSON_SURVIVED, &first);
	assert_candidates(model, CLAUSE_MONOTONE,
			  "{loss:a>b@workload.1}; {silence:a@workload.1}; {silence:b@workload.1}");
	learn(model, "loss:a>b@workload.1", LESSON_SURVIVED, &second);
	assert_candidates(model, CLAUSE_MONOTONE,
			  "{loss:a>b@workload.1, loss:a>b@workload.2}; {silence:a@workload.1}; "
			  "{silence:b@workload.1}; {silence:a@workload.2, loss:a>b@workload.1}; "
			  "{silence:b@workload.2, loss:a>b@workload.1}");
	learn(model, "loss:a>b@workload.1 loss:a>b@workload.2", LESSON_SURVIVED, &third);
	learn(model, "silence:a@workload.1", LESSON_VACUOUS, &(struct support){ 0 });
	learn(model, "silence:b@workload.1", LESSON_SURVIVED, &(struct support){ 0 });
	assert_candidates(model, CLAUSE_MONOTONE, "");
	model__free(model);
	support__free(&first);
	support__free(&second);
	support__free(&third);
}

static void refuses_what_it_cannot_do(void **state)
{
	struct model_opts opts = opts_of(1, 1, 0, -1);
	struct err err;

	opts.node_cnt = MAX_NODES;
	assert_null(model__new(&opts, &err));
	assert_int_equal(err.code, EXIT_USAGE);
}

/* Nothing that can be cut, or nothing learned. */
static void empty_is_no_trap(void **state)
{
	struct model_opts opts = opts_of(1, 1, 0, -1);
	struct model *model = model__new(&opts, NULL);
	struct support none = { 0 };

	assert_candidates(model, CLAUSE_MONOTONE, "{}");
	learn(model, "", LESSON_SURVIVED, &none);
	assert_candidates(model, CLAUSE_MONOTONE, "");
	assert_candidates(model, CLAUSE_EXACT, "");
	model__free(model);
	model__free(NULL);
}

static void seeds_break_ties(void **state)
{
	struct support x = { 0 };
	bool seen_b = false, seen_c = false;

	add(&x, CLIENT, B, NOW_HEALED, .5f);
	add(&x, CLIENT, C, NOW_HEALED, .5f);
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct model_opts opts = opts_of(1, 0, 0, -1);
		struct model *model;
		const char *text;

		opts.seed = seed;
		model = model__new(&opts, NULL);
		learn(model, "", LESSON_SURVIVED, &x);
		text = candidates(model, CLAUSE_MONOTONE);
		seen_b |= strncmp(text, "{silence:b", 10) == 0;
		seen_c |= strncmp(text, "{silence:c", 10) == 0;
		model__free(model);
	}
	assert_true(seen_b && seen_c);
	support__free(&x);
}

static void offer(struct level *levels, size_t cost, double score)
{
	const struct scored scored = { .score = score, .cnt = cost };

	assert_int_equal(level__offer(&levels[cost], &scored), 0);
}

/* By cost, then score; but a pair ten times better than the best single comes first. */
static void levels_are_taken_in_order(void **state)
{
	static const double order[] = { .2, .02, .15, .15, .01 };
	struct level levels[LEVELS] = { 0 };
	struct scored scored;

	for (size_t cost = 0; cost < LEVELS; cost++)
		levels[cost].max = 3;
	offer(levels, 2, .15);
	offer(levels, 1, .01);
	offer(levels, 2, .2);
	offer(levels, 1, .02);
	offer(levels, 2, .15);
	offer(levels, 2, .1); /* a fourth, and not among the best three */
	assert_true(level__floor(&levels[1]) == -1 && level__floor(&levels[2]) == .15);
	for (size_t i = 0; i < 5; i++) {
		assert_true(levels__take(levels, LEVEL_FACTOR, &scored));
		assert_true(scored.score == order[i]);
	}
	assert_false(levels__take(levels, LEVEL_FACTOR, &scored));
	levels__free(levels);
}

/* What the minisat program says of a file that @write makes: 10, 20, or -1 where there is none. */
static int minisat_says(struct model *model, enum clause_mode mode,
			int (*write)(struct model *model, enum clause_mode mode, FILE *out,
				     struct err *err))
{
	char path[] = "/tmp/cutset-test-XXXXXX", command[256];
	int status, fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");

	assert_int_equal(write(model, mode, out, NULL), 0);
	fclose(out);
	snprintf(command, sizeof(command), "minisat -verb=0 %s /dev/null >/dev/null 2>&1", path);
	status = system(command);
	unlink(path);
	return WIFEXITED(status) && WEXITSTATUS(status) != 127 ? WEXITSTATUS(status) : -1;
}

static void minisat_reads_the_certificate(void **state)
{
	struct model_opts opts = opts_of(1, 2, 1, 2);
	struct model *model = model__new(&opts, NULL);
	struct support x = one_write();
	const struct fault_set set = parse("silence:c@check.0");
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (system("command -v minisat >/dev/null") != 0) {
		fclose(out);
		free(text);
		support__free(&x);
		model__free(model);
		print_message("no minisat program here\n");
		skip();
	}
	learn(model, "", LESSON_SURVIVED, &x);
	assert_int_equal(model__learn(model, 77, &set, LESSON_PARKED, NULL, "flaky\n1 of 2", NULL), 0);
	for (int mode = 0; mode < 2; mode++)
		assert_int_equal(minisat_says(model, (enum clause_mode)mode, model__write_dimacs), 10);
	assert_int_equal(minisat_says(model, CLAUSE_EXACT, model__write_certificate), 10);
	for (int mode = 0; mode < 2; mode++) {
		struct candidate next;

		while (model__next(model, (enum clause_mode)mode, &next, NULL) == 1)
			assert_int_equal(model__learn(model, 9, &next.faults, LESSON_VIOLATED, NULL,
						      NULL, NULL),
					 0);
		assert_int_equal(minisat_says(model, (enum clause_mode)mode, model__write_dimacs), 20);
		assert_int_equal(minisat_says(model, (enum clause_mode)mode, model__write_certificate),
				 20);
	}
	assert_int_equal(model__write_certificate(model, CLAUSE_MONOTONE, out, NULL), 0);
	fclose(out);
	assert_non_null(strstr(text, "c run 77 parked under {silence:c@check.0}\nc   because flaky 1 of 2\n"));
	assert_non_null(strstr(text, "monotone"));
	assert_non_null(strstr(text, ": silence:a@check.0\n"));
	assert_non_null(strstr(text, "budget: at most 2 in all\n"));
	free(text);
	support__free(&x);
	model__free(model);
}

/* Random hunts: whatever is learned, no set comes twice and the loop ends. */
static void every_loop_ends(void **state)
{
	uint64_t seed = 42;

	for (int round = 0; round < 60; round++) {
		struct model_opts opts = opts_of(1, 2, round % 2, round % 3 ? 2 : -1);
		struct model *model;
		struct candidate next;
		int asked = 0;

		opts.seed = (uint64_t)round;
		opts.heal = round % 5 ? NOW_HEALED : NOW_END;
		model = model__new(&opts, NULL);
		for (int mode = 0; mode < 2; mode++)
			while (model__next(model, (enum clause_mode)mode, &next, NULL) == 1) {
				struct support support = { 0 };

				for (int i = 0; i < 8; i++) {
					static const uint32_t steps[] = { 0, 1, 2, NOW_CHECK,
									  NOW_HEALED };
					uint32_t r;

					seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
					r = (uint32_t)(seed >> 33);
					if (r % 4 != r / 4 % 4)
						add(&support, (uint16_t)(1 + r % 4),
						    (uint16_t)(1 + r / 4 % 4), steps[r / 16 % 5],
						    (float)(1 + r / 80 % 100) / 100);
				}
				assert_int_equal(model__learn(model, 1, &next.faults,
							      (enum lesson)(seed >> 40 & 3), &support,
							      NULL, NULL),
						 0);
				support__free(&support);
				assert_true(++asked < 5000);
			}
		model__free(model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_at_the_latest_onset),
		cmocka_unit_test(budget_by_kind_and_total),
		cmocka_unit_test(exact_lets_go_what_was_assumed),
		cmocka_unit_test(vacuous_leaves_supersets),
		cmocka_unit_test(parked_leaves_out_exactly_one),
		cmocka_unit_test(violated_takes_supersets_out),
		cmocka_unit_test(windows_decide_what_can_be_cut),
		cmocka_unit_test(learns_from_sets_beyond_the_budget),
		cmocka_unit_test(loses_single_steps),
		cmocka_unit_test(refuses_what_it_cannot_do),
		cmocka_unit_test(empty_is_no_trap),
		cmocka_unit_test(seeds_break_ties),
		cmocka_unit_test(levels_are_taken_in_order),
		cmocka_unit_test(minisat_reads_the_certificate),
		cmocka_unit_test(every_loop_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
