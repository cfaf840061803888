// SPDX-License-Identifier: GPL-2.0-only
/*
 * The replicated log of Kafka 0.8 with its membership service. Replicas a, b and c announce
 * themselves to Z once; MEMBER_TICKS later Z tells everyone who is a member and who leads. The
 * leader (a, from the start) sends each write to the members that it knows (all, until Z speaks),
 * again and again until each has acknowledged it, and acknowledges it to the client K when no known
 * member is missing: by itself, if it knows of none but itself. QUORUM is the fix: so many have to
 * have it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

#ifndef QUORUM
#define QUORUM 1
#endif
#define MEMBER_TICKS 2
#define WRITES 8 /* writes are named after the tick in which they were made */

enum { A, B, C, K, Z, NODES };
#define REPLICAS 3

struct state {
	bool has[WRITES];	       /* replicas */
	bool copied[WRITES][REPLICAS]; /* leader: that replica has acknowledged it */
	bool done[WRITES];	       /* leader: the client knows */
	bool owes[WRITES];	       /* followers: an acknowledgement to the leader */
	bool members[REPLICAS];	       /* as far as it knows */
	int leader;
};

static void store(struct node *node, int write)
{
	struct state *state = node->state;

	if (!state->has[write])
		log_line(node, "stores %d", write);
	state->has[write] = true;
}

static void lead(struct node *node, int write)
{
	struct state *state = node->state;
	int copies = 1;
	bool missing = false;

	for (int to = 0; to < REPLICAS; to++) {
		if (to == node->id)
			continue;
		copies += state->copied[write][to];
		if (!state->members[to] || state->copied[write][to])
			continue;
		missing = true;
		send_to(node, to, "copy %d", write);
	}
	if (missing || copies < QUORUM)
		return;
	state->done[write] = true;
	send_to(node, K, "done %d", write);
}

static void be_replica(struct node *node)
{
	struct state *state = node->state;

	if (node->tick == 1) {
		memset(state->members, true, sizeof(state->members));
		send_to(node, Z, "here");
	}
	for (int write = 0; write < WRITES; write++) {
		if (state->owes[write])
			send_to(node, state->leader, "copied %d", write);
		state->owes[write] = false;
		if (state->leader == node->id && state->has[write] && !state->done[write])
			lead(node, write);
	}
}

/* Of those it has heard of, a leads if it is there. */
static void tell_members(struct node *node)
{
	struct state *state = node->state;
	int leader = 0;

	while (leader < REPLICAS - 1 && !state->members[leader])
		leader++;
	for (int to = 0; to < Z; to++)
		send_to(node, to, "members %d %d %d leader %d", state->members[A],
			state->members[B], state->members[C], leader);
}

static void act(struct node *node)
{
	if (node->id == Z && node->tick == 1 + MEMBER_TICKS)
		tell_members(node);
	else if (node->id == K && node->tick >= 2 && node->tick <= 4)
		send_to(node, A, "write %d", node->tick); /* it looked for the leader once */
	else if (node->id < REPLICAS)
		be_replica(node);
}

static void learn_members(struct state *state, const char *text)
{
	int members[REPLICAS];

	if (sscanf(text, "members %d %d %d leader %d", &members[A], &members[B], &members[C],
		   &state->leader) != 4)
		return;
	for (int i = 0; i < REPLICAS; i++)
		state->members[i] = members[i];
}

static void receive(struct node *node, int from, const char *text)
{
	struct state *state = node->state;
	int write = 0;

	if (!strcmp(text, "here"))
		state->members[from] = true;
	else if (!strncmp(text, "members", 7))
		learn_members(state, text);
	else if (sscanf(text, "write %d", &write) == 1)
		store(node, write);
	else if (sscanf(text, "copied %d", &write) == 1)
		state->copied[write][from] = true;
	else if (sscanf(text, "copy %d", &write) == 1)
		store(node, write), state->owes[write] = true;
	else if (sscanf(text, "done %d", &write) == 1)
		log_line(node, "acknowledged %d", write);
}

const struct program program = {
	.names = {"a", "b", "c", "K", "Z"},
	.nodes = NODES,
	.state_bytes = sizeof(struct state),
	.receive = receive,
	.act = act,
};
