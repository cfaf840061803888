// SPDX-License-Identifier: GPL-2.0-only
/* Every node that has p sends it in each tick to those that have not acknowledged it. */
#include <stdbool.h>
#include <string.h>

#include "suite.h"

#define NODES 3

struct state {
	bool has;
	bool owes[NODES];	  /* an acknowledgement, to that node */
	bool acknowledged[NODES]; /* by that node */
};

static void have(struct node *node)
{
	struct state *state = node->state;

	if (!state->has)
		log_line(node, "has p");
	state->has = true;
}

static void receive(struct node *node, int from, const char *text)
{
	struct state *state = node->state;

	if (!strcmp(text, "ack")) {
		state->acknowledged[from] = true;
		return;
	}
	have(node);
	state->owes[from] = true;
}

static void act(struct node *node)
{
	struct state *state = node->state;

	if (node->id == 0)
		have(node);
	for (int to = 0; to < NODES; to++) {
		if (state->owes[to])
			send_to(node, to, "ack");
		state->owes[to] = false;
		if (state->has && to != node->id && !state->acknowledged[to])
			send_to(node, to, "p");
	}
}

const struct program program = {
	.names = {"A", "B", "C"},
	.nodes = NODES,
	.state_bytes = sizeof(struct state),
	.receive = receive,
	.act = act,
};
