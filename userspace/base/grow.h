/* SPDX-License-Identifier: GPL-2.0-only */
/* Room for one more element of an array { v, cnt, cap }: doubling, checked for overflow. */
#ifndef CUTSET_BASE_GROW_H
#define CUTSET_BASE_GROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/pages.h"

/* Returns 0, or -1 when memory is out; *v and *cap are then as they were. */
static inline int grow__reserve(void **v, size_t *cap, size_t want, size_t elem_size)
{
	size_t next = *cap ? *cap : 16;
	void *bigger;

	if (want <= *cap)
		return 0;
	while (next < want)
		if (__builtin_mul_overflow(next, 2, &next))
			return -1;
	if (next > (size_t)-1 / 2 / elem_size)
		return -1;
	bigger = realloc(*v, next * elem_size);
	if (!bigger)
		return -1;
	*v = pages__huge(bigger, next * elem_size);
	*cap = next;
	return 0;
}

/* grow(&list->v, &list->cap, list->cnt + 1): types come from the pointer. */
#define grow(v, cap, want)                                                                     \
	({                                                                                     \
		void *grow_v = *(v);                                                           \
		int grow_ret = grow__reserve(&grow_v, cap, want, sizeof(**(v)));               \
		*(v) = grow_v;                                                                 \
		grow_ret;                                                                      \
	})

#endif
