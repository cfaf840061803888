// SPDX-License-Identifier: GPL-2.0-only
#include "model/selector_message.h"

#include <ctype.h>
#include <string.h>

#include "causal/key.h"

/* A class by length alone says little where lengths are not looked at in bytes. */
static bool by_length(const struct message *message, struct selector *ret)
{
	const unsigned int class = key__length_class(message->len);

	if (!class || class > 31)
		return false;
	ret->len_min = 1U << (class - 1);
	ret->len_max = (1U << class) - 1;
	return true;
}

static size_t word_len(const uint8_t *text, size_t len)
{
	size_t end = 0;

	while (end < len && (isalnum(text[end]) || text[end] == '_'))
		end++;
	return end;
}

/* Up to what looks like data. Returns how many bytes. */
static size_t take_text(const uint8_t *payload, size_t len, uint8_t *text, uint8_t *mask)
{
	size_t at = 0;

	while (at < len && at < SELECTOR_BYTES) {
		size_t word = word_len(payload + at, len - at), end = at + (word ? word : 1);

		if (word && key__is_data(payload + at, word))
			break;
		for (; at < end && at < SELECTOR_BYTES; at++)
			if (!isdigit(payload[at])) {
				text[at] = payload[at];
				mask[at] = 0xff;
			}
	}
	while (at && !mask[at - 1])
		at--;
	return at;
}

bool selector__of_message(const struct message *message, struct selector *ret)
{
	uint8_t text[SELECTOR_BYTES] = { 0 }, mask[SELECTOR_BYTES] = { 0 };
	size_t len;

	memset(ret, 0, sizeof(*ret));
	ret->port = message->server_port;
	ret->nth = 1;
	if (message->class != MSG_DATA) {
		ret->connect = message->class == MSG_CONNECT;
		return ret->connect;
	}
	if (!message->payload || !message->payload_len)
		return false;
	if (!key__skeleton(message->payload, message->payload_len))
		return by_length(message, ret);
	len = take_text(message->payload, message->payload_len, text, mask);
	if (!len)
		return by_length(message, ret);
	ret->len = (uint8_t)len;
	memcpy(ret->text, text, sizeof(text));
	memcpy(ret->mask, mask, sizeof(mask));
	return true;
}
