/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The happens-before graph of one run: events, the streams between them, the messages on the
 * streams. Data edges (send to receive, connect to accept, fork) are certain; process edges (which
 * input led to which output) carry a confidence, see evidence.h and lineage.h.
 */
#ifndef CUTSET_CAUSAL_GRAPH_H
#define CUTSET_CAUSAL_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "causal/happening.h"
#include "trace/trace.h"

struct graph;

/* Read a whole trace. NULL on error. A trace that was cut off or lost events loads; see stats. */
struct graph *graph__load(const char *path, struct err *err);
void graph__free(struct graph *graph);

/* What `show` prints. */
struct graph_stats {
	uint64_t events;
	uint32_t nodes;	  /* that the trace names */
	uint32_t streams; /* with both ends on traced nodes */
	uint64_t messages;
	uint64_t receives; /* that took bytes, on streams with both ends on traced nodes */
	uint64_t matched;  /* of those, every byte of which has a sender */
	uint64_t early;	   /* receives of bytes sent before tracing began; not among `receives` */
	uint64_t holes;	   /* ranges of a stream that were received but never seen sent, or skipped */
	uint64_t repaired; /* ranges that threads sharing a socket misread, put right by tiling */
	uint32_t shared;   /* unix streams, pipes and eventfds of which threads share an end: which of two
			      calls at once moved which bytes is taken from the order of their ends */
	uint64_t lost;	   /* ledger: failed + missed, and gaps in threads' counters */
	uint64_t backward; /* times that a thread's clock went back: no order in time holds */
	uint64_t resolver; /* datagrams between nodes and Docker's resolver (127.0.0.11 in containers),
			      where dockerd is not traced: no loss, and no fault can cut them */
	bool undescribed;  /* bytes moved on a socket of which the trace does not say what it is */
	uint32_t blind;	   /* bits, 1 << enum blind: bytes moved in ways that are not recorded */
	bool whole;	   /* the file ends properly */
	bool complete;	   /* whole, nothing lost, no holes, no clock that went back, every socket
			      described, nothing moved unseen */
};
void graph__stats(const struct graph *graph, struct graph_stats *ret);

/* What carries a stream. Between nodes on different hosts it is one of the first two. */
enum carrier { CARRIER_TCP, CARRIER_UDP, CARRIER_UNIX, CARRIER_PIPE, CARRIER_EVENTFD, CARRIERS };

/* Bytes of a stream that are missing on one side; the first MAX_HOLES are kept. */
#define MAX_HOLES 1000
struct hole {
	uint16_t src, dst, server_port;
	uint16_t sport, dport; /* 0: that end was not seen */
	enum carrier carrier;
	bool datagrams; /* of which seq and len count */
	uint32_t seq, len;
	enum { HOLE_SENT, HOLE_RECEIVED, HOLE_STRAY } side; /* not seen sent, not seen received;
							       received beyond all that was sent */
};
size_t graph__hole_cnt(const struct graph *graph);
const struct hole *graph__hole(const struct graph *graph, size_t index);

/* A message: one node's burst on one stream, or a connection attempt or its answer. */
enum message_class { MSG_DATA, MSG_CONNECT, MSG_ACCEPT };

/* There are millions of them. */
struct message {
	uint32_t id; /* 0 .. graph__message_cnt - 1, ordered by sent_ns */
	uint32_t stream;	/* number of the stream; two messages of one stream share it */
	uint64_t sent_ns;	/* when the system call returned */
	uint64_t received_ns;	/* first byte taken, never before sent_ns; 0: never */
	uint64_t key;		/* the same message in another run has the same key, see key.h */
	const uint8_t *payload; /* first bytes; NULL where none were recorded */
	uint32_t seq, len;	/* bytes [seq, seq + len); of a datagram which one of its stream, bytes */
	uint32_t step;		/* the run's clock (NOW_*) when it was sent */
	uint16_t src, dst;	/* nodes; NODE_OUTSIDE where that end is not traced */
	uint16_t server_port;	/* of the side that listens */
	uint16_t payload_len;
	enum message_class class : 8;
	enum carrier carrier : 8;
	bool to_server : 1;
	bool delivered : 1;	/* all its bytes were taken */
	bool cut : 1;		/* the injector stopped (part of) it */
};

_Static_assert(sizeof(struct message) == 64, "a message takes 64 bytes");

size_t graph__message_cnt(const struct graph *graph);
const struct message *graph__message(const struct graph *graph, size_t id);

/* Nodes as the trace names them; NULL where there is none. */
size_t graph__node_cnt(const struct graph *graph);
const struct trace_node *graph__node(const struct graph *graph, uint16_t id);
const char *graph__node_name(const struct graph *graph, uint16_t id); /* "outside" for 0 */

/* Log lines, programs begun and ended, signals: by time. Valid as long as the graph. */
const struct happenings *graph__happenings(const struct graph *graph);

/* What the file says of itself (docs/trace-format.md). Borrowed, valid as long as the graph. */
const json_t *graph__meta(const struct graph *graph);

/* The file it was loaded from. */
const char *graph__path(const struct graph *graph);

/* When a phase began and ended (0 where it did not happen) and the code it ended with. */
struct graph_phase {
	uint64_t begin_ns, end_ns;
	int code;
};
struct graph_phase graph__phase(const struct graph *graph, enum phase phase);

/* When the run's clock first stood at @now (NOW_*) or later, as the messages and phases tell. ~0:
 * it never did. */
uint64_t graph__instant(const struct graph *graph, uint32_t now);

/* The latest step of the workload that the clock came to (NOW_*); 0: none. */
uint32_t graph__last_step(const struct graph *graph);

#endif
