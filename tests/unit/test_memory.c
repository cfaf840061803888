// SPDX-License-Identifier: GPL-2.0-only
/* Make the n-th allocation fail, for every n: the model says so, keeps its invariants, leaks nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/model.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t cnt, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void __libc_free(void *old);

static bool counts; /* a round is on */
static bool fails;  /* allocations of the moment may fail */
static long left;   /* until one fails; negative: none does */
static long live;   /* allocated in this round and not freed */

static bool is_due(void)
{
	if (!fails || left < 0 || left-- > 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	void *new = is_due() ? NULL : __libc_malloc(size);

	live += counts && new;
	return new;
}

void *calloc(size_t cnt, size_t size)
{
	void *new = is_due() ? NULL : __libc_calloc(cnt, size);

	live += counts && new;
	return new;
}

void *realloc(void *old, size_t size)
{
	void *new = is_due() ? NULL : __libc_realloc(old, size);

	live += counts && new && !old;
	return new;
}

void free(void *old)
{
	live -= counts && old;
	__libc_free(old);
}

static void fill(struct support *support)
{
	fails = false;
	for (uint32_t k = 0; k < 6; k++) {
		const struct support_member member = { .src = (uint16_t)(1 + k % 3), .dst = 4,
						       .step = 1 + k / 2, .messages = 1,
						       .confidence = .1f * (float)(k + 1) };

		support__add(support, &member);
	}
	support__add(support, &(struct support_member){ .src = 4, .step = NOW_END, .messages = 1, .confidence = .9f });
	fails = true;
}

/* Two runs: node 4 logs what it got, less with every lesson. */
static int watch(struct model *model, unsigned int run, struct err *err)
{
	struct course course = { 0 }, once = { 0 };
	int failed = 0;

	for (int again = 0; again < 2 && !failed; again++) {
		for (uint16_t k = 0; k < 6 && !failed; k++)
			failed = course__add(&once, 1 + k % 3, 4, 1 + k / 2, 7);
		for (unsigned int line = run; line < 3 && !failed; line++)
			failed = course__add(&once, 4, NODE_OUTSIDE, 0, line);
		if (!failed)
			failed = course__join(&course, &once);
	}
	if (failed)
		err__set(err, EXIT_MACHINE, "cannot watch: out of memory");
	else
		failed = model__watch(model, &course, err);
	course__free(&once);
	course__free(&course);
	return failed;
}

/* One lesson and all questions. -1 at the first error. */
static int ask(struct model *model, unsigned int run, struct fault_set *faults, struct err *err)
{
	struct support support = { 0 };
	struct candidate next, *all = NULL;
	bool more;
	int failed;

	fill(&support);
	failed = model__learn(model, run, faults, run == 2 ? LESSON_VACUOUS : LESSON_SURVIVED, &support,
			      "why", err);
	support__free(&support);
	if (failed || watch(model, run, err) < 0)
		return -1;
	failed = model__next(model, run % 2 ? CLAUSE_EXACT : CLAUSE_MONOTONE, &next, err);
	if (failed < 0)
		return -1;
	if (failed == 1)
		*faults = next.faults;
	if (model__candidates(model, CLAUSE_MONOTONE, 5, &all, &more, err) < 0)
		return -1;
	free(all);
	return 0;
}

static int live_through(FILE *out, struct err *err)
{
	const struct model_opts opts = { .node_cnt = 4,
					 .budget = { .max = { 1, 2, 1, 0, 0 }, .total = 2 },
					 .from = NOW_WORKLOAD,
					 .until = NOW_CHECK,
					 .heal = NOW_HEALED };
	struct model *model = model__new(&opts, err);
	struct fault_set faults = { 0 };
	int failed = model ? 0 : -1;

	for (unsigned int run = 0; run < 3 && !failed; run++)
		failed = ask(model, run, &faults, err);
	if (!failed)
		failed = model__write_certificate(model, CLAUSE_EXACT, out, err);
	model__free(model);
	return failed;
}

static void every_allocation_may_fail(void **state)
{
	FILE *out = fopen("/dev/null", "w");
	long n, errors = 0;

	setvbuf(out, NULL, _IONBF, 0);
	for (n = 0;; n++) {
		struct err err = { 0 };
		int failed;

		left = n;
		live = 0;
		fails = counts = true;
		failed = live_through(out, &err);
		fails = counts = false;
		/* MiniSat's vec forgets the one block whose enlargement failed */
		if (live < 0 || live > 1)
			fail_msg("allocation %ld failed: %ld are leaked", n, live);
		if (failed && !err.msg[0])
			fail_msg("allocation %ld failed: no message", n);
		errors += failed != 0;
		if (left >= 0)
			break; /* there are no more */
	}
	fclose(out);
	print_message("%ld allocations, %ld errors\n", n, errors);
	assert_true(n > 1000 && errors > n / 2);
}

#else

static void every_allocation_may_fail(void **state)
{
	print_message("allocations cannot be made to fail here\n");
	skip();
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
