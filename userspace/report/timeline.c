// SPDX-License-Identifier: GPL-2.0-only
#include "report/timeline.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "report/relevance.h"

static int by_time(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	return x->index < y->index ? -1 : x->index > y->index;
}

static void add_message(struct timeline *timeline, const struct message *message)
{
	if (!message__is_between_nodes(message))
		return;
	timeline->v[timeline->cnt++] =
		(struct moment){message->sent_ns, message->id, message->src, MOMENT_SENT};
	if (message->received_ns)
		timeline->v[timeline->cnt++] = (struct moment){message->received_ns, message->id,
							       message->dst, MOMENT_RECEIVED};
}

static uint64_t begin_of(const struct graph *graph, const struct timeline *timeline)
{
	uint64_t begin_ns = timeline->cnt ? timeline->v[0].ts_ns : UINT64_MAX;

	for (int phase = PHASE_IDLE; phase <= PHASE_END; phase++) {
		uint64_t phase_ns = graph__phase(graph, phase).begin_ns;

		if (phase_ns && phase_ns < begin_ns)
			begin_ns = phase_ns;
	}
	return begin_ns == UINT64_MAX ? 0 : begin_ns;
}

int timeline__of(const struct graph *graph, struct timeline *ret)
{
	const struct happenings *events = graph__happenings(graph);
	size_t messages = graph__message_cnt(graph);

	*ret = (struct timeline){.v = malloc((2 * messages + events->cnt + 1) * sizeof(*ret->v))};
	if (!ret->v)
		return -1;
	for (size_t i = 0; i < messages; i++)
		add_message(ret, graph__message(graph, i));
	for (size_t i = 0; i < events->cnt; i++)
		if (events->v[i].node != NODE_OUTSIDE)
			ret->v[ret->cnt++] = (struct moment){events->v[i].ts_ns, (uint32_t)i,
							     events->v[i].node, MOMENT_HAPPENED};
	if (ret->cnt)
		qsort(ret->v, ret->cnt, sizeof(*ret->v), by_time);
	ret->begin_ns = begin_of(graph, ret);
	return 0;
}

void timeline__free(struct timeline *timeline)
{
	free(timeline->v);
	memset(timeline, 0, sizeof(*timeline));
}

static void print_text(char *buf, size_t size, const char *head, const char *text, size_t len)
{
	size_t at = (size_t)snprintf(buf, size, "%s", head);

	for (size_t i = 0; i < len && at + 1 < size; i++) {
		char c = isprint((unsigned char)text[i])   ? text[i]
			 : isspace((unsigned char)text[i]) ? ' '
							   : '.';

		if (c != ' ' || (at && buf[at - 1] != ' '))
			buf[at++] = c;
	}
	buf[at] = '\0';
}

char *happening__caption(char *buf, size_t size, const struct graph *graph,
			 const struct happening *happening)
{
	const char *text = graph__happenings(graph)->texts + happening->text;
	int code = happening->code;

	switch (happening->kind) {
	case EV_LOG:
		print_text(buf, size, "log: ", text, happening->text_len);
		break;
	case EV_EXEC:
		print_text(buf, size, "runs ", text, happening->text_len);
		break;
	case EV_FORK:
		snprintf(buf, size, "begins process %u", happening->other);
		break;
	case EV_EXIT:
		if (WIFSIGNALED(code))
			snprintf(buf, size, "process %u is ended by signal %d", happening->tgid,
				 WTERMSIG(code));
		else
			snprintf(buf, size, "process %u ends, exit %d", happening->tgid,
				 WEXITSTATUS(code));
		break;
	default:
		snprintf(buf, size, "signal %d to process %u", code, happening->other);
	}
	return buf;
}
