// SPDX-License-Identifier: GPL-2.0-only
#include "inject/heap.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/grow.h"

static bool before(const struct frame *x, const struct frame *y)
{
	return x->due_ns != y->due_ns ? x->due_ns < y->due_ns : x->order < y->order;
}

static void swap(struct heap *heap, size_t i, size_t j)
{
	struct frame *frame = heap->v[i];

	heap->v[i] = heap->v[j];
	heap->v[j] = frame;
}

static void sink(struct heap *heap, size_t i)
{
	size_t child;

	while ((child = 2 * i + 1) < heap->cnt) {
		if (child + 1 < heap->cnt && before(heap->v[child + 1], heap->v[child]))
			child++;
		if (!before(heap->v[child], heap->v[i]))
			return;
		swap(heap, i, child);
		i = child;
	}
}

int heap__push(struct heap *heap, struct frame *frame)
{
	size_t i = heap->cnt;

	if (grow(&heap->v, &heap->cap, heap->cnt + 1))
		return -1;
	frame->order = heap->order++;
	heap->v[heap->cnt++] = frame;
	for (; i && before(heap->v[i], heap->v[(i - 1) / 2]); i = (i - 1) / 2)
		swap(heap, i, (i - 1) / 2);
	return 0;
}

const struct frame *heap__top(const struct heap *heap)
{
	return heap->cnt ? heap->v[0] : NULL;
}

struct frame *heap__pop(struct heap *heap)
{
	struct frame *top;

	if (!heap->cnt)
		return NULL;
	top = heap->v[0];
	heap->v[0] = heap->v[--heap->cnt];
	sink(heap, 0);
	return top;
}

void heap__hasten(struct heap *heap, uint8_t fault, uint64_t due_ns)
{
	for (size_t i = 0; i < heap->cnt; i++)
		if (heap->v[i]->fault == fault && heap->v[i]->due_ns > due_ns)
			heap->v[i]->due_ns = due_ns;
	for (size_t i = heap->cnt / 2; i--;)
		sink(heap, i);
}

void heap__clear(struct heap *heap)
{
	while (heap->cnt)
		free(heap->v[--heap->cnt]);
	free(heap->v);
	*heap = (struct heap){};
}
