// SPDX-License-Identifier: GPL-2.0-only
#include "target/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/grow.h"

static int read_all(int fd, size_t max, char **ret, size_t *ret_len)
{
	char *text = NULL;
	size_t len = 0, cap = 0;
	ssize_t got;

	do {
		if (grow(&text, &cap, len + 4096 + 1)) {
			free(text);
			return -ENOMEM;
		}
		got = read(fd, text + len, 4096);
		if (got < 0 && errno != EINTR) {
			int ret_errno = -errno;

			free(text);
			return ret_errno;
		}
		len += got > 0 ? (size_t)got : 0;
		if (len > max) {
			free(text);
			return -EFBIG;
		}
	} while (got);
	text[len] = '\0';
	*ret = text;
	if (ret_len)
		*ret_len = len;
	return 0;
}

int slurp(const char *path, size_t max, char **ret, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int ret_errno;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		ret_errno = -errno;
	else if (!S_ISREG(st.st_mode))
		ret_errno = -EINVAL;
	else
		ret_errno = read_all(fd, max, ret, ret_len);
	close(fd);
	return ret_errno;
}
