// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two-phase commit: K asks a, b and d to prepare, in each tick until it has decided. Each of them
 * votes yes whenever it is asked. A commit is written down in the tick in which the last vote is
 * in, and sent from the next on; an abort needs no record.
 *
 * COORDINATOR_TICKS: K aborts when it has not decided after so many.
 * AGENT_TICKS: one that is in doubt for so long asks the others: who has not prepared aborts and
 * says so, who has decided says what, who is in doubt says nothing.
 */
#include <stdbool.h>
#include <string.h>

#include "suite.h"

#ifndef COORDINATOR_TICKS
#define COORDINATOR_TICKS 0
#endif
#ifndef AGENT_TICKS
#define AGENT_TICKS 0
#endif

enum { K, A, B, D, NODES };
enum decision { NONE, COMMIT, ABORT };
static const char *const words[] = {"none", "commit", "abort"};

struct state {
	bool voted[NODES]; /* K: yes, by that agent */
	int prepared;	   /* agents: in which tick; 0: not yet */
	bool asked;	   /* agents: to vote, since the last tick */
	bool owes[NODES];  /* agents: an answer, to that one */
	enum decision decision;
	int decided; /* in which tick */
};

static void decide(struct node *node, enum decision decision)
{
	struct state *state = node->state;

	if (state->decision != NONE)
		return;
	state->decision = decision;
	state->decided = node->tick;
	log_line(node, "decides %s", words[decision]);
}

static bool all_voted(const struct state *state)
{
	return state->voted[A] && state->voted[B] && state->voted[D];
}

static void coordinate(struct node *node)
{
	struct state *state = node->state;

	if (all_voted(state))
		decide(node, COMMIT);
	else if (COORDINATOR_TICKS && node->tick > COORDINATOR_TICKS)
		decide(node, ABORT);
	if (state->decision == NONE)
		send_others(node, "prepare");
	else if (state->decision == ABORT || node->tick > state->decided)
		send_others(node, words[state->decision]);
}

static void be_asked(struct node *node)
{
	struct state *state = node->state;

	if (!state->prepared && state->decision == NONE) {
		state->prepared = node->tick;
		log_line(node, "prepared");
	}
	state->asked = state->prepared;
}

static void answer(struct node *node, int to)
{
	struct state *state = node->state;

	if (!state->prepared)
		decide(node, ABORT);
	if (state->decision != NONE)
		send_to(node, to, "%s", words[state->decision]);
}

static void be_agent(struct node *node)
{
	struct state *state = node->state;

	if (state->asked)
		send_to(node, K, "yes");
	state->asked = false;
	for (int to = A; to < NODES; to++) {
		if (state->owes[to])
			answer(node, to);
		state->owes[to] = false;
	}
	if (!AGENT_TICKS || !state->prepared || state->decision != NONE ||
	    node->tick < state->prepared + AGENT_TICKS)
		return;
	for (int to = A; to < NODES; to++)
		if (to != node->id)
			send_to(node, to, "decided?");
}

static void receive(struct node *node, int from, const char *text)
{
	struct state *state = node->state;

	if (!strcmp(text, "yes"))
		state->voted[from] = true;
	else if (!strcmp(text, "prepare"))
		be_asked(node);
	else if (!strcmp(text, "decided?"))
		state->owes[from] = true;
	else
		decide(node, strcmp(text, "commit") ? ABORT : COMMIT);
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
