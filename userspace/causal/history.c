// SPDX-License-Identifier: GPL-2.0-only
#include "causal/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

/* Records that come this much too early in the file are moved one by one, others by a sort. */
#define MOVE_MAX 4096

/* A record takes at least so many bytes of a file, as a rule; 14 without payload. */
#define RECORD_FILE_BYTES 10

static uint32_t number_of(struct intern *intern, uint64_t key, uint32_t next)
{
	uint32_t *slot = intern__slot(intern, key);

	if (!slot)
		return NONE;
	if (*slot == NONE)
		*slot = next;
	return *slot;
}

static uint32_t process_of(struct history *history, uint32_t tgid)
{
	uint32_t process = number_of(&history->process_of, tgid, history->process_cnt);

	if (process == history->process_cnt)
		history->process_cnt++;
	return process;
}

static struct thread *thread_new(struct history *history, uint32_t tgid, uint32_t tid)
{
	struct thread *thread;

	if (grow(&history->threads, &history->thread_cap, history->thread_cnt + 1) < 0)
		return NULL;
	thread = &history->threads[history->thread_cnt++];
	*thread = (struct thread){ .process = process_of(history, tgid),
				   .tid = tid,
				   .last_socket = NONE,
				   .activation = history->activation_cnt++ };
	return thread->process == NONE ? NULL : thread;
}

/* What an interrupt does may be recorded within another of the thread's records. */
static void note_clock(struct history *history, struct thread *thread, const struct event *event)
{
	if (event->kind == EV_WAKE || event->kind == EV_SIGNAL)
		return;
	history->backward += event->ts_ns < thread->last_ns;
	thread->last_ns = event->ts_ns;
}

/* The first event of @thread that is seen: earlier ones may be of another trace. */
static void begin_counting(struct history *history, struct thread *thread, const struct event *event)
{
	thread->last_seq = event->task_seq;
	note_clock(history, thread, event);
}

/* The thread of @event, its counter checked. A counter that is 1 again is a new thread's. */
static struct thread *thread_of(struct history *history, const struct event *event)
{
	uint64_t key = (uint64_t)event->tgid << 32 | event->tid;
	uint32_t *slot = intern__slot(&history->thread_of, key);
	struct thread *thread;

	if (!slot)
		return NULL;
	if (*slot == NONE || (event->task_seq == 1 && history->threads[*slot].last_seq > 1)) {
		*slot = history->thread_cnt;
		if (!thread_new(history, event->tgid, event->tid))
			return NULL;
	}
	thread = &history->threads[*slot];
	if (!thread->last_seq) {
		begin_counting(history, thread, event);
	} else if (event->task_seq > thread->last_seq) {
		history->gaps += event->task_seq - thread->last_seq - 1;
		thread->last_seq = event->task_seq;
		note_clock(history, thread, event);
	} else if (event->task_seq && history->gaps) {
		history->gaps--; /* it comes late: it had been counted as missing */
	}
	return thread;
}

/* The thread that goes by these numbers now: one that has done nothing yet is numbered, too. */
static uint32_t thread_now(struct history *history, uint32_t tgid, uint32_t tid)
{
	uint32_t *slot = intern__slot(&history->thread_of, (uint64_t)tgid << 32 | tid);

	if (!slot)
		return NONE;
	if (*slot == NONE) {
		*slot = history->thread_cnt;
		if (!thread_new(history, tgid, tid))
			return NONE;
	}
	return *slot;
}

/* Numbers are used again: one that did something before is another than the one that is born. */
static uint32_t thread_born(struct history *history, const struct event *event)
{
	uint64_t key = (uint64_t)event->life.other << 32 | event->life.other_tid;
	uint32_t *slot = intern__slot(&history->thread_of, key);

	if (!slot)
		return NONE;
	if (*slot == NONE || (history->threads[*slot].last_seq &&
			      history->threads[*slot].last_ns < event->ts_ns)) {
		*slot = history->thread_cnt;
		if (!thread_new(history, event->life.other, event->life.other_tid))
			return NONE;
	}
	return *slot;
}

static void begin_activation(struct history *history, struct thread *thread)
{
	thread->activation = history->activation_cnt++;
	thread->last_kind = EV_NONE;
}

/*
 * A thread that never polls waits in its receives: there an activation begins with a receive after
 * something else was done, or from another socket.
 */
static void note_receive(struct history *history, struct thread *thread, uint32_t socket)
{
	if (!thread->waits && (thread->last_kind != EV_RECV || thread->last_socket != socket))
		begin_activation(history, thread);
}

/* Room for payloads of records [0, cnt); what is new is none. */
static int reserve_payloads(struct history *history, size_t cnt)
{
	size_t old_cap = history->payload_cap;

	if (grow(&history->payloads, &history->payload_cap, cnt) < 0)
		return -1;
	memset(history->payloads + old_cap, 0,
	       (history->payload_cap - old_cap) * sizeof(*history->payloads));
	return 0;
}

static int add_payload(struct history *history, size_t index, const struct event *event)
{
	size_t at = history->text_bytes ? history->text_bytes : 1;
	size_t end = at + sizeof(uint16_t) + event->payload_len;

	if (!event->payload_len || end > UINT32_MAX)
		return 0;
	if (grow(&history->text, &history->text_cap, end) < 0 ||
	    reserve_payloads(history, index + 1) < 0)
		return -1;
	memcpy(history->text + at, &event->payload_len, sizeof(uint16_t));
	memcpy(history->text + at + sizeof(uint16_t), event__payload(event), event->payload_len);
	history->text_bytes = end;
	history->payloads[index] = at;
	return 0;
}

const uint8_t *history__payload(const struct history *history, size_t index, uint16_t *ret_len)
{
	size_t at = index < history->payload_cap ? history->payloads[index] : 0;

	*ret_len = 0;
	if (!at)
		return NULL;
	memcpy(ret_len, history->text + at, sizeof(uint16_t));
	return history->text + at + sizeof(uint16_t);
}

static int16_t ret_of(const struct event *event)
{
	if (event->flags & EVENT_DATAGRAM)
		return event->io.print8;
	if (event->kind == EV_SEND)
		return !!(event->flags & EVENT_URGENT);
	return event->io.ret < -4096 || event->io.ret > 4096 ? 0 : event->io.ret;
}

static bool has_bytes(const struct event *event)
{
	return event->kind == EV_SEND || event->kind == EV_RECV || event->kind == EV_LOG;
}

static uint32_t take_payload(struct history *history, size_t index)
{
	return index < history->payload_cap ? history->payloads[index] : 0;
}

/* Move record @index back to its place; those before it are in order. Returns 0, or -1: too far. */
static int move_back(struct history *history, size_t index)
{
	struct record record = history->records[index];
	uint32_t payload = take_payload(history, index);
	size_t at = index;

	while (at && history->records[at - 1].ts_ns > record.ts_ns) {
		if (index - at == MOVE_MAX)
			break;
		at--;
	}
	if (at && history->records[at - 1].ts_ns > record.ts_ns)
		return -1;
	memmove(history->records + at + 1, history->records + at, (index - at) * sizeof(record));
	history->records[at] = record;
	if (at < history->payload_cap) {
		/* the array may end before @index: what is beyond has no payload */
		if (reserve_payloads(history, index + 1) < 0)
			return -1;
		memmove(history->payloads + at + 1, history->payloads + at,
			(index - at) * sizeof(payload));
		history->payloads[at] = payload;
	}
	return 0;
}

/* Events come nearly in order: two CPUs, one ring. The latest one goes to its place among them. */
static void put_in_order(struct history *history)
{
	size_t last = history->record_cnt - 1;

	if (last && !history->unsorted &&
	    history->records[last].ts_ns < history->records[last - 1].ts_ns)
		history->unsorted = move_back(history, last) < 0;
}

static int add_record(struct history *history, struct thread *thread, const struct event *event)
{
	uint32_t socket = sockets__by_number(&history->sockets, event->io.socket);
	size_t index = history->record_cnt;

	if (socket == NONE || grow(&history->records, &history->record_cap, index + 1) < 0)
		return -1;
	if (index >= UINT32_MAX - 1)
		return -1;
	if (event->kind == EV_RECV)
		note_receive(history, thread, socket);
	thread->last_kind = event->kind;
	thread->last_socket = socket;
	history->records[index] = (struct record){
		.ts_ns = event->ts_ns,
		.thread = thread - history->threads,
		.socket = socket,
		.seq_end = event->io.seq_end,
		.len = has_bytes(event) ? event->io.len : 0,
		.now = event->now,
		.message = NONE,
		.activation = thread->activation,
		.kind = event->kind,
		.node = event->node,
		.ret = ret_of(event),
	};
	history->record_cnt++;
	history->has_logs |= event->kind == EV_LOG;
	if (add_payload(history, index, event) < 0)
		return -1;
	put_in_order(history);
	return 0;
}

static enum handoff handoff_of(const struct event *event)
{
	if (event->kind == EV_FORK)
		return HANDOFF_CLONE;
	if (event->kind == EV_SIGNAL)
		return HANDOFF_SIGNAL;
	return (uint32_t)event->life.code < HANDOFFS ? event->life.code : HANDOFF_OTHER;
}

static int add_handoff(struct history *history, struct thread *from, const struct event *event)
{
	struct handoff_edge edge = {
		.ts_ns = event->ts_ns,
		.from = from - history->threads,
		.activation = from->activation,
		.kind = handoff_of(event),
	};

	from->last_kind = event->kind;
	if (event->kind == EV_FORK)
		edge.to = thread_born(history, event);
	else
		edge.to = thread_now(history, event->life.other, event->life.other_tid);
	return edge.to == NONE ? -1 : handoffs__add(&history->handoffs, &edge);
}

static int add_cut(struct history *history, const struct event *event)
{
	if (grow(&history->cuts, &history->cut_cap, history->cut_cnt + 1) < 0)
		return -1;
	history->cuts[history->cut_cnt++] = (struct cut_record){
		.ts_ns = event->ts_ns,
		.node = event->node,
		.peer = event->cut.peer,
		.sport = event->cut.sport,
		.dport = event->cut.dport,
		.seq = event->cut.seq,
		.len = event->cut.len,
		.action = event->cut.action,
		.tcp_flags = event->cut.tcp_flags,
		.proto = event->cut.proto,
	};
	return 0;
}

static void note_phase(struct history *history, const struct event *event)
{
	history->phases[history->phase].end_ns = event->ts_ns;
	history->phases[history->phase].code = event->phase.code;
	history->phase = event->phase.phase;
	history->phases[history->phase].begin_ns = event->ts_ns;
	history->has_phases = true;
}

static void note_time(struct history *history, const struct event *event)
{
	history->events++;
	if (!history->first_ns || event->ts_ns < history->first_ns)
		history->first_ns = event->ts_ns;
	if (event->ts_ns > history->last_ns)
		history->last_ns = event->ts_ns;
	if (event->now >= NOW_WORKLOAD && event->now < NOW_CHECK && event->now > history->last_step)
		history->last_step = event->now;
}

/* The latest happening is a line that @thread wrote. */
static void note_line(struct history *history, const struct thread *thread)
{
	struct happening *line = &history->locals.v[history->locals.cnt - 1];

	line->thread = (uint32_t)(thread - history->threads);
	line->activation = thread->activation;
}

static int take_event(struct history *history, const struct event *event)
{
	struct thread *thread;

	note_time(history, event);
	if (event->kind == EV_PHASE) {
		note_phase(history, event);
		return 0;
	}
	if (event->kind == EV_CUT)
		return add_cut(history, event);
	if (event->kind == EV_SOCKET && !event->task_seq) /* of a snapshot, not of a thread */
		return sockets__describe(&history->sockets, event);
	if (happenings__take(&history->locals, event) < 0)
		return -1;
	if (event->kind == EV_SIGNAL && !event->tid) /* of nobody that is traced */
		return 0;
	thread = thread_of(history, event);
	if (!thread)
		return -1;
	if (event->flags & EVENT_WAITED || event->kind == EV_WAIT) {
		thread->waits = true;
		begin_activation(history, thread);
	}
	if (event->kind == EV_LOG)
		note_line(history, thread);
	switch (event->kind) {
	case EV_SOCKET:
		return sockets__describe(&history->sockets, event);
	case EV_BLIND:
		history->blind |= 1U << (event->blind.why % BLINDS);
		return 0;
	case EV_SEND:
	case EV_RECV:
	case EV_CONNECT:
	case EV_ACCEPT:
	case EV_LOG:
		return event->io.socket ? add_record(history, thread, event) : 0;
	case EV_FORK:
	case EV_WAKE:
	case EV_SIGNAL:
		return add_handoff(history, thread, event);
	}
	return 0;
}

struct placed {
	uint64_t ts_ns;
	uint32_t index;
};

static int by_time(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

/* The slow way, for files that are far out of order. */
static int sort_all(struct history *history)
{
	size_t cnt = history->record_cnt;
	struct placed *order = malloc(cnt * sizeof(*order));
	struct record *records = malloc(cnt * sizeof(*records));
	uint32_t *payloads = calloc(cnt, sizeof(*payloads));
	int ret = -1;

	if (!order || !records || !payloads)
		goto free_order;
	for (size_t i = 0; i < cnt; i++)
		order[i] = (struct placed){ history->records[i].ts_ns, i };
	qsort(order, cnt, sizeof(*order), by_time);
	for (size_t i = 0; i < cnt; i++) {
		records[i] = history->records[order[i].index];
		if (order[i].index < history->payload_cap)
			payloads[i] = history->payloads[order[i].index];
	}
	memcpy(history->records, records, cnt * sizeof(*records));
	free(history->payloads);
	history->payloads = payloads;
	history->payload_cap = cnt;
	payloads = NULL;
	ret = 0;
free_order:
	free(payloads);
	free(records);
	free(order);
	return ret;
}

/*
 * Room for as many records as the file is likely to have: a big array that is moved as it grows has
 * its page tables made anew (in a virtual machine 70 ns a record). What is not used costs nothing, and
 * where this fails or is too little the array grows.
 */
static void reserve_records(struct history *history, const struct trace_reader *reader)
{
	uint64_t cnt = trace_reader__bytes(reader) / RECORD_FILE_BYTES;

	(void)grow(&history->records, &history->record_cap, cnt < UINT32_MAX ? cnt : UINT32_MAX);
}

int history__read(struct history *history, struct trace_reader *reader, struct err *err)
{
	const struct event *event;
	int more;

	reserve_records(history, reader);
	while ((more = trace_reader__next(reader, &event, err)) == 1)
		if (take_event(history, event) < 0)
			return err__set(err, EXIT_MACHINE, "out of memory");
	if (more < 0)
		return -1;
	if ((history->unsorted && sort_all(history) < 0) ||
	    handoffs__index(&history->handoffs, history->thread_cnt) < 0)
		return err__set(err, EXIT_MACHINE, "out of memory");
	happenings__sort(&history->locals);
	history->whole = trace_reader__whole(reader);
	history->ledger = *trace_reader__ledger(reader);
	return 0;
}

void history__free(struct history *history)
{
	free(history->records);
	free(history->payloads);
	free(history->text);
	free(history->threads);
	free(history->cuts);
	intern__free(&history->thread_of);
	intern__free(&history->process_of);
	sockets__free(&history->sockets);
	handoffs__free(&history->handoffs);
	happenings__free(&history->locals);
}
