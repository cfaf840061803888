/* SPDX-License-Identifier: GPL-2.0-only */
/* Records on their way out: begin, fill, submit, and the ledger that counts each of them. */
#ifndef CUTSET_EMIT_H
#define CUTSET_EMIT_H

#include "maps.h"

static __always_inline struct ledger *ledger_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&ledgers, &zero);
}

/* The head of the current thread's next event. @state counts them. */
static __always_inline void event_begin(struct event *event, struct task_state *state, __u16 kind)
{
	__u64 id = bpf_get_current_pid_tgid();

	__builtin_memset(event, 0, sizeof(*event));
	event->ts_ns = bpf_ktime_get_ns();
	event->tgid = id >> 32;
	event->tid = (__u32)id;
	event->kind = kind;
	event->node = state->node;
	event->now = control.now;
	event->task_seq = ++state->seq;
	event->flags = state->waited;
	state->waited = 0;
	if (kind == EV_RECV || kind == EV_ACCEPT)
		__sync_fetch_and_add(&state->news, 1);
}

/* A record with its head filled in, or NULL. */
static __always_inline struct record *record_begin(struct task_state *state, __u16 kind)
{
	__u32 zero = 0;
	struct record *record = bpf_map_lookup_elem(&records, &zero);

	if (!record)
		return NULL;
	event_begin(&record->event, state, kind);
	record->room = payload_max;
	return record;
}

static __always_inline void event_submit(const void *event, __u64 bytes)
{
	struct ledger *ledger = ledger_here();
	long err = bpf_ringbuf_output(&ring, (void *)event, bytes, BPF_RB_NO_WAKEUP);

	if (!ledger)
		return;
	/* atomic: the tc programs count here too, from softirq on the same CPU */
	__sync_fetch_and_add(&ledger->seen, 1);
	__sync_fetch_and_add(err ? &ledger->failed : &ledger->emitted, 1);
}

static __always_inline void record_submit(struct record *record)
{
	__u64 bytes = record->event.payload_len;

	barrier_var(bytes); /* else a copy of it is bounded, not what is used */
	if (bytes > MAX_PAYLOAD)
		bytes = MAX_PAYLOAD;
	event_submit(record, sizeof(record->event) + bytes);
}

/* Append up to @len user bytes to the record's payload. Returns how many fit and could be read. */
static __always_inline __u32 record_append(struct record *record, const void *user, __u64 len)
{
	__u32 have = record->event.payload_len, max = record->room;
	struct ledger *ledger;

	if (max > MAX_PAYLOAD)
		max = MAX_PAYLOAD;
	if (have >= max || !len)
		return 0;
	if (len > max - have)
		len = max - have;
	/* As they are; but the verifier has to see it, and before 6.8 learns from constants alone. */
	barrier_var(len);
	if (len > MAX_PAYLOAD)
		return 0;
	have &= MAX_PAYLOAD - 1;
	if (bpf_probe_read_user(record->payload + have, (__u32)len, user)) {
		record->event.flags |= EVENT_PAYLOAD_FAULT;
		ledger = ledger_here();
		if (ledger)
			__sync_fetch_and_add(&ledger->unread, 1);
		return 0;
	}
	record->event.payload_len = have + len;
	return len;
}

#endif
