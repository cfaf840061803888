// SPDX-License-Identifier: GPL-2.0-only
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err__set(struct err *err, enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int err__prefix(struct err *err, const char *fmt, ...)
{
	char rest[sizeof(err->msg)];
	va_list ap;
	int len;

	if (!err)
		return -1;
	memcpy(rest, err->msg, sizeof(rest));
	va_start(ap, fmt);
	len = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	if (len >= 0 && (size_t)len < sizeof(err->msg))
		snprintf(err->msg + len, sizeof(err->msg) - len, ": %.*s",
			 (int)(sizeof(err->msg) - len - 3), rest);
	return -1;
}
