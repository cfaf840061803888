// SPDX-License-Identifier: GPL-2.0-only
#include "model/selector.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

/* Reads a number of at most @max. False: none, or too much. */
static bool take_number(const char **at, const char *end, uint32_t max, uint32_t *ret)
{
	uint64_t value = 0;
	const char *begin = *at;

	while (*at < end && isdigit((unsigned char)**at) && value <= max)
		value = 10 * value + (*(*at)++ - '0');
	*ret = value;
	return *at > begin && value <= max;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One byte of a class. Returns NULL, or what is wrong. */
static const char *take_byte(const char **at, const char *end, uint8_t *byte, uint8_t *mask)
{
	*mask = 0xff;
	if (**at == '?') {
		*byte = *mask = 0;
		(*at)++;
		return NULL;
	}
	if (**at != '%') {
		*byte = *(*at)++;
		return NULL;
	}
	if (end - *at < 3 || hex_digit((*at)[1]) < 0 || hex_digit((*at)[2]) < 0)
		return "% in a class is followed by two hexadecimal digits";
	*byte = hex_digit((*at)[1]) << 4 | hex_digit((*at)[2]);
	*at += 3;
	return NULL;
}

static const char *take_length(const char **at, const char *end, struct selector *ret)
{
	(*at)++;
	if (!take_number(at, end, UINT32_MAX, &ret->len_min))
		return "after ~ comes a length, or two with - between";
	ret->len_max = ret->len_min;
	if (*at < end && **at == '-') {
		(*at)++;
		if (!take_number(at, end, UINT32_MAX, &ret->len_max))
			return "after ~ comes a length, or two with - between";
	}
	if (!ret->len_max || ret->len_max < ret->len_min)
		return "a message has at least one byte, and the first length is the smaller";
	return NULL;
}

static const char *take_class(const char **at, const char *end, struct selector *ret)
{
	uint8_t text[SELECTOR_BYTES] = { 0 }, mask[SELECTOR_BYTES] = { 0 };
	const char *wrong = NULL;

	if (end - *at == 7 && !memcmp(*at, "connect", 7)) {
		ret->connect = 1;
		*at += 7;
		return NULL;
	}
	while (*at < end && **at != '~' && !wrong) {
		if (ret->len == SELECTOR_BYTES)
			return "a class is at most 32 bytes";
		wrong = take_byte(at, end, &text[ret->len], &mask[ret->len]);
		ret->len++;
	}
	memcpy(ret->text, text, sizeof(text));
	memcpy(ret->mask, mask, sizeof(mask));
	if (!wrong && *at < end)
		wrong = take_length(at, end, ret);
	return wrong;
}

/* Where `.N` begins, or @end. */
static const char *find_nth(const char *text, const char *end)
{
	const char *at = end;

	while (at > text && isdigit((unsigned char)at[-1]))
		at--;
	return at > text && at < end && at[-1] == '.' ? at - 1 : end;
}

static const char *take_nth(const char *at, const char *end, struct selector *ret)
{
	ret->nth = 1;
	if (at == end)
		return NULL;
	at++;
	if (!take_number(&at, end, 1000000, &ret->nth) || !ret->nth)
		return "messages are counted from 1 to 1000000";
	return NULL;
}

const char *selector__parse(const char *text, size_t len, struct selector *ret)
{
	const char *at = text, *end = text + len, *nth = find_nth(text, end), *wrong = NULL;
	uint32_t port;

	memset(ret, 0, sizeof(*ret));
	if (at < nth && *at == '/') {
		at++;
		if (!take_number(&at, nth, 65535, &port) || !port)
			return "a port is a number from 1 to 65535";
		ret->port = port;
	}
	if (at < nth && *at == '#') {
		at++;
		if (at == nth)
			return "# is followed by a class of messages";
		wrong = take_class(&at, nth, ret);
	}
	if (!wrong && at < nth)
		wrong = "a stall is written A>B/PORT#CLASS.N; /PORT, #CLASS and .N may be left out";
	return wrong ? wrong : take_nth(nth, end, ret);
}

/* What has a meaning where a fault is written. */
static bool is_plain(uint8_t byte)
{
	return byte > ' ' && byte < 0x7f && !strchr("%?~@+.,#{}\"'\\", byte);
}

/* The word for attempts to connect, but meant as a text. */
static bool is_the_word(const struct selector *selector)
{
	return selector->len == 7 && !selector->len_max && !memcmp(selector->text, "connect", 7);
}

static size_t print_class(char *buf, size_t size, const struct selector *selector)
{
	const uint8_t *text = (const uint8_t *)selector->text, *mask = (const uint8_t *)selector->mask;
	size_t at = 0;

	for (size_t i = 0; i < selector->len && at + 4 < size; i++) {
		if (!mask[i])
			at += snprintf(buf + at, size - at, "?");
		else if (is_plain(text[i]) && (i || !is_the_word(selector)))
			at += snprintf(buf + at, size - at, "%c", text[i]);
		else
			at += snprintf(buf + at, size - at, "%%%02x", text[i]);
	}
	if (selector->len_max && selector->len_min == selector->len_max)
		at += snprintf(buf + at, size - at, "~%u", selector->len_max);
	else if (selector->len_max)
		at += snprintf(buf + at, size - at, "~%u-%u", selector->len_min, selector->len_max);
	return at < size ? at : size - 1;
}

char *selector__print(char *buf, size_t size, const struct selector *selector)
{
	char class[140] = "connect", port[8] = "", nth[12] = "";
	bool any = !selector->connect && !selector->len && !selector->len_max;

	if (!selector->connect)
		print_class(class, sizeof(class), selector);
	if (selector->port)
		snprintf(port, sizeof(port), "/%u", selector->port);
	if (selector->nth != 1)
		snprintf(nth, sizeof(nth), ".%u", selector->nth);
	snprintf(buf, size, "%s%s%s%s", port, any ? "" : "#", any ? "" : class, nth);
	return buf;
}

int selector__compare(const struct selector *x, const struct selector *y)
{
	return memcmp(x, y, sizeof(*x)); /* made by memset, so the gaps are equal */
}

static struct {
	struct selector *v;
	size_t cnt, cap;
} known;

uint16_t selector__number(const struct selector *selector)
{
	for (size_t i = 0; i < known.cnt; i++)
		if (!selector__compare(&known.v[i], selector))
			return (uint16_t)(i + 1);
	if (known.cnt >= UINT16_MAX - 1 || grow(&known.v, &known.cap, known.cnt + 1))
		return 0;
	known.v[known.cnt++] = *selector;
	return (uint16_t)known.cnt;
}

const struct selector *selector__numbered(uint16_t number)
{
	return number && number <= known.cnt ? &known.v[number - 1] : NULL;
}
