// SPDX-License-Identifier: GPL-2.0-only
#include "causal/label.h"

#include <ctype.h>
#include <stdio.h>

static char shown(uint8_t c)
{
	if (isspace(c))
		return ' ';
	return c > ' ' && c < 0x7f ? c : '.';
}

static char *text_label(char *buf, size_t size, const uint8_t *payload, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < len && at + 1 < size; i++) {
		char c = shown(payload[i]);

		if (at && buf[at - 1] == c && (c == ' ' || c == '.'))
			continue;
		buf[at++] = c;
	}
	if (at && buf[at - 1] == ' ')
		at--;
	buf[at] = '\0';
	return buf;
}

char *message__label(char *buf, size_t size, const struct message *message)
{
	if (message->class != MSG_DATA)
		snprintf(buf, size, "%s", message->class == MSG_CONNECT ? "connect" : "accept");
	else if (message->payload)
		text_label(buf, size, message->payload, message->payload_len);
	else
		snprintf(buf, size, "%u bytes", message->len);
	return buf;
}
