/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Process edges: which earlier input of a node led to a message, and how sure that is. Only the
 * likely ones; that everything received before may have led to it is lineage.c's floor.
 */
#ifndef CUTSET_CAUSAL_CAUSE_H
#define CUTSET_CAUSAL_CAUSE_H

#include "causal/evidence.h"
#include "causal/inbox.h"

#define CAUSES_MAX 256

struct cause {
	uint32_t message;
	float confidence;
};

struct causes {
	struct cause v[CAUSES_MAX];
	size_t cnt;
};

/* What looking for causes needs besides the graph; made once for a search. */
struct cause_finder {
	const struct graph *graph;
	const struct evidence *evidence; /* may be NULL */
	struct inboxes inboxes;
	float *factor;	     /* class: what evidence__factor says */
	uint32_t *handshake; /* socket: the message that let its owner send; NONE */
	uint32_t *previous;  /* message: the one before it on its stream; NONE */
	uint32_t *turn;	     /* record: how many sends there were on its socket by then */
	uint64_t clients;    /* nodes, as bits */
};

/* 0 or -1 (memory); free in either case. */
int cause_finder__init(struct cause_finder *finder, const struct graph *graph,
		       const struct evidence *evidence);
void cause_finder__free(struct cause_finder *finder);

/* The likely causes of message @id; one message may be listed more than once. */
void causes__of(const struct cause_finder *finder, uint32_t id, struct causes *ret);

/*
 * What a client did at @record (of @now), or its end there, rested on: what it received in the same
 * phase, the last answer on the last connection most.
 */
void causes__of_client(const struct cause_finder *finder, uint16_t node, uint32_t record,
		       uint32_t now, struct causes *ret);

/* What a line that a node logged rested on. Returns the record from which on nothing can have led to it. */
uint32_t causes__of_line(const struct cause_finder *finder, const struct happening *line,
			 struct causes *ret);

/* 0 idle, 1 workload, 2 check; a trace without steps is all workload. */
int phase_of_step(const struct graph *graph, uint32_t now);

#endif
