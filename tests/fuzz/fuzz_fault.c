// SPDX-License-Identifier: GPL-2.0-only
/* libFuzzer: a fault as a person types it is taken, and then prints and parses to itself, or refused. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/fault.h"

static const char *const node_names[] = { NULL, "a", "b-1", "c.d_e" };

static int id_of(void *ctx, const char *name, size_t len)
{
	for (int id = 1; id < 4; id++)
		if (strlen(node_names[id]) == len && memcmp(node_names[id], name, len) == 0)
			return id;
	return -1;
}

static const char *name_of(void *ctx, uint16_t id)
{
	return id < 4 ? node_names[id] : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct name_table names = { .id_of = id_of, .name_of = name_of };
	char *text = malloc(size + 1), printed[512];
	struct fault fault, again;
	struct err err = { 0 };

	memcpy(text, data, size);
	text[size] = '\0';
	if (fault__parse(text, &names, &fault, &err)) {
		if (err.code != EXIT_USAGE || !err.msg[0])
			__builtin_trap();
	} else {
		fault__print(printed, sizeof(printed), &fault, &names);
		if (fault__parse(printed, &names, &again, NULL) || memcmp(&fault, &again, sizeof(fault)))
			__builtin_trap();
	}
	free(text);
	return 0;
}
