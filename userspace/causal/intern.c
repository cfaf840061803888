// SPDX-License-Identifier: GPL-2.0-only
#include "causal/intern.h"

#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

uint64_t hash_bytes(uint64_t seed, const void *data, size_t len)
{
	const uint8_t *byte = data;
	uint64_t hash = seed ^ 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * 0x100000001b3ULL;
	return mix(hash);
}

uint64_t hash_u64(uint64_t seed, uint64_t value)
{
	return mix(seed * 0x9e3779b97f4a7c15ULL + value + 1);
}

/* The slot of @key, or the free one where it would go. */
static struct intern_slot *probe(const struct intern *intern, uint64_t key)
{
	size_t at = mix(key) & (intern->cap - 1);

	while (intern->slots[at].value != NONE && intern->slots[at].key != key)
		at = (at + 1) & (intern->cap - 1);
	return &intern->slots[at];
}

static int rehash(struct intern *intern)
{
	struct intern bigger = { .cap = intern->cap ? intern->cap * 2 : 64, .cnt = intern->cnt };

	bigger.slots = malloc(bigger.cap * sizeof(*bigger.slots));
	if (!bigger.slots)
		return -1;
	memset(bigger.slots, 0xff, bigger.cap * sizeof(*bigger.slots));
	for (size_t i = 0; i < intern->cap; i++)
		if (intern->slots[i].value != NONE)
			*probe(&bigger, intern->slots[i].key) = intern->slots[i];
	free(intern->slots);
	*intern = bigger;
	return 0;
}

uint32_t intern__get(const struct intern *intern, uint64_t key)
{
	return intern->cap ? probe(intern, key)->value : NONE;
}

uint32_t *intern__slot(struct intern *intern, uint64_t key)
{
	struct intern_slot *slot;

	if (intern->cnt * 2 >= intern->cap && rehash(intern) < 0)
		return NULL;
	slot = probe(intern, key);
	if (slot->value == NONE) {
		slot->key = key;
		intern->cnt++;
	}
	return &slot->value;
}

void intern__free(struct intern *intern)
{
	free(intern->slots);
	memset(intern, 0, sizeof(*intern));
}
