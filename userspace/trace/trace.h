/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace file: what one run looked like, readable later without root and without this machine.
 *
 *	file   = "CUTSETTR" u32 version u32 0, chunk*
 *	chunk  = u32 type  u32 raw_bytes  u32 packed_bytes  u32 crc32(packed)  zlib data
 *	type   = TRACE_META   one JSON object (first chunk): version, kernel, nodes, payload bytes, ...
 *	         TRACE_EVENTS records of bpf/event.h, head and payload, one after the other
 *	         TRACE_LEDGER struct ledger
 *	         TRACE_END    JSON: how the recording ended; a file without it was cut off
 *
 * Little endian. A chunk is written whole or not at all; a reader stops at the first chunk that is
 * incomplete or damaged, keeps what came before and says so.
 */
#ifndef CUTSET_TRACE_H
#define CUTSET_TRACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "../bpf/event.h"

#define TRACE_VERSION 1

/* Writer. Not thread-safe: one thread writes. */
struct trace_writer;

/* Create @path (truncates) and write @meta (borrowed). NULL on error. */
struct trace_writer *trace_writer__open(const char *path, const json_t *meta, struct err *err);

/* Append one record, head and @event->payload_len bytes behind it. Buffered; 0 or -errno of the
 * write that failed (latched: every later call returns it too). */
int trace_writer__add(struct trace_writer *writer, const struct event *event);

/* Write out what is buffered, as a chunk of its own: what a kill -9 then leaves. 0 or -errno. */
int trace_writer__flush(struct trace_writer *writer);

/* Write out what is buffered, the ledger and the end. Frees @writer whatever happens. */
int trace_writer__close(struct trace_writer *writer, const struct ledger *ledger, struct err *err);

/* Reader: streams, one chunk in memory at a time. */
struct trace_reader;

/* What the file says of a node. */
struct trace_node {
	uint16_t id;
	char *name;	/* or its role */
	char *title;	/* for people: "leader (etcd2)", or the name */
	bool client;
	bool proxy;	/* docker-proxy: on the way to a node, and no node of the system */
	bool contained; /* a container: nobody else talks from its addresses */
	uint32_t netns; /* inode of its network namespace; 0: not known */
	uint16_t *listen; /* ports */
	size_t listen_cnt;
	struct trace_address {
		uint8_t ip[16]; /* IPv4 is v4-mapped */
	} *addrs;
	size_t addr_cnt;
	struct trace_program {
		char *path;
		char *build_id; /* "" where it has none */
	} *programs; /* that it ran when the trace began */
	size_t program_cnt;
};

/* v4-mapped form of an IPv4 address: ::ffff:a.b.c.d */
void trace__map_ipv4(const uint8_t ipv4[4], uint8_t ret[16]);

/* NULL on error (EXIT_USAGE): no such file, not a trace, another version, damaged first chunk. */
struct trace_reader *trace_reader__open(const char *path, struct err *err);

/* Borrowed, valid until close. */
const json_t *trace_reader__meta(const struct trace_reader *reader);
const struct trace_node *trace_reader__nodes(const struct trace_reader *reader, size_t *ret_cnt);

/* How big the file is, 0 where that is not known (a pipe). */
uint64_t trace_reader__bytes(const struct trace_reader *reader);

/* The next record, valid until the next call. Returns 1, 0 at the end (also of a file that was cut
 * off), -1 on an error of reading. Every record is checked: kind, node, lengths, bounds. */
int trace_reader__next(struct trace_reader *reader, const struct event **ret, struct err *err);
const uint8_t *event__payload(const struct event *event);

/* After the end: was the file whole, and what does its ledger say (zeroes where it has none)? */
bool trace_reader__whole(const struct trace_reader *reader);
const struct ledger *trace_reader__ledger(const struct trace_reader *reader);

void trace_reader__close(struct trace_reader *reader);

#endif
