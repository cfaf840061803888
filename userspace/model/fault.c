// SPDX-License-Identifier: GPL-2.0-only
#include "model/fault.h"

#include <string.h>

#include "model/selector.h"

static int compare_releases(const struct release *x, const struct release *y)
{
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	if (x->b != y->b)
		return x->b < y->b ? -1 : 1;
	return selector__compare(&x->selector, &y->selector);
}

static int compare(const struct fault *x, const struct fault *y)
{
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	if (x->b != y->b)
		return x->b < y->b ? -1 : 1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->until != y->until)
		return x->until < y->until ? -1 : 1;
	if (x->delay_ns != y->delay_ns)
		return x->delay_ns < y->delay_ns ? -1 : 1;
	if (selector__compare(&x->selector, &y->selector))
		return selector__compare(&x->selector, &y->selector);
	return compare_releases(&x->release, &y->release);
}

int fault_set__add(struct fault_set *set, const struct fault *fault)
{
	size_t at = 0;

	while (at < set->cnt && compare(&set->v[at], fault) < 0)
		at++;
	if (set->cnt == MAX_FAULTS || (at < set->cnt && compare(&set->v[at], fault) == 0))
		return -1;
	memmove(&set->v[at + 1], &set->v[at], (set->cnt - at) * sizeof(set->v[0]));
	set->v[at] = *fault;
	set->cnt++;
	return 0;
}

void fault_set__remove(struct fault_set *set, size_t index)
{
	set->cnt--;
	memmove(&set->v[index], &set->v[index + 1], (set->cnt - index) * sizeof(set->v[0]));
}

bool fault_set__equal(const struct fault_set *x, const struct fault_set *y)
{
	if (x->cnt != y->cnt)
		return false;
	for (size_t i = 0; i < x->cnt; i++)
		if (compare(&x->v[i], &y->v[i]) != 0)
			return false;
	return true;
}

bool fault__equal(const struct fault *x, const struct fault *y)
{
	return compare(x, y) == 0;
}

static bool is_from_earlier(const struct fault *early, const struct fault *late)
{
	struct fault moved = *early;

	if (late->delay_ns && (!early->delay_ns || early->delay_ns > late->delay_ns))
		moved.delay_ns = late->delay_ns;
	if (early->kind != FAULT_LOSS && early->from <= late->from)
		moved.from = late->from;
	return fault__equal(&moved, late);
}

bool fault_set__implies(const struct fault_set *stronger, const struct fault_set *weaker)
{
	for (size_t i = 0; i < weaker->cnt; i++) {
		bool found = false;

		for (size_t k = 0; k < stronger->cnt && !found; k++)
			found = is_from_earlier(&stronger->v[k], &weaker->v[i]);
		if (!found)
			return false;
	}
	return true;
}

bool fault_set__silences(const struct fault_set *set, uint16_t node, uint32_t step)
{
	for (size_t i = 0; i < set->cnt; i++)
		if (set->v[i].kind == FAULT_SILENCE && set->v[i].a == node && (!step || step >= set->v[i].from))
			return true;
	return false;
}

static bool covers_pair(const struct fault *fault, uint16_t src, uint16_t dst)
{
	if (src == dst) /* inside a node: pipes, its own sockets */
		return false;
	switch (fault->kind) {
	case FAULT_SILENCE:
		return src == fault->a || dst == fault->a;
	case FAULT_LINK:
	case FAULT_LOSS:
		return src == fault->a && dst == fault->b;
	case FAULT_PARTITION:
		return (src == fault->a && dst == fault->b) || (src == fault->b && dst == fault->a);
	default:
		return false;
	}
}

static uint32_t end_of(const struct fault *fault, uint32_t heal)
{
	if (fault->until)
		return fault->until;
	if (fault->kind == FAULT_LOSS)
		return fault->from + 1;
	return fault->kind == FAULT_SILENCE ? NOW_NEVER : heal;
}

bool fault__reaches(const struct fault *fault, uint16_t src, uint16_t dst, uint32_t step,
		    uint32_t heal)
{
	return covers_pair(fault, src, dst) && step >= fault->from && step < end_of(fault, heal);
}

bool fault__covers(const struct fault *fault, uint16_t src, uint16_t dst, uint32_t step,
		   uint32_t heal)
{
	return !fault__holds(fault) && fault__reaches(fault, src, dst, step, heal);
}
