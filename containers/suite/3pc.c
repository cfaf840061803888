// SPDX-License-Identifier: GPL-2.0-only
/*
 * Three-phase commit: K sends canCommit, gets votes, sends preCommit, gets acknowledgements, sends
 * commit. K aborts COORDINATOR_TICKS after the start when an answer is missing, and says so in each
 * tick. Agents wait AGENT_TICKS from canCommit, and from preCommit again: before preCommit they
 * abort then, after it they commit.
 */
#include <stdbool.h>
#include <string.h>

#include "suite.h"

#define COORDINATOR_TICKS 5
#define AGENT_TICKS 4

enum { K, A, B, D, NODES };
enum phase { IDLE, CAN_COMMIT, PRE_COMMIT, COMMITTED, ABORTED };

struct state {
	enum phase phase;
	int since;	      /* agents: in which tick their timer began */
	bool answered[NODES]; /* K: in this phase, by that agent */
	const char *answer;   /* agents: due; NULL: none */
};

static void decide(struct node *node, enum phase phase)
{
	struct state *state = node->state;

	if (state->phase == COMMITTED || state->phase == ABORTED)
		return;
	state->phase = phase;
	log_line(node, "decides %s", phase == COMMITTED ? "commit" : "abort");
}

static bool all_answered(struct state *state)
{
	if (!state->answered[A] || !state->answered[B] || !state->answered[D])
		return false;
	memset(state->answered, 0, sizeof(state->answered));
	return true;
}

static void coordinate(struct node *node)
{
	struct state *state = node->state;

	if (node->tick == 1) {
		state->phase = CAN_COMMIT;
		send_others(node, "canCommit");
	} else if (state->phase == CAN_COMMIT && all_answered(state)) {
		state->phase = PRE_COMMIT;
		send_others(node, "preCommit");
	} else if (state->phase == PRE_COMMIT && all_answered(state)) {
		decide(node, COMMITTED);
		send_others(node, "commit");
	} else if (node->tick > COORDINATOR_TICKS) {
		decide(node, ABORTED);
	}
	if (state->phase == ABORTED)
		send_others(node, "abort");
}

static void be_agent(struct node *node)
{
	struct state *state = node->state;

	if (state->answer)
		send_to(node, K, "%s", state->answer);
	state->answer = NULL;
	if (state->since && node->tick >= state->since + AGENT_TICKS)
		decide(node, state->phase == PRE_COMMIT ? COMMITTED : ABORTED);
}

static void enter(struct node *node, enum phase phase, const char *answer)
{
	struct state *state = node->state;

	if (state->phase >= phase)
		return;
	state->phase = phase;
	state->since = node->tick - 1; /* when it was sent */
	state->answer = answer;
}

static void receive(struct node *node, int from, const char *text)
{
	struct state *state = node->state;

	if (node->id == K)
		state->answered[from] = true;
	else if (!strcmp(text, "canCommit"))
		enter(node, CAN_COMMIT, "yes");
	else if (!strcmp(text, "preCommit"))
		enter(node, PRE_COMMIT, "ack");
	else
		decide(node, strcmp(text, "commit") ? ABORTED : COMMITTED);
}

static void act(struct node *node)
{
	if (node->id == K)
		coordinate(node);
	else
		be_agent(node);
}

const struct program program = {
	.names = {"K", "a", "b", "d"},
	.nodes = NODES,
	.state_bytes = sizeof(struct state),
	.receive = receive,
	.act = act,
};
