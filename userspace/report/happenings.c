// SPDX-License-Identifier: GPL-2.0-only
#include "report/happenings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/units.h"
#include "model/fault.h"

#define LINE_MAX_BYTES 200

static const char *text_of(const struct happenings *events, const struct happening *event)
{
	return events->texts + event->text;
}

static void print_head(const struct graph *graph, const struct happening *event,
		       uint64_t begin_ns, FILE *out)
{
	char step[32];

	fprintf(out, "  %10.3f ms  %-12s %s  ",
		((double)event->ts_ns - (double)begin_ns) / NSEC_PER_MSEC,
		step__print(step, sizeof(step), event->step),
		graph__node_name(graph, event->node));
	if (event->tgid)
		fprintf(out, "%" PRIu32 "  ", event->tgid);
}

/* A terminal is not told what to do by a program's output. */
static void print_text(const char *text, size_t len, FILE *out)
{
	for (size_t i = 0; i < len && i < LINE_MAX_BYTES; i++)
		fputc(text[i] == '\t' ? ' ' : (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i],
		      out);
	fputs(len > LINE_MAX_BYTES ? "...\n" : "\n", out);
}

static void print_log(const struct graph *graph, const struct happening *event, const char *text,
		      uint64_t begin_ns, FILE *out)
{
	const char *end = text + event->text_len;

	if (text == end) {
		print_head(graph, event, begin_ns, out);
		fprintf(out, "log: %" PRIu32 " bytes\n", event->len);
	}
	while (text < end) {
		const char *eol = memchr(text, '\n', end - text);

		print_head(graph, event, begin_ns, out);
		fputs("log: ", out);
		print_text(text, (eol ? eol : end) - text, out);
		text = eol ? eol + 1 : end;
	}
}

static void print_end(int code, FILE *out)
{
	if (WIFSIGNALED(code))
		fprintf(out, "ended by signal %d\n", WTERMSIG(code));
	else
		fprintf(out, "ended, exit %d\n", WEXITSTATUS(code));
}

static void print(const struct graph *graph, const struct happenings *events,
		  const struct happening *event, uint64_t begin_ns, FILE *out)
{
	if (event->kind == EV_LOG) {
		print_log(graph, event, text_of(events, event), begin_ns, out);
		return;
	}
	print_head(graph, event, begin_ns, out);
	switch (event->kind) {
	case EV_EXEC:
		fputs("runs ", out);
		print_text(text_of(events, event), event->text_len, out);
		break;
	case EV_FORK:
		fprintf(out, "began %" PRIu32 "\n", event->other);
		break;
	case EV_EXIT:
		print_end(event->code, out);
		break;
	case EV_SIGNAL:
		fprintf(out, "signal %d%s to %" PRIu32 "\n", event->code,
			event->tgid ? "" : " from outside", event->other);
		break;
	default:
		break;
	}
}

void happenings__print(const struct graph *graph, uint64_t begin_ns, FILE *out)
{
	const struct happenings *events = graph__happenings(graph);

	for (size_t i = 0; i < events->cnt; i++)
		print(graph, events, &events->v[i], begin_ns, out);
}

/* What is not UTF-8 becomes `?`. */
static json_t *json_of_text(const char *text, size_t len)
{
	json_t *json = json_stringn(text, len);
	char *copy;

	if (json)
		return json;
	copy = malloc(len + 1);
	if (!copy)
		return NULL;
	for (size_t i = 0; i < len; i++)
		copy[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	json = json_stringn(copy, len);
	free(copy);
	return json;
}

static json_t *to_json(const struct graph *graph, const struct happenings *events,
		       const struct happening *event)
{
	static const char *const kinds[EV_KINDS] = {
		[EV_LOG] = "log",   [EV_EXEC] = "exec",	    [EV_FORK] = "fork",
		[EV_EXIT] = "exit", [EV_SIGNAL] = "signal",
	};
	char step[32];
	json_t *json = json_pack("{s:s, s:I, s:s, s:s}", "kind", kinds[event->kind], "ts_ns",
				 (json_int_t)event->ts_ns, "node",
				 graph__node_name(graph, event->node), "step",
				 step__print(step, sizeof(step), event->step));

	if (!json)
		return NULL;
	if (event->tgid)
		json_object_set_new(json, "pid", json_integer(event->tgid));
	if (event->kind == EV_LOG || event->kind == EV_EXEC)
		json_object_set_new(json, event->kind == EV_LOG ? "text" : "file",
				    json_of_text(text_of(events, event), event->text_len));
	if (event->kind == EV_LOG) {
		json_object_set_new(json, "fd", json_integer(event->code));
		json_object_set_new(json, "bytes", json_integer(event->len));
	}
	if (event->kind == EV_FORK || event->kind == EV_SIGNAL)
		json_object_set_new(json, event->kind == EV_FORK ? "child" : "to",
				    json_integer(event->other));
	if (event->kind == EV_EXIT)
		json_object_set_new(json, "code", json_integer(event->code));
	if (event->kind == EV_SIGNAL)
		json_object_set_new(json, "signal", json_integer(event->code));
	return json;
}

json_t *happenings__to_json(const struct graph *graph)
{
	const struct happenings *events = graph__happenings(graph);
	json_t *list = json_array();

	for (size_t i = 0; list && i < events->cnt; i++)
		json_array_append_new(list, to_json(graph, events, &events->v[i]));
	return list;
}
