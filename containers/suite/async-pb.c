// SPDX-License-Identifier: GPL-2.0-only
/*
 * Primary and backups: K writes to a, which sends the write to b and c, once. It acknowledges to K
 * at once, or with SYNC defined when both have confirmed.
 */
#include <stdbool.h>
#include <string.h>

#include "suite.h"

#ifndef SYNC
#define SYNC 0
#endif

enum { A, B, C, K, NODES };

struct state {
	bool has, copied, acknowledged;
	bool owes;	       /* backups: a confirmation */
	bool confirmed[NODES]; /* primary: by that backup */
};

static void store(struct node *node)
{
	struct state *state = node->state;

	if (!state->has)
		log_line(node, "stores w");
	state->has = true;
}

static void receive(struct node *node, int from, const char *text)
{
	struct state *state = node->state;

	if (!strcmp(text, "done")) {
		log_line(node, "acknowledged w");
	} else if (!strcmp(text, "confirm")) {
		state->confirmed[from] = true;
	} else {
		store(node);
		state->owes = true;
	}
}

static void be_primary(struct node *node)
{
	struct state *state = node->state;

	if (!state->has)
		return;
	if (!state->copied) {
		send_to(node, B, "copy");
		send_to(node, C, "copy");
	}
	state->copied = true;
	if (state->acknowledged || (SYNC && !(state->confirmed[B] && state->confirmed[C])))
		return;
	send_to(node, K, "done");
	state->acknowledged = true;
}

static void act(struct node *node)
{
	struct state *state = node->state;

	if (node->id == K && node->tick == 1)
		send_to(node, A, "write");
	else if (node->id == A)
		be_primary(node);
	else if (SYNC && state->owes)
		send_to(node, A, "confirm");
	state->owes = false;
}

const struct program program = {
	.names = {"a", "b", "c", "K"},
	.nodes = NODES,
	.state_bytes = sizeof(struct state),
	.receive = receive,
	.act = act,
};
