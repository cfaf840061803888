// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hadoop's MR-2995: the application's master am counts on a container that rm has nm launch, with
 * one message; nm works for a tick and tells am that it is complete, from then on in each tick.
 * Nobody tells am when nm never began, or is lost.
 */
#include <stdbool.h>

#include "suite.h"

enum { RM, NM, AM, NODES };

struct state {
	int launched; /* nm: in which tick */
	bool complete;
};

static void receive(struct node *node, int from, const char *text)
{
	struct state *state = node->state;

	if (node->id == NM)
		state->launched = node->tick;
	else if (!state->complete)
		log_line(node, "complete");
	state->complete = node->id == AM;
}

static void act(struct node *node)
{
	const struct state *state = node->state;

	if (node->id == AM && node->tick == 1)
		log_line(node, "initialised");
	if (node->id == RM && node->tick == 1)
		send_to(node, NM, "launch");
	if (node->id == NM && state->launched && node->tick > state->launched)
		send_to(node, AM, "complete");
}

const struct program program = {
	.names = {"rm", "nm", "am"},
	.nodes = NODES,
	.state_bytes = sizeof(struct state),
	.receive = receive,
	.act = act,
};
