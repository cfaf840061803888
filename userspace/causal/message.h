/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From sends to messages: consecutive sends of one thread on one stream with nothing of that thread
 * between them; and a connection's making is two more, the attempt and its answer.
 */
#ifndef CUTSET_CAUSAL_MESSAGE_H
#define CUTSET_CAUSAL_MESSAGE_H

struct graph;

/* Fill graph->messages and notes, and each send record's `message`. 0 or -1 (memory). */
int messages__build(struct graph *graph);

/* After matching: when messages arrived, connection attempts and answers also by which record, and
 * what is delivered. 0 or -1 (memory). */
int messages__deliver(struct graph *graph);

/* Mark what the injector dropped. 0 or -1 (memory). */
int messages__mark_cut(struct graph *graph);

#endif
