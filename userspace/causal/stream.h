/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Streams: what one socket sends and the other end receives, matched byte by byte. One coordinate
 * for both ends: TCP's own sequence number, extended to 64 bits here.
 */
#ifndef CUTSET_CAUSAL_STREAM_H
#define CUTSET_CAUSAL_STREAM_H

#include "causal/history.h"

struct graph;

struct stream_counts {
	uint32_t streams;
	uint64_t receives; /* that took bytes */
	uint64_t matched;
	uint64_t early;	   /* took bytes that were sent before tracing began; not among receives */
	uint64_t holes;
	uint64_t repaired; /* ranges of threads that shared a socket, put right */
	uint32_t shared;   /* streams, see graph.h */
};

/*
 * Match every stream of @graph: fills in which receive took which message (inside.h), marks streams
 * with holes, and counts. @ret counts streams with both ends on traced nodes. 0 or -1 (memory).
 */
int streams__match(struct graph *graph, struct stream_counts *ret);

#endif
