// SPDX-License-Identifier: GPL-2.0-only
#include "report/markup.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

/* How many bytes the UTF-8 character at @text takes; 0: it is none that XML can hold. */
static size_t character(const uint8_t *text, size_t len)
{
	size_t more = text[0] < 0x80 ? 0 : text[0] >> 5 == 6 ? 1 : text[0] >> 4 == 14 ? 2 : 3;
	uint32_t code = more ? text[0] & (0x3f >> more) : text[0];

	if (more >= len || (more == 3 && text[0] >> 3 != 30))
		return 0;
	for (size_t i = 1; i <= more; i++) {
		if (text[i] >> 6 != 2)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (more && code < (more == 1 ? 0x80u : more == 2 ? 0x800u : 0x10000u))
		return 0;
	if (code < 0x20 ? !strchr("\t\n\r", (int)code) || !code
			: code == 0x7f || (code >= 0xd800 && code < 0xe000) || code == 0xfffe ||
				  code == 0xffff || code > 0x10ffff)
		return 0;
	return more + 1;
}

static const char *escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return NULL;
	}
}

void markup__putn(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t bytes = character((const uint8_t *)text + i, len - i);
		const char *escape = escape_of(text[i]);

		if (!bytes)
			fputc('?', out);
		else if (escape)
			fputs(escape, out);
		else
			fwrite(text + i, 1, bytes, out);
		i += bytes ? bytes : 1;
	}
}

void markup__put(FILE *out, const char *text)
{
	markup__putn(out, text, strlen(text));
}

void markup__printf(FILE *out, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	markup__put(out, text);
}
