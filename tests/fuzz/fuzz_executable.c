// SPDX-License-Identifier: GPL-2.0-only
/* libFuzzer: a target's program as its build-id is looked for. Found or not, never more. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target/executable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	char id[BUILD_ID_BYTES];

	if (fd < 0)
		return 0;
	if (write(fd, data, size) == (ssize_t)size) {
		executable__build_id(fd, id);
		if (strnlen(id, sizeof(id)) == sizeof(id))
			__builtin_trap();
	}
	close(fd);
	return 0;
}
