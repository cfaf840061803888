// SPDX-License-Identifier: GPL-2.0-only
/* Every node that has p sends it to all others in each tick. */
#include <stdbool.h>

#include "suite.h"

static void have(struct node *node)
{
	bool *has = node->state;

	if (!*has)
		log_line(node, "has p");
	*has = true;
}

static void receive(struct node *node, int from, const char *text)
{
	have(node);
}

static void act(struct node *node)
{
	bool *has = node->state;

	if (node->id == 0)
		have(node);
	if (*has)
		send_others(node, "p");
}

const struct program program = {
	.names = {"A", "B", "C"},
	.nodes = 3,
	.state_bytes = sizeof(bool),
	.receive = receive,
	.act = act,
};
