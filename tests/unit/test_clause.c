// SPDX-License-Identifier: GPL-2.0-only
/* The clauses against DESIGN's words, read literally over all fault sets of a small system. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "model/model.h"

enum { CLIENT = 1, A, B, C, NODES = 4 };

static struct model_opts opts_of(int silences, int links, int partitions, int total)
{
	return (struct model_opts){
		.node_cnt = NODES,
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

/* What was learned, kept apart: DESIGN's clauses read literally, without variables. */
struct lesson_copy {
	struct fault_set faults;
	enum lesson lesson;
	struct support support;
};

static bool covers(const struct fault_set *set, const struct support_member *member)
{
	for (size_t i = 0; i < set->cnt; i++)
		if (fault__covers(&set->v[i], member->src, member->dst, member->step, NOW_HEALED))
			return true;
	return false;
}

/* Is every fault of @inner in @outer, from the same step or an earlier one? */
static bool holds_all(const struct fault_set *outer, const struct fault_set *inner)
{
	for (size_t i = 0; i < inner->cnt; i++) {
		bool found = false;

		for (size_t j = 0; j < outer->cnt; j++)
			found |= outer->v[j].kind == inner->v[i].kind &&
				 outer->v[j].a == inner->v[i].a && outer->v[j].b == inner->v[i].b &&
				 outer->v[j].from <= inner->v[i].from;
		if (!found)
			return false;
	}
	return true;
}

static bool is_left(const struct fault_set *set, const struct lesson_copy *known, size_t cnt,
		    enum clause_mode mode)
{
	for (size_t i = 0; i < cnt; i++) {
		const struct lesson_copy *l = &known[i];
		bool fine = false;

		if (l->lesson != LESSON_SURVIVED || mode == CLAUSE_EXACT)
			fine = !holds_all(set, &l->faults);
		for (size_t m = 0; l->lesson != LESSON_VIOLATED && m < l->support.cnt; m++)
			fine |= covers(set, &l->support.v[m]) &&
				!covers(&l->faults, &l->support.v[m]);
		if (!fine)
			return false;
	}
	return true;
}

/* Every set of at most one silence and one link, of the nodes that may be cut. */
static size_t all_sets(struct fault_set *v)
{
	size_t cnt = 0;

	for (int silence = -1; silence < 3 * 4; silence++)
		for (int link = -1; link < 9 * 3; link++) {
			static const uint32_t onsets[] = { 1, 2, 3, NOW_CHECK };
			struct fault_set set = { 0 };
			struct fault fault = { .kind = FAULT_SILENCE };

			fault.a = (uint16_t)(A + silence / 4);
			fault.from = onsets[silence & 3];
			if (silence >= 0)
				fault_set__add(&set, &fault);
			fault = (struct fault){ .kind = FAULT_LINK };
			fault.a = (uint16_t)(A + link / 9);
			fault.b = (uint16_t)(A + link / 3 % 3);
			fault.from = onsets[link < 0 ? 0 : link % 3];
			if (link >= 0 && fault.a == fault.b)
				continue;
			if (link >= 0)
				fault_set__add(&set, &fault);
			v[cnt++] = set;
		}
	return cnt;
}

static void check_against_design(struct model *model, const struct lesson_copy *known, size_t cnt,
				 enum clause_mode mode)
{
	static struct fault_set sets[400];
	size_t set_cnt = all_sets(sets), minimal = 0;
	struct candidate *found;
	bool more;
	long found_cnt = model__candidates(model, mode, 1000, &found, &more, NULL);

	assert_true(found_cnt >= 0 && !more);
	for (size_t i = 0; i < set_cnt; i++) {
		bool is_minimal = is_left(&sets[i], known, cnt, mode), is_found = false;

		for (size_t j = 0; j < set_cnt && is_minimal; j++)
			is_minimal = i == j || !holds_all(&sets[i], &sets[j]) ||
				     !is_left(&sets[j], known, cnt, mode);
		for (long j = 0; j < found_cnt; j++)
			is_found |= fault_set__equal(&found[j].faults, &sets[i]);
		minimal += is_minimal;
		assert_int_equal(is_found, is_minimal);
	}
	assert_int_equal(minimal, found_cnt);
	free(found);
}

static void finds_what_design_says(void **state)
{
	uint64_t seed = 7;

	for (int round = 0; round < 150; round++) {
		struct model_opts opts = opts_of(1, 1, 0, -1);
		struct model *model = model__new(&opts, NULL);
		struct lesson_copy known[8] = { 0 };
		static struct fault_set sets[400];
		size_t set_cnt = all_sets(sets), cnt = 1 + (size_t)round % 6;

		for (size_t i = 0; i < cnt; i++) {
			struct lesson_copy *l = &known[i];

			for (int n = 0; n < 7; n++) {
				static const uint32_t steps[] = { 0, 1, 2, 3, NOW_CHECK, NOW_HEALED };
				uint32_t r;

				seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
				r = (uint32_t)(seed >> 33);
				if (r % 4 != r / 4 % 4)
					add(&l->support, (uint16_t)(1 + r % 4),
					    (uint16_t)(1 + r / 4 % 4), steps[r / 16 % 6], .5f);
			}
			if (i == 0) /* the workload's last step is known */
				add(&l->support, CLIENT, A, 3, .5f);
			if (i > 0) {
				static const enum lesson lessons[] = { LESSON_SURVIVED, LESSON_SURVIVED,
								       LESSON_VACUOUS, LESSON_VIOLATED };

				l->faults = sets[(seed >> 20) % set_cnt];
				l->lesson = lessons[(seed >> 40) & 3];
			}
			assert_int_equal(model__learn(model, (unsigned int)i, &l->faults, l->lesson,
						      &l->support, NULL, NULL), 0);
		}
		check_against_design(model, known, cnt, CLAUSE_MONOTONE);
		check_against_design(model, known, cnt, CLAUSE_EXACT);
		for (size_t i = 0; i < cnt; i++)
			support__free(&known[i].support);
		model__free(model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_design_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
