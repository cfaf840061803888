/* SPDX-License-Identifier: GPL-2.0-only */
/* Text from outside in XML and HTML. */
#ifndef CUTSET_REPORT_MARKUP_H
#define CUTSET_REPORT_MARKUP_H

#include <stdio.h>

/* Escaped, for elements and for attributes in double quotes; what XML cannot hold, and what is not
 * UTF-8, becomes `?`. */
void markup__put(FILE *out, const char *text);
void markup__putn(FILE *out, const char *text, size_t len);

/* printf, the whole of it escaped; at most 4 KiB. */
void markup__printf(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
