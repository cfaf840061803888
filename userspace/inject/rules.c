// SPDX-License-Identifier: GPL-2.0-only
#include "inject/rules.h"

#include <string.h>

#include "base/units.h"

struct compiler {
	struct cell *cells;
	const struct fault_set *faults;
	const struct name_table *names;
	struct err *err;
};

static int refuse(const struct compiler *c, uint8_t fault, const char *why)
{
	char text[FAULT_TEXT_MAX];

	fault__print(text, sizeof(text), &c->faults->v[fault], c->names);
	return err__set(c->err, EXIT_USAGE, "cannot inject %s: %s", text, why);
}

static int refuse_pair(const struct compiler *c, uint8_t x, uint8_t y)
{
	char text[FAULT_TEXT_MAX], other[FAULT_TEXT_MAX];

	fault__print(text, sizeof(text), &c->faults->v[x], c->names);
	fault__print(other, sizeof(other), &c->faults->v[y], c->names);
	return err__set(c->err, EXIT_USAGE,
			"cannot inject %s together with %s: they lie on the same link and their "
			"windows or delays do not fit together; make them one fault, or run them apart",
			text, other);
}

/* Who is in force when @w ends. */
static uint8_t last_fault(const struct window *w)
{
	return w->next == FAULT_NONE ? w->fault : w->next;
}

static bool contains(const struct window *x, const struct window *y)
{
	return x->from <= y->from && y->until <= x->until;
}

/* Does a message let go what it holds? Nobody else's packets then. */
static bool is_released(const struct compiler *c, uint8_t fault)
{
	return c->faults->v[fault].release.a != 0;
}

/* Put @w, a window of one fault, over *old. */
static int merge(const struct compiler *c, struct window *old, const struct window *w)
{
	const struct window *first = w->from < old->from ? w : old;
	const struct window *second = first == w ? old : w;
	struct window both = *first;

	if (!old->until) {
		*old = *w;
		return 0;
	}
	if (old->delay_ns != w->delay_ns || is_released(c, old->fault) || is_released(c, w->fault))
		return refuse_pair(c, old->fault, w->fault);
	if (contains(old, w))
		return 0;
	if (contains(w, old)) {
		*old = *w;
		return 0;
	}
	/* there is room for one change of hands */
	if (second->from > first->until || first->next != FAULT_NONE || second->next != FAULT_NONE)
		return refuse_pair(c, last_fault(first), second->fault);
	both.until = second->until;
	both.next = second->fault;
	both.next_from = first->until;
	*old = both;
	return 0;
}

static int put_all(const struct compiler *c, uint16_t src, uint16_t dst, const struct window *w)
{
	return merge(c, &c->cells[cell_index(src, dst)].all, w);
}

static int put_silence(const struct compiler *c, uint16_t node, const struct window *w)
{
	for (uint16_t other = 0; other < MAX_NODES; other++) {
		if (other == node)
			continue;
		if (put_all(c, node, other, w) || put_all(c, other, node, w))
			return -1;
	}
	return 0;
}

static int put_stall(const struct compiler *c, const struct fault *fault, const struct window *w)
{
	struct cell *cell = &c->cells[cell_index(fault->a, fault->b)];

	cell->stalls |= 1U << w->fault;
	cell->stall_parks |= fault__holds(fault);
	return 0;
}

/* Where a fault ends that does not say it. */
static uint32_t default_end(const struct fault *fault, uint32_t heal)
{
	if (fault->kind == FAULT_SILENCE)
		return NOW_NEVER;
	return fault->kind == FAULT_LOSS ? fault->from + 1 : heal;
}

/* How long a packet is held at most; 0: it is dropped. */
static uint64_t delay_of(const struct fault *fault)
{
	return fault->delay_ns || !fault__holds(fault) ? fault->delay_ns : PARK_DELAY_MAX_NS;
}

/* The end of its window: what is released at a step takes nothing from there on. */
static uint32_t end_of(const struct fault *fault, uint32_t heal)
{
	uint32_t until = fault->until ? fault->until : default_end(fault, heal);
	uint32_t step = fault->release.step;

	return step && step < until ? step : until;
}

static int put(const struct compiler *c, const struct fault *fault, const struct window *w)
{
	switch (fault->kind) {
	case FAULT_SILENCE:
		return put_silence(c, fault->a, w);
	case FAULT_LINK:
		return merge(c, &c->cells[cell_index(fault->a, fault->b)].will, w);
	case FAULT_PARTITION:
		return put_all(c, fault->a, fault->b, w) || put_all(c, fault->b, fault->a, w) ? -1 : 0;
	case FAULT_STALL:
	case FAULT_LOSS:
		return put_stall(c, fault, w);
	default:
		return refuse(c, w->fault, "there is no such kind");
	}
}

static int compile_fault(const struct compiler *c, uint8_t index, uint32_t heal)
{
	const struct fault *fault = &c->faults->v[index];
	struct window w = {
		.from = fault->from,
		.until = end_of(fault, heal),
		.delay_ns = delay_of(fault),
		.fault = index,
		.next = FAULT_NONE,
	};

	if (fault->a >= MAX_NODES || fault->b >= MAX_NODES ||
	    (fault->kind != FAULT_SILENCE && fault->a == fault->b))
		return refuse(c, index, "a node does not send to itself over a link");
	if (w.from >= w.until)
		return refuse(c, index, "it ends before it begins");
	if (w.delay_ns > PARK_DELAY_MAX_NS)
		return refuse(c, index, "a finite delay is at most 9m");
	if (fault->release.a)
		c->cells[cell_index(fault->release.a, fault->release.b)].triggers |= 1U << index;
	return put(c, fault, &w);
}

int rules__compile(struct cell *cells, const struct fault_set *faults, uint32_t heal,
		   const struct name_table *names, struct err *err)
{
	struct compiler c = { .cells = cells, .faults = faults, .names = names, .err = err };

	memset(cells, 0, CELL_CNT * sizeof(*cells));
	for (size_t i = 0; i < faults->cnt; i++)
		if (compile_fault(&c, i, heal))
			return -1;
	return 0;
}

/* From here on nothing that was sent in the window is held any more. */
static uint32_t heal_of(const struct fault *fault, uint32_t heal)
{
	if (fault->release.step)
		return fault->release.step;
	return fault->until > heal ? fault->until : heal;
}

void rules__stalls(struct stall stalls[MAX_FAULTS], const struct fault_set *faults, uint32_t heal,
		   uint32_t *ret_used)
{
	memset(stalls, 0, MAX_FAULTS * sizeof(*stalls));
	*ret_used = 0;
	for (size_t i = 0; i < faults->cnt; i++) {
		const struct fault *fault = &faults->v[i];

		if (fault->kind != FAULT_STALL && fault->kind != FAULT_LOSS)
			continue;
		stalls[i] = (struct stall){
			.selector = fault->selector,
			.from = fault->from,
			.until = end_of(fault, heal),
			.heal = heal_of(fault, heal),
			.every = fault->kind == FAULT_LOSS,
			.delay_ns = delay_of(fault),
		};
		*ret_used |= 1U << i;
	}
}

void rules__triggers(struct trigger triggers[MAX_FAULTS], const struct fault_set *faults,
		     uint32_t *ret_used)
{
	memset(triggers, 0, MAX_FAULTS * sizeof(*triggers));
	*ret_used = 0;
	for (size_t i = 0; i < faults->cnt; i++) {
		if (!faults->v[i].release.a)
			continue;
		triggers[i].selector = faults->v[i].release.selector;
		triggers[i].from = faults->v[i].from;
		*ret_used |= 1U << i;
	}
}

void rules__terms(struct park_term terms[MAX_FAULTS], const struct fault_set *faults)
{
	memset(terms, 0, MAX_FAULTS * sizeof(*terms));
	for (size_t i = 0; i < faults->cnt; i++) {
		terms[i].delay_ns = delay_of(&faults->v[i]);
		terms[i].step = faults->v[i].release.step;
		terms[i].message = faults->v[i].release.a != 0;
	}
}

bool cell__parks(const struct cell *cell)
{
	return cell->all.delay_ns || cell->will.delay_ns || cell->stall_parks;
}
