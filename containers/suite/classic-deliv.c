// SPDX-License-Identifier: GPL-2.0-only
/* Whoever receives p logs it and relays it to all others, once for each time that it came. */
#include <stdbool.h>

#include "suite.h"

struct state {
	bool has;
	int relays; /* due */
};

static void have(struct node *node)
{
	struct state *state = node->state;

	if (!state->has)
		log_line(node, "has p");
	state->has = true;
	state->relays++;
}

static void receive(struct node *node, int from, const char *text)
{
	have(node);
}

static void act(struct node *node)
{
	struct state *state = node->state;

	if (node->id == 0 && node->tick == 1)
		have(node);
	for (; state->relays; state->relays--)
		send_others(node, "p");
}

const struct program program = {
	.names = {"A", "B", "C"},
	.nodes = 3,
	.state_bytes = sizeof(struct state),
	.receive = receive,
	.act = act,
};
