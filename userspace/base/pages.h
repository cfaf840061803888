/* SPDX-License-Identifier: GPL-2.0-only */
/* Huge pages below big arrays: a third of the time to load a big trace went into page faults. */
#ifndef CUTSET_BASE_PAGES_H
#define CUTSET_BASE_PAGES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGES_BYTES 4096UL
#define PAGES_BIG_BYTES (4UL << 20)

/*
 * Before @v, fresh from malloc, calloc or realloc, is filled. Only a wish. Whole pages, so that malloc's
 * mapping stays one: mremap does not move two. Returns @v, which may be NULL.
 */
static inline void *pages__huge(void *v, size_t bytes)
{
	uintptr_t begin = (uintptr_t)v & ~(PAGES_BYTES - 1);
	uintptr_t end = ((uintptr_t)v + bytes + PAGES_BYTES - 1) & ~(PAGES_BYTES - 1);

	if (v && bytes >= PAGES_BIG_BYTES)
		madvise((void *)begin, end - begin, MADV_HUGEPAGE);
	return v;
}

#endif
