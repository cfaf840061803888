// SPDX-License-Identifier: GPL-2.0-only
#include "model/closure.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "causal/intern.h"
#include "model/variable.h"

/* PASSED: a set within it is known, and nothing that this takes more is what that rested on: no candidate. */
enum knowledge { OPEN, PASSED, FORETOLD, KNOWN, LEFT_OUT };

/* A fault, from the latest step on from which it takes something. */
struct taker {
	uint8_t kind, a, b;
	uint32_t from;
};

struct set {
	struct fault *v;
	struct taker *takers; /* of what it rested on, where that is known; one a chain */
	uint32_t taker_cnt;
	uint32_t members; /* of the support that it was known to rest on */
	uint16_t cnt;
	uint8_t state;	/* enum knowledge */
	uint8_t lesson; /* of one that was foretold */
};

struct closure {
	const struct model_opts *opts;
	struct precedents *precedents;
	struct variables *vars;
	struct set *sets;
	size_t cnt, cap, open_cnt, unrun_cnt;
	struct intern by_hash;
	uint32_t *foretold; /* sets */
	size_t foretold_cnt, foretold_cap;
	struct fault_set *broken;
	size_t broken_cnt, broken_cap;
	uint32_t last_step;
	size_t looked; /* open ones before it cannot be foretold by what was known then */
	size_t known;  /* precedents then */
};

struct closure *closure__new(const struct model_opts *opts, struct precedents *precedents, uint32_t last_step)
{
	struct closure *closure = calloc(1, sizeof(*closure));

	if (!closure)
		return NULL;
	closure->opts = opts;
	closure->precedents = precedents;
	closure->vars = variables__new(opts);
	if (!closure->vars) {
		closure__free(closure);
		return NULL;
	}
	closure->last_step = last_step;
	variables__see_step(closure->vars, last_step);
	return closure;
}

void closure__free(struct closure *closure)
{
	if (!closure)
		return;
	for (size_t i = 0; i < closure->cnt; i++) {
		free(closure->sets[i].v);
		free(closure->sets[i].takers);
	}
	free(closure->sets);
	free(closure->foretold);
	free(closure->broken);
	variables__free(closure->vars);
	intern__free(&closure->by_hash);
	free(closure);
}

static uint64_t hash_fault(enum fault_kind kind, uint16_t a, uint16_t b, uint32_t from)
{
	return hash_u64(hash_u64(from, kind), (uint64_t)a << 16 | b);
}

/* Of a set: the sum of its faults'. */
static uint64_t hash_of(const struct fault_set *faults)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < faults->cnt; i++)
		hash += hash_fault(faults->v[i].kind, faults->v[i].a, faults->v[i].b, faults->v[i].from);
	return hash;
}

static void unpack(const struct set *set, struct fault_set *ret)
{
	memcpy(ret->v, set->v, set->cnt * sizeof(*set->v));
	ret->cnt = set->cnt;
}

/* Found or added as an open one; NULL: memory. Valid until the next is added. */
static struct set *get(struct closure *closure, const struct fault_set *faults)
{
	uint32_t *slot = intern__slot(&closure->by_hash, hash_of(faults));
	struct set set = {.cnt = (uint16_t)faults->cnt, .state = OPEN};

	if (!slot)
		return NULL;
	if (*slot != NONE)
		return &closure->sets[*slot];
	set.v = malloc((faults->cnt + 1) * sizeof(*set.v));
	if (!set.v || grow(&closure->sets, &closure->cap, closure->cnt + 1) < 0) {
		free(set.v);
		return NULL;
	}
	memcpy(set.v, faults->v, faults->cnt * sizeof(*set.v));
	*slot = (uint32_t)closure->cnt;
	closure->open_cnt++;
	closure->sets[closure->cnt] = set;
	return &closure->sets[closure->cnt++];
}

static void set_state(struct closure *closure, struct set *set, enum knowledge state)
{
	closure->open_cnt -= set->state == OPEN;
	closure->unrun_cnt -= set->state == FORETOLD;
	closure->open_cnt += state == OPEN;
	closure->unrun_cnt += state == FORETOLD;
	set->state = (uint8_t)state;
}

static bool is_within_budget(const struct closure *closure, const struct fault_set *faults)
{
	const struct budget *budget = &closure->opts->budget;
	int of_kind[FAULT_KINDS] = {0};

	for (size_t i = 0; i < faults->cnt; i++)
		of_kind[faults->v[i].kind]++;
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		if (budget->max[kind] >= 0 && of_kind[kind] > budget->max[kind])
			return false;
	return budget->total < 0 || faults->cnt <= (size_t)budget->total;
}

static bool is_broken(const struct closure *closure, const struct fault_set *faults)
{
	for (size_t i = 0; i < closure->broken_cnt; i++)
		if (fault_set__implies(faults, &closure->broken[i]))
			return true;
	return false;
}

/* Of two faults of one chain the earlier is the fault. False: there is no such set, or it is there. */
static bool add_fault(const struct fault_set *faults, const struct fault *fault, struct fault_set *ret)
{
	*ret = *faults;
	for (size_t i = 0; i < ret->cnt; i++) {
		const struct fault *own = &ret->v[i];

		if (own->kind != fault->kind || own->a != fault->a || own->b != fault->b || own->kind == FAULT_LOSS)
			continue;
		if (own->from <= fault->from)
			return false;
		fault_set__remove(ret, i);
		break;
	}
	return !fault_set__add(ret, fault);
}

static int add_taker(struct set *set, const struct fault *fault, size_t room)
{
	for (size_t i = 0; i < set->taker_cnt; i++) {
		struct taker *taker = &set->takers[i];

		if (taker->kind != fault->kind || taker->a != fault->a || taker->b != fault->b ||
		    (fault->kind == FAULT_LOSS && taker->from != fault->from))
			continue;
		if (taker->from < fault->from)
			taker->from = fault->from;
		return 0;
	}
	if (set->taker_cnt == room)
		return -1;
	set->takers[set->taker_cnt++] = (struct taker){.kind = (uint8_t)fault->kind,
						       .a = (uint8_t)fault->a,
						       .b = (uint8_t)fault->b,
						       .from = fault->from};
	return 0;
}

static int note_takers(struct closure *closure, struct set *set, const struct support *support)
{
	const size_t room = support->cnt * PLAIN_MAX + 1;
	struct fault takers[PLAIN_MAX];

	free(set->takers);
	set->taker_cnt = 0;
	set->takers = malloc(room * sizeof(*set->takers));
	if (!set->takers)
		return -1;
	for (size_t i = 0; i < support->cnt; i++) {
		const size_t cnt = variables__takers(closure->vars, &support->v[i], takers);

		for (size_t j = 0; j < cnt; j++)
			if (add_taker(set, &takers[j], room))
				return -1;
	}
	return 0;
}

/* Sets with one fault more than @faults, which takes some of what the @of-th set rested on. */
static int add_children(struct closure *closure, const struct fault_set *faults, size_t of)
{
	struct fault_set child;

	for (size_t i = 0; i < closure->sets[of].taker_cnt; i++) {
		const struct taker *taker = &closure->sets[of].takers[i];
		const struct fault fault = {
			.kind = taker->kind, .a = taker->a, .b = taker->b, .from = taker->from};

		if (add_fault(faults, &fault, &child) && is_within_budget(closure, &child) &&
		    !is_broken(closure, &child) && !get(closure, &child))
			return -1;
	}
	return 0;
}

static bool takes(const struct fault_set *faults, const struct set *known)
{
	for (size_t i = 0; i < faults->cnt; i++)
		for (size_t j = 0; j < known->taker_cnt; j++) {
			const struct fault *fault = &faults->v[i];
			const struct taker *taker = &known->takers[j];

			if (fault->kind == taker->kind && fault->a == taker->a && fault->b == taker->b &&
			    (fault->kind == FAULT_LOSS ? fault->from == taker->from : fault->from <= taker->from))
				return true;
		}
	return false;
}

/* Among all that is within @faults, and holds what @hash says of the first @at: the place of a set that is known, and of
 * which they take nothing; NONE. */
static uint32_t find_whole(const struct closure *closure, const struct fault_set *faults, size_t at, uint64_t hash)
{
	const struct fault *fault = &faults->v[at];
	uint32_t place = NONE;

	if (at == faults->cnt) {
		place = intern__get(&closure->by_hash, hash);
		return place != NONE && closure->sets[place].takers && !takes(faults, &closure->sets[place]) ? place : NONE;
	}
	place = find_whole(closure, faults, at + 1, hash);
	for (uint32_t from = fault->from; place == NONE;) {
		place = find_whole(closure, faults, at + 1, hash + hash_fault(fault->kind, fault->a, fault->b, from));
		if (fault->kind == FAULT_LOSS || from >= NOW_CHECK)
			break;
		from = from < closure->last_step ? from + 1 : NOW_CHECK;
	}
	return place;
}

int closure__know(struct closure *closure, const struct fault_set *faults, const struct support *support)
{
	struct set *set = get(closure, faults);

	if (!set)
		return -1;
	if (set->state == KNOWN && set->members == support->cnt)
		return 0;
	set_state(closure, set, KNOWN);
	set->members = (uint32_t)support->cnt;
	if (note_takers(closure, set, support))
		return -1;
	return add_children(closure, faults, (size_t)(set - closure->sets));
}

int closure__leave_out(struct closure *closure, const struct fault_set *faults, bool all)
{
	struct set *set = get(closure, faults);

	if (!set)
		return -1;
	if (set->state == LEFT_OUT)
		return 0;
	set_state(closure, set, LEFT_OUT);
	if (!all)
		return 0;
	if (grow(&closure->broken, &closure->broken_cap, closure->broken_cnt + 1) < 0)
		return -1;
	closure->broken[closure->broken_cnt++] = *faults;
	for (size_t i = 0; i < closure->cnt; i++) {
		struct fault_set one;

		unpack(&closure->sets[i], &one);
		if (closure->sets[i].state == OPEN && fault_set__implies(&one, faults))
			set_state(closure, &closure->sets[i], LEFT_OUT);
	}
	return 0;
}

static int take_foretold(struct closure *closure, size_t index, const struct fault_set *faults, enum lesson lesson,
			 const struct support *support)
{
	struct set *set = &closure->sets[index];

	if (grow(&closure->foretold, &closure->foretold_cap, closure->foretold_cnt + 1) < 0 ||
	    note_takers(closure, set, support))
		return -1;
	closure->foretold[closure->foretold_cnt++] = (uint32_t)index;
	set_state(closure, set, FORETOLD);
	set->lesson = (uint8_t)lesson;
	return add_children(closure, faults, index);
}

static int look_at(struct closure *closure, size_t index)
{
	struct support support = {0};
	struct fault_set faults;
	enum lesson lesson;
	uint32_t whole;
	int known;

	unpack(&closure->sets[index], &faults);
	whole = find_whole(closure, &faults, 0, 0);
	if (whole != NONE) {
		set_state(closure, &closure->sets[index], PASSED);
		return add_children(closure, &faults, whole);
	}
	known = precedents__foretell(closure->precedents, &faults, &lesson, &support);
	if (known == 1)
		known = take_foretold(closure, index, &faults, lesson, &support);
	support__free(&support);
	return known < 0 ? -1 : 0;
}

int closure__next(struct closure *closure, struct fault_set *ret)
{
	const struct set *first = NULL;
	const size_t known = precedents__cnt(closure->precedents);

	if (known != closure->known)
		closure->looked = 0;
	closure->known = known;
	for (; closure->looked < closure->cnt; closure->looked++)
		if (closure->sets[closure->looked].state == OPEN && look_at(closure, closure->looked))
			return -1;
	for (size_t i = 0; i < closure->cnt; i++)
		if (closure->sets[i].state == OPEN && (!first || closure->sets[i].cnt < first->cnt))
			first = &closure->sets[i];
	if (first)
		unpack(first, ret);
	return first != NULL;
}

size_t closure__open_cnt(const struct closure *closure)
{
	return closure->open_cnt;
}

size_t closure__unrun_cnt(const struct closure *closure)
{
	return closure->unrun_cnt;
}

size_t closure__foretold_cnt(const struct closure *closure)
{
	return closure->foretold_cnt;
}

enum lesson closure__foretold(const struct closure *closure, size_t index, struct fault_set *ret)
{
	const struct set *set = &closure->sets[closure->foretold[index]];

	unpack(set, ret);
	return (enum lesson)set->lesson;
}
