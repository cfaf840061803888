// SPDX-License-Identifier: GPL-2.0-only
#include "causal/happening.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "trace/trace.h"

/* Of a program begun its file where the trace has it, else its name. */
static const char *text_of(const struct event *event, size_t *ret_len)
{
	const char *text = (const char *)event__payload(event);
	size_t len = event->payload_len;

	if (event->kind == EV_EXEC) {
		if (len > EXEC_NAME_BYTES + 1) {
			text += EXEC_NAME_BYTES;
			len -= EXEC_NAME_BYTES;
		}
		len = strnlen(text, len);
	}
	*ret_len = len;
	return text;
}

static bool is_local(const struct event *event)
{
	switch (event->kind) {
	case EV_FORK: /* threads are too many, and say little */
		return event->life.other == event->life.other_tid;
	case EV_EXIT:
		return event->tgid == event->tid;
	case EV_LOG:
	case EV_EXEC:
	case EV_SIGNAL:
		return true;
	}
	return false;
}

static int add_text(struct happenings *events, struct happening *local, const struct event *event)
{
	size_t len, end;
	const char *text = text_of(event, &len);

	if (event->kind != EV_LOG && event->kind != EV_EXEC)
		return 0;
	end = events->text_bytes + len;
	if (end > UINT32_MAX || grow(&events->texts, &events->text_cap, end + 1) < 0)
		return -1;
	memcpy(events->texts + events->text_bytes, text, len);
	local->text = events->text_bytes;
	local->text_len = len;
	events->text_bytes = end;
	return 0;
}

int happenings__take(struct happenings *events, const struct event *event)
{
	struct happening *local;

	if (!is_local(event))
		return 0;
	if (grow(&events->v, &events->cap, events->cnt + 1) < 0)
		return -1;
	local = &events->v[events->cnt++];
	*local = (struct happening){
		.ts_ns = event->ts_ns,
		.tgid = event->tgid,
		.tid = event->tid,
		.step = event->now,
		.node = event->node,
		.kind = event->kind,
	};
	if (event->kind == EV_LOG) {
		local->code = event->io.fd;
		local->len = event->io.len;
	} else {
		local->code = event->life.code;
		local->other = event->life.other;
	}
	return add_text(events, local, event);
}

static int by_time(const void *a, const void *b)
{
	const struct happening *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

void happenings__sort(struct happenings *events)
{
	if (events->cnt)
		qsort(events->v, events->cnt, sizeof(*events->v), by_time);
}

void happenings__free(struct happenings *events)
{
	free(events->v);
	free(events->texts);
}
