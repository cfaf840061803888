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
	size_t i = 0, child;

	if (!heap->cnt)
		return NULL;
	top = heap->v[0];
	heap->v[0] = heap->v[--heap->cnt];
	while ((child = 2 * i + 1) < heap->cnt) {
		if (child + 1 < heap->cnt && before(heap->v[child + 1], heap->v[child]))
			child++;
		if (!before(heap->v[child], heap->v[i]))
			break;
		swap(heap, i, child);
		i = child;
	}
	return top;
}

void heap__clear(struct heap *heap)
{
	while (heap->cnt)
		free(heap->v[--heap->cnt]);
	free(heap->v);
	*heap = (struct heap){};
}
