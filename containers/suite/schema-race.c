// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cassandra's CA-2083: a new schema goes from n1 to n2, then data that needs it, one attempt each.
 * Nothing tells n2 to wait.
 */
#include "suite.h"

static void receive(struct node *node, int from, const char *text)
{
	log_line(node, "has %s", text);
}

static void act(struct node *node)
{
	if (node->id == 0 && node->tick == 1)
		send_to(node, 1, "schema");
	if (node->id == 0 && node->tick == 2)
		send_to(node, 1, "data");
}

const struct program program = {
	.names = {"n1", "n2"},
	.nodes = 2,
	.receive = receive,
	.act = act,
};
