/* SPDX-License-Identifier: GPL-2.0-only */
/* Parked frames by the time they are due; those due at the same time as they came. */
#ifndef CUTSET_INJECT_HEAP_H
#define CUTSET_INJECT_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct frame {
	uint64_t due_ns;
	uint64_t order;
	int fd; /* the TAP it came from */
	uint8_t fault;
	uint32_t len;
	uint8_t data[];
};

struct heap { /* starts as { 0 } */
	struct frame **v;
	size_t cnt, cap;
	uint64_t order;
};

/* Takes @frame. Returns 0, or -1 when memory is out; the frame is still the caller's then. */
int heap__push(struct heap *heap, struct frame *frame);

const struct frame *heap__top(const struct heap *heap); /* NULL when empty */
struct frame *heap__pop(struct heap *heap);		 /* the caller's; NULL when empty */

/* Those of @fault are due at @due_ns at the latest. */
void heap__hasten(struct heap *heap, uint8_t fault, uint64_t due_ns);

void heap__clear(struct heap *heap); /* frees all frames */

#endif
