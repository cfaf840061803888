// SPDX-License-Identifier: GPL-2.0-only
/* libFuzzer: clang -fsanitize=fuzzer,address; a certificate from any bytes is taken or refused. */
#include <stddef.h>
#include <stdint.h>

#include "model/certificate_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct certificate *certificate = certificate__read((const char *)data, size, "c.cnf", &err);

	if (!certificate && (err.code != EXIT_USAGE || !err.msg[0]))
		__builtin_trap();
	certificate__free(certificate);
	return 0;
}
