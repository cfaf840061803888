// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "inject/heap.h"
#include "inject/rules.h"

enum { A = 1, B, C };

static const char *name_of(void *ctx, uint16_t id)
{
	static const char *const names[] = { "outside", "a", "b", "c" };

	return id < 4 ? names[id] : "?";
}

static int id_of(void *ctx, const char *name, size_t len)
{
	return len == 1 && *name >= 'a' && *name <= 'c' ? *name - 'a' + 1 : -1;
}

static const struct name_table names = { .id_of = id_of, .name_of = name_of };
static struct cell cells[CELL_CNT];
static struct err err;

/* @texts ends with NULL; the order is kept, as that of a set is. */
static int compile(uint32_t heal, const char *const *texts)
{
	struct fault_set set = {};

	for (; *texts; texts++)
		assert_int_equal(fault__parse(*texts, &names, &set.v[set.cnt++], &err), 0);
	err.msg[0] = 0;
	return rules__compile(cells, &set, heal, &names, &err);
}

#define COMPILE(heal, ...) compile(heal, (const char *const[]){ __VA_ARGS__, NULL })

static const struct window *all(int src, int dst)
{
	return &cells[cell_index(src, dst)].all;
}

static const struct window *will(int src, int dst)
{
	return &cells[cell_index(src, dst)].will;
}

static int cells_in_use(void)
{
	int cnt = 0;

	for (size_t i = 0; i < CELL_CNT; i++)
		cnt += cells[i].all.until || cells[i].will.until;
	return cnt;
}

static void assert_window(const struct window *w, uint32_t from, uint32_t until, int fault)
{
	assert_int_equal(w->from, from);
	assert_int_equal(w->until, until);
	assert_int_equal(w->fault, fault);
}

static void link_is_one_way(void **state)
{
	assert_int_equal(COMPILE(NOW_HEALED, "link:a>b@workload.2"), 0);
	assert_window(will(A, B), 3, NOW_HEALED, 0);
	assert_int_equal(will(A, B)->next, FAULT_NONE);
	assert_int_equal(cells_in_use(), 1);
}

static void silence_is_all_round(void **state)
{
	assert_int_equal(COMPILE(NOW_HEALED, "silence:b@check.0"), 0);
	for (int other = 0; other < MAX_NODES; other++) {
		if (other == B)
			continue;
		assert_window(all(B, other), NOW_CHECK, NOW_NEVER, 0);
		assert_window(all(other, B), NOW_CHECK, NOW_NEVER, 0);
	}
	assert_int_equal(cells_in_use(), 2 * (MAX_NODES - 1));
}

static void partition_is_both_ways(void **state)
{
	assert_int_equal(COMPILE(NOW_END, "partition:a|c@workload.0"), 0);
	assert_window(all(A, C), 1, NOW_END, 0);
	assert_window(all(C, A), 1, NOW_END, 0);
	assert_int_equal(cells_in_use(), 2);
}

static void ends_and_delays_are_kept(void **state)
{
	assert_int_equal(COMPILE(NOW_HEALED, "link:a>b@workload.1..check.0+2s"), 0);
	assert_window(will(A, B), 2, NOW_CHECK, 0);
	assert_int_equal(will(A, B)->delay_ns, 2 * NSEC_PER_SEC);
	assert_true(cell__parks(&cells[cell_index(A, B)]));
	assert_false(cell__parks(&cells[cell_index(B, A)]));
}

static void kinds_lie_beside_each_other(void **state)
{
	assert_int_equal(COMPILE(NOW_HEALED, "link:a>b@workload.1+1s", "silence:a@check.0"), 0);
	assert_window(will(A, B), 2, NOW_HEALED, 0);
	assert_window(all(A, B), NOW_CHECK, NOW_NEVER, 1);
}

static void contained_windows_become_one(void **state)
{
	assert_int_equal(COMPILE(NOW_HEALED, "silence:a@workload.0", "silence:b@check.0"), 0);
	assert_window(all(A, B), 1, NOW_NEVER, 0);
	assert_window(all(C, B), NOW_CHECK, NOW_NEVER, 1);
	assert_int_equal(COMPILE(NOW_HEALED, "silence:a@check.0", "silence:b@workload.0"), 0);
	assert_window(all(A, B), 1, NOW_NEVER, 1);
	assert_int_equal(all(A, B)->next, FAULT_NONE);
}

static void overlapping_windows_change_hands(void **state)
{
	assert_int_equal(COMPILE(NOW_HEALED, "partition:a|b@workload.0", "silence:a@check.0"), 0);
	assert_window(all(A, B), 1, NOW_NEVER, 0);
	assert_int_equal(all(A, B)->next, 1);
	assert_int_equal(all(A, B)->next_from, NOW_HEALED);
	assert_window(all(A, C), NOW_CHECK, NOW_NEVER, 1);
	/* the other order says the same */
	assert_int_equal(COMPILE(NOW_HEALED, "silence:a@check.0", "partition:a|b@workload.0"), 0);
	assert_window(all(A, B), 1, NOW_NEVER, 1);
	assert_int_equal(all(A, B)->next, 0);
	assert_int_equal(all(A, B)->next_from, NOW_HEALED);
}

static void touching_windows_become_one(void **state)
{
	assert_int_equal(COMPILE(NOW_HEALED, "link:a>b@workload.0..workload.1",
				 "link:a>b@workload.1..workload.2"), 0);
	assert_window(will(A, B), 1, 3, 0);
	assert_int_equal(will(A, B)->next_from, 2);
}

static void refuses_what_does_not_fit(void **state)
{
	assert_int_equal(COMPILE(NOW_HEALED, "link:a>b@workload.0..workload.1",
				 "link:a>b@workload.3"), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.msg, "link:a>b@workload.3"));
	assert_non_null(strstr(err.msg, "link:a>b@workload.0..workload.1"));
	assert_int_equal(COMPILE(NOW_HEALED, "link:a>b@workload.0", "link:a>b@workload.3+1s"), -1);
	assert_int_equal(COMPILE(NOW_HEALED, "silence:a@workload.0", "silence:b@check.0+1s"), -1);
	assert_int_equal(COMPILE(NOW_HEALED, "link:a>b@workload.0+541s"), -1);
	assert_non_null(strstr(err.msg, "9m"));
	assert_int_equal(COMPILE(NOW_HEALED, "link:a>b@workload.0+540s"), 0);
}

static void refuses_empty_windows_and_unknown_kinds(void **state)
{
	struct fault_set set = { .cnt = 1 };

	set.v[0] = (struct fault){ .kind = FAULT_LINK, .a = A, .b = B, .from = 5, .until = 5 };
	assert_int_equal(rules__compile(cells, &set, NOW_HEALED, &names, &err), -1);
	set.v[0] = (struct fault){ .kind = FAULT_LINK, .a = A, .b = A, .from = 5 };
	assert_int_equal(rules__compile(cells, &set, NOW_HEALED, &names, &err), -1);
	set.v[0] = (struct fault){ .kind = FAULT_KINDS, .a = A, .b = B, .from = 5 };
	assert_int_equal(rules__compile(cells, &set, NOW_HEALED, &names, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
}

static void stalls_are_rules_of_their_own(void **state)
{
	struct stall stalls[MAX_FAULTS];
	struct fault_set set = { 0 };
	struct fault fault;
	uint32_t used;

	assert_int_equal(fault__parse("stall:a>b/80#GET.2@workload.1+2s", &names, &fault, NULL), 0);
	assert_int_equal(fault_set__add(&set, &fault), 0);
	assert_int_equal(fault__parse("loss:b>a@workload.2", &names, &fault, NULL), 0);
	assert_int_equal(fault_set__add(&set, &fault), 0);
	assert_int_equal(fault__parse("loss:b>a@workload.4+1s", &names, &fault, NULL), 0);
	assert_int_equal(fault_set__add(&set, &fault), 0);
	assert_int_equal(rules__compile(cells, &set, NOW_HEALED, &names, &err), 0);
	rules__stalls(stalls, &set, NOW_HEALED, &used);
	assert_int_equal(used, 7); /* losses come first in a set */
	assert_int_equal(cells[cell_index(B, A)].stalls, 3);
	assert_int_equal(cells[cell_index(A, B)].stalls, 4);
	assert_true(cell__parks(&cells[cell_index(A, B)]));
	assert_true(cell__parks(&cells[cell_index(B, A)])); /* what is lost for a second */
	assert_int_equal(stalls[0].delay_ns, 0);
	assert_int_equal(stalls[1].delay_ns, NSEC_PER_SEC);
	assert_int_equal(stalls[1].every, 1);
	assert_int_equal(stalls[0].from, NOW_WORKLOAD + 2);
	assert_int_equal(stalls[0].until, NOW_WORKLOAD + 3);
	assert_int_equal(stalls[0].heal, NOW_HEALED);
	assert_int_equal(stalls[0].every, 1);
	assert_int_equal(stalls[2].from, NOW_WORKLOAD + 1);
	assert_int_equal(stalls[2].until, NOW_HEALED);
	assert_int_equal(stalls[2].selector.nth, 2);
	assert_memory_equal(stalls[2].selector.text, "GET\0\0\0\0\0", 8);
	assert_memory_equal(stalls[2].selector.mask, "\xff\xff\xff\0\0\0\0\0", 8);
}

static void releases_end_what_is_held(void **state)
{
	struct park_term terms[MAX_FAULTS];
	struct trigger triggers[MAX_FAULTS];
	struct stall stalls[MAX_FAULTS];
	struct fault_set set = {0};
	struct fault fault;
	uint32_t used;

	assert_int_equal(fault__parse("link:a>b@workload.1+until:b>a/80#x.3", &names, &fault, NULL),
			 0);
	assert_int_equal(fault_set__add(&set, &fault), 0);
	assert_int_equal(
		fault__parse("stall:b>a@workload.1+3s+until:workload.4", &names, &fault, NULL), 0);
	assert_int_equal(fault_set__add(&set, &fault), 0);
	assert_int_equal(rules__compile(cells, &set, NOW_HEALED, &names, &err), 0);
	rules__triggers(triggers, &set, &used);
	assert_int_equal(used, 1);
	assert_int_equal(triggers[0].from, NOW_WORKLOAD + 1);
	assert_int_equal(triggers[0].selector.nth, 3);
	assert_int_equal(cells[cell_index(B, A)].triggers, 1);
	assert_int_equal(cells[cell_index(A, B)].triggers, 0);
	assert_int_equal(cells[cell_index(A, B)].will.delay_ns, PARK_DELAY_MAX_NS);
	rules__terms(terms, &set);
	assert_true(terms[0].message && !terms[0].step && terms[0].delay_ns == PARK_DELAY_MAX_NS);
	assert_true(!terms[1].message && terms[1].step == NOW_WORKLOAD + 4 &&
		    terms[1].delay_ns == 3 * NSEC_PER_SEC);
	rules__stalls(stalls, &set, NOW_HEALED, &used);
	assert_int_equal(used, 2);
	assert_int_equal(stalls[1].until, NOW_WORKLOAD + 4);
	assert_int_equal(stalls[1].heal, NOW_WORKLOAD + 4);
	/* two on one link could not be let go apart */
	assert_int_equal(COMPILE(NOW_HEALED, "link:a>b@workload.1+until:b>a#x",
				 "link:a>b@workload.2+until:b>a#y"),
			 -1);
}

static void heap_lets_go_before_the_time(void **state)
{
	struct heap heap = {};

	for (int i = 0; i < 100; i++) {
		struct frame *frame = calloc(1, sizeof(*frame));

		frame->due_ns = 1000 - i;
		frame->fault = i % 3;
		assert_int_equal(heap__push(&heap, frame), 0);
	}
	heap__hasten(&heap, 1, 5);
	for (int i = 0; i < 100; i++) {
		struct frame *frame = heap__pop(&heap);

		assert_int_equal(frame->fault == 1, i < 33);
		assert_int_equal(frame->due_ns, i < 33 ? 5 : frame->due_ns);
		assert_true(i >= 33 || frame->order == 1U + 3 * i);
		free(frame);
	}
	heap__clear(&heap);
}

static void heap_gives_by_due_time_then_arrival(void **state)
{
	struct heap heap = {};
	const struct frame *last = NULL;

	srand(7);
	for (int i = 0; i < 1000; i++) {
		struct frame *frame = calloc(1, sizeof(*frame));

		frame->due_ns = rand() % 50;
		assert_int_equal(heap__push(&heap, frame), 0);
	}
	for (int i = 0; i < 1000; i++) {
		struct frame *frame = heap__pop(&heap);

		assert_non_null(frame);
		assert_true(!last || last->due_ns < frame->due_ns ||
			    (last->due_ns == frame->due_ns && last->order < frame->order));
		free((void *)last);
		last = frame;
	}
	free((void *)last);
	assert_null(heap__pop(&heap));
	heap__clear(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_is_one_way),
		cmocka_unit_test(silence_is_all_round),
		cmocka_unit_test(partition_is_both_ways),
		cmocka_unit_test(ends_and_delays_are_kept),
		cmocka_unit_test(kinds_lie_beside_each_other),
		cmocka_unit_test(contained_windows_become_one),
		cmocka_unit_test(overlapping_windows_change_hands),
		cmocka_unit_test(touching_windows_become_one),
		cmocka_unit_test(refuses_what_does_not_fit),
		cmocka_unit_test(refuses_empty_windows_and_unknown_kinds),
		cmocka_unit_test(stalls_are_rules_of_their_own),
		cmocka_unit_test(releases_end_what_is_held),
		cmocka_unit_test(heap_lets_go_before_the_time),
		cmocka_unit_test(heap_gives_by_due_time_then_arrival),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
