/* SPDX-License-Identifier: GPL-2.0-only */
/* What writer and reader of the trace file agree on; drawn in trace.h and docs/trace-format.md. */
#ifndef CUTSET_TRACE_FORMAT_H
#define CUTSET_TRACE_FORMAT_H

#include <endian.h>
#include <stdint.h>

#define TRACE_MAGIC "CUTSETTR"
#define TRACE_MAGIC_BYTES 8

/* What a writer packs into one chunk, and the most that a reader takes from a stranger's. */
#define TRACE_CHUNK_BYTES (256U << 10)
#define TRACE_CHUNK_MAX (16U << 20)
#define TRACE_META_MAX (1U << 20)

enum trace_chunk_type {
	TRACE_META = 1,
	TRACE_EVENTS = 2,
	TRACE_LEDGER = 3,
	TRACE_END = 4,
};

/* Little endian on disk. */
struct trace_file_head {
	char magic[TRACE_MAGIC_BYTES];
	uint32_t version;
	uint32_t zero;
};

struct trace_chunk_head {
	uint32_t type;
	uint32_t raw_bytes;
	uint32_t packed_bytes;
	uint32_t crc; /* of the packed bytes */
};

_Static_assert(sizeof(struct trace_file_head) == 16, "the file's head is 16 bytes");
_Static_assert(sizeof(struct trace_chunk_head) == 16, "a chunk's head is 16 bytes");

#endif
