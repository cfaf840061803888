// SPDX-License-Identifier: GPL-2.0-only
#include "base/json_text.h"

json_t *json_text(const char *text)
{
	json_t *value = text ? json_string(text) : json_null();
	char ascii[4096];
	size_t i;

	if (value)
		return value;
	for (i = 0; text[i] && i < sizeof(ascii) - 1; i++)
		ascii[i] = text[i] & 0x80 ? '?' : text[i];
	ascii[i] = '\0';
	return json_string(ascii);
}
