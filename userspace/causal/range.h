/* SPDX-License-Identifier: GPL-2.0-only */
/* Ranges of one side of a stream: each system call's bytes, on one 64-bit coordinate. */
#ifndef CUTSET_CAUSAL_RANGE_H
#define CUTSET_CAUSAL_RANGE_H

#include "causal/history.h"

/* A record, and what its range is made of: records of one stream lie far apart in memory. */
struct moved {
	uint32_t record;
	uint32_t message; /* of a send */
	uint32_t seq_end;
	uint32_t units; /* record__units() */
};

struct range {
	uint64_t begin, end;
	uint32_t record;
	uint32_t message; /* of a send */
};

/* In the order of `begin`. */
struct ranges {
	struct range *v;
	size_t cnt, cap;
};

/*
 * The ranges of @list. *@near is a position close to the first one; 0: none is known, and it
 * becomes the first one's. 0 or -1 (memory).
 */
int ranges__collect(struct ranges *ranges, const struct moved *list, size_t cnt, uint64_t *near);

/*
 * A receive that comes upon the FIN with its last bytes moves one position further (tcp_recvmsg:
 * found_fin_ok), and its range lies one too far. Nothing is sent behind a FIN.
 */
void ranges__allow_for_fin(struct ranges *receives, const struct ranges *sends);

/*
 * A receiver may pass over urgent bytes (tcp_recvmsg: urg_hole) or take them out of turn: a short gap
 * in or before what was sent with MSG_OOB belongs to the receive behind it.
 */
void ranges__allow_for_urgent(struct ranges *receives, const struct ranges *sends,
			      const struct history *history);

/*
 * Threads that share a socket may read its position when another has moved it on already: their
 * range lies too far, overlaps another and leaves a gap. Where the ranges of a section add up to
 * exactly its length, they are put one behind the other. Returns how many were moved.
 */
size_t ranges__repair(struct ranges *ranges, const struct history *history);

/* The first gap from range *@at on: true, and *@ret is it (record: of the range behind it). */
bool ranges__gap(const struct ranges *ranges, size_t *at, struct range *ret);

/* The ranges of one side must tile. Returns the number of gaps. */
size_t ranges__gaps(const struct ranges *ranges);

#endif
