// SPDX-License-Identifier: GPL-2.0-only
/* A sends p once to B and C. */
#include "suite.h"

static void receive(struct node *node, int from, const char *text)
{
	log_line(node, "has %s", text);
}

static void act(struct node *node)
{
	if (node->id != 0 || node->tick != 1)
		return;
	log_line(node, "has p");
	send_others(node, "p");
}

const struct program program = {
	.names = {"A", "B", "C"},
	.nodes = 3,
	.receive = receive,
	.act = act,
};
