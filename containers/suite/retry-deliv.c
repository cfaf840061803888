// SPDX-License-Identifier: GPL-2.0-only
/* A sends p to B and C in each tick; they log it the first time. Nobody relays. */
#include <stdbool.h>

#include "suite.h"

static void receive(struct node *node, int from, const char *text)
{
	bool *has = node->state;

	if (!*has)
		log_line(node, "has %s", text);
	*has = true;
}

static void act(struct node *node)
{
	if (node->id != 0)
		return;
	if (node->tick == 1)
		log_line(node, "has p");
	send_others(node, "p");
}

const struct program program = {
	.names = {"A", "B", "C"},
	.nodes = 3,
	.state_bytes = sizeof(bool),
	.receive = receive,
	.act = act,
};
