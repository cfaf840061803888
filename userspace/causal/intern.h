/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers for keys: a hash table from 64 bits to 32, open addressing, nothing is ever removed. */
#ifndef CUTSET_CAUSAL_INTERN_H
#define CUTSET_CAUSAL_INTERN_H

#include <stddef.h>
#include <stdint.h>

#define NONE UINT32_MAX

/* All zero is an empty one. */
struct intern {
	struct intern_slot {
		uint64_t key;
		uint32_t value; /* NONE: free */
	} *slots;
	size_t cap; /* a power of two */
	size_t cnt;
};

/* The value of @key, or NONE. */
uint32_t intern__get(const struct intern *intern, uint64_t key);

/* Where the value of @key lives, NONE if it is new; valid until the next call. NULL: memory. */
uint32_t *intern__slot(struct intern *intern, uint64_t key);
void intern__free(struct intern *intern);

/* FNV-1a with a final mix; goes on from @seed. */
uint64_t hash_bytes(uint64_t seed, const void *data, size_t len);
uint64_t hash_u64(uint64_t seed, uint64_t value);

#endif
