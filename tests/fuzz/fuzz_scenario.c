// SPDX-License-Identifier: GPL-2.0-only
/* libFuzzer: clang -fsanitize=fuzzer,address; a scenario from any bytes is taken or refused. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "hunt/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct scenario *scenario = scenario__parse("/tmp/s.yaml", (const char *)data, size, &err);

	if (!scenario && (err.code != EXIT_USAGE || !err.msg[0]))
		__builtin_trap();
	scenario__free(scenario);
	return 0;
}
