// SPDX-License-Identifier: GPL-2.0-only
#include "report/caption.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "causal/label.h"

#define HTTP2_HEAD_BYTES 9
#define HTTP2_PREFACE "PRI * HTTP/2.0"

const char *carrier__name(enum carrier carrier)
{
	static const char *const names[CARRIERS] = {
		[CARRIER_TCP] = "tcp",	 [CARRIER_UDP] = "udp",		[CARRIER_UNIX] = "unix",
		[CARRIER_PIPE] = "pipe", [CARRIER_EVENTFD] = "eventfd",
	};

	return names[carrier];
}

char *caption__link(char *buf, size_t size, const struct graph *graph,
		    const struct message *message)
{
	const char *src = graph__node_name(graph, message->src);
	const char *dst = graph__node_name(graph, message->dst);

	if (message->carrier == CARRIER_TCP)
		snprintf(buf, size, "%s>%s:%u", src, dst, message->server_port);
	else if (message->carrier == CARRIER_UDP)
		snprintf(buf, size, "%s>%s:%u/udp", src, dst, message->server_port);
	else
		snprintf(buf, size, "%s>%s %s", src, dst, carrier__name(message->carrier));
	return buf;
}

/* The bytes that are left of a payload. */
struct rest {
	const uint8_t *at, *end;
};

/* A line without its end; -1 where there is none. */
static int take_line(struct rest *rest, const uint8_t **ret)
{
	const uint8_t *eol = memchr(rest->at, '\r', rest->end - rest->at);
	int len;

	if (!eol || eol + 1 >= rest->end || eol[1] != '\n')
		return -1;
	*ret = rest->at;
	len = (int)(eol - rest->at);
	rest->at = eol + 2;
	return len;
}

static size_t put(char *buf, size_t size, size_t at, const uint8_t *text, size_t len)
{
	if (at && at + 1 < size)
		buf[at++] = ' ';
	for (size_t i = 0; i < len && at + 1 < size; i++)
		buf[at++] = isprint(text[i]) ? (char)text[i] : '.';
	buf[at] = '\0';
	return at;
}

static bool is_number(const uint8_t *text, int len)
{
	if (len > 1 && *text == '-')
		text++, len--;
	for (int i = 0; i < len; i++)
		if (!isdigit(text[i]))
			return false;
	return len > 0;
}

/* $3 SET: one word, which the recorded prefix may end in the middle of. false: not the protocol. */
static bool put_bulk(char *buf, size_t size, size_t *at, struct rest *rest, long len)
{
	size_t left = rest->end - rest->at;

	if (len < 0) {
		*at = put(buf, size, *at, (const uint8_t *)"(nil)", 5);
		return true;
	}
	*at = put(buf, size, *at, rest->at, (size_t)len < left ? (size_t)len : left);
	rest->at = (size_t)len + 2 <= left ? rest->at + len + 2 : rest->end;
	return true;
}

/* One value of the protocol, of a list only its head: its words follow. */
static bool put_value(char *buf, size_t size, size_t *at, struct rest *rest)
{
	const uint8_t *line;
	int len = take_line(rest, &line);

	if (len < 2)
		return false;
	if (*line == '+' || *line == '-') {
		*at = put(buf, size, *at, line + 1, len - 1);
		return true;
	}
	if (!is_number(line + 1, len - 1))
		return false;
	if (*line == ':')
		*at = put(buf, size, *at, line + 1, len - 1);
	else if (*line == '$')
		return put_bulk(buf, size, at, rest, atol((const char *)line + 1));
	else
		return *line == '*';
	return true;
}

static bool is_redis(const struct message *message)
{
	return message->payload_len > 3 && strchr("*$+-:", message->payload[0]);
}

static bool redis_caption(char *buf, size_t size, const struct message *message)
{
	struct rest rest = {message->payload, message->payload + message->payload_len};
	size_t at = 0;

	buf[0] = '\0';
	while (rest.at < rest.end && at + 1 < size)
		if (!put_value(buf, size, &at, &rest))
			break;
	return at > 0;
}

static bool http2_caption(char *buf, size_t size, const struct message *message)
{
	static const char *const types[] = {
		"DATA",		"HEADERS", "PRIORITY", "RST_STREAM",	"SETTINGS",
		"PUSH_PROMISE", "PING",	   "GOAWAY",   "WINDOW_UPDATE", "CONTINUATION"};
	const uint8_t *head = message->payload;
	uint32_t len;

	if (message->payload_len >= strlen(HTTP2_PREFACE) &&
	    !memcmp(head, HTTP2_PREFACE, strlen(HTTP2_PREFACE))) {
		snprintf(buf, size, "HTTP/2 preface");
		return true;
	}
	if (message->payload_len < HTTP2_HEAD_BYTES ||
	    head[3] >= sizeof(types) / sizeof(types[0]) || head[5] & 0x80)
		return false;
	len = (uint32_t)head[0] << 16 | (uint32_t)head[1] << 8 | head[2];
	if (len + HTTP2_HEAD_BYTES > message->len)
		return false;
	snprintf(buf, size, "HTTP/2 %s %u bytes", types[head[3]], len);
	return true;
}

char *caption__of(char *buf, size_t size, const struct message *message)
{
	if (message->class == MSG_DATA && message->payload &&
	    ((is_redis(message) && redis_caption(buf, size, message)) ||
	     http2_caption(buf, size, message)))
		return buf;
	return message__label(buf, size, message);
}
