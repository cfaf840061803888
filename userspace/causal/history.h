/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happened, in the order in which it happened: a trace's events, read into memory, with the
 * threads that did it and the sockets they did it on. Later stages fill in what they find out.
 */
#ifndef CUTSET_CAUSAL_HISTORY_H
#define CUTSET_CAUSAL_HISTORY_H

#include <stdbool.h>

#include "base/err.h"
#include "causal/handoff.h"
#include "causal/intern.h"
#include "causal/happening.h"
#include "causal/socket.h"
#include "trace/trace.h"

/*
 * One event that moved bytes or made a connection; the other kinds leave their marks elsewhere (a
 * wait begins an activation, a phase its entry in `phases`). 40 bytes: there are millions of them.
 */
struct record {
	uint64_t ts_ns;
	uint32_t thread;
	uint32_t socket;     /* index into sockets */
	uint32_t seq_end;
	uint32_t len;	     /* bytes */
	uint32_t now;
	uint32_t message;    /* of a send: the one it belongs to. NONE before messages are built */
	uint32_t activation; /* threads' stretches between waits; no two threads share a number */
	uint8_t kind;
	uint8_t node;
	int16_t ret; /* of a connect; of a send 1: it has urgent bytes; of a datagram print8 */
};

_Static_assert(sizeof(struct record) == 40, "a record takes 40 bytes");

/* How much of its stream it moved: bytes, or the one datagram. */
static inline uint32_t record__units(const struct record *record, const struct sock *sock)
{
	return sock->datagram ? record->kind == EV_SEND || record->kind == EV_RECV : record->len;
}

struct thread {
	uint32_t process;  /* index: thread groups */
	uint32_t tid;	   /* as the kernel numbers it */
	uint32_t last_seq; /* its latest event's number */
	uint64_t last_ns;  /* and time */
	uint32_t activation;
	uint32_t last_socket; /* of its latest receive or send; NONE */
	uint8_t last_kind;
	bool waits;	   /* it has been seen in poll, epoll or select */
};

struct cut_record {
	uint64_t ts_ns;
	uint16_t node, peer, sport, dport;
	uint32_t seq, len;
	uint8_t action, tcp_flags, proto;
};

struct history {
	struct record *records; /* by ts_ns; a thread's in its own order */
	size_t record_cnt, record_cap;
	bool unsorted; /* while reading: some are far out of order */
	uint32_t *payloads; /* for each record, where in `text` its payload is; 0: none */
	size_t payload_cap;
	uint8_t *text;	    /* u16 length, bytes */
	size_t text_bytes, text_cap;

	struct thread *threads;
	size_t thread_cnt, thread_cap;
	struct intern thread_of; /* tgid, tid */
	struct intern process_of;
	uint32_t process_cnt;
	uint32_t activation_cnt;

	struct sockets sockets;
	struct handoffs handoffs;
	struct happenings locals;

	struct cut_record *cuts;
	size_t cut_cnt, cut_cap;

	struct { uint64_t begin_ns, end_ns; int code; } phases[PHASE_END + 1];
	enum phase phase;
	bool has_phases;
	bool has_logs;

	uint64_t events;   /* of any kind */
	uint64_t first_ns, last_ns;
	uint32_t last_step; /* of the workload, NOW_*; 0: none */
	uint32_t blind;	   /* bits, 1 << enum blind: what moved bytes and is not recorded */
	uint64_t gaps;	   /* missing in the threads' own counters */
	uint64_t backward; /* later than their thread's event before, but with an earlier time */
	uint64_t resolver; /* datagrams to and from Docker's resolver, where that is not traced */
	struct ledger ledger;
	bool whole;
};

/* Everything that @reader still has. 0, or -1 (memory, reading). */
int history__read(struct history *history, struct trace_reader *reader, struct err *err);
void history__free(struct history *history);

/* The payload recorded with record @index; NULL and 0 where there is none. */
const uint8_t *history__payload(const struct history *history, size_t index, uint16_t *ret_len);

#endif
