/* SPDX-License-Identifier: GPL-2.0-only */
/* What a graph is made of; for the files of this folder only. */
#ifndef CUTSET_CAUSAL_INSIDE_H
#define CUTSET_CAUSAL_INSIDE_H

#include "causal/graph.h"
#include "causal/history.h"
#include "causal/stream.h"
#include "causal/token.h"

/* Beside each message, what only this folder needs. */
struct message_note {
	uint32_t sent;	   /* record: its first send */
	uint32_t received; /* record: its first receive; NONE */
	uint32_t taken;	   /* bytes of it that were received */
	uint32_t class;	   /* index into classes */
};

/* Messages that look alike: the same link, port, direction, skeleton and length class. */
struct message_class_info {
	uint64_t hash; /* the same in other traces */
	uint64_t way;  /* what of it is no matter of skeleton and length, see key.h */
	uint32_t cnt;
	uint32_t idle;	/* how many of them at rest */
	uint32_t first; /* message */
};

struct graph {
	char *path;
	struct trace_reader *reader; /* at its end; owns the nodes */
	const struct trace_node *nodes;
	size_t node_cnt;
	struct history history;

	struct message *messages;
	struct message_note *notes;
	size_t message_cnt;

	struct message_class_info *classes;
	size_t class_cnt, class_cap;
	struct tokens tokens;

	bool has_steps; /* there is a workload: what came before was idle */
	bool *holed; /* for each socket: its outgoing stream has a hole */
	struct hole *holes;
	size_t hole_cnt, hole_cap;
	bool holed_unseen; /* so has a stream whose sender's socket never showed up */
	bool undescribed;  /* bytes moved on a socket of which the trace does not say what it is */
	struct stream_counts counts;
};

/* Was it sent before the workload? Never true for a trace without phases and steps. */
bool graph__is_idle(const struct graph *graph, const struct message *message);

/* And by itself: not at the beginning, when what the reset did may still be heard. */
bool graph__is_at_rest(const struct graph *graph, const struct message *message);

#endif
