// SPDX-License-Identifier: GPL-2.0-only
/*
 * The synod of Paxos: proposers p1 and p2, acceptors a1, a2 and a3. A proposer that has no majority
 * RETRY_TICKS after it began begins again with a higher ballot.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

#define RETRY_TICKS 4
#define MAJORITY 2

enum { P1, P2, A1, A2, A3, NODES };

struct proposer {
	int ballot, began;
	int promises, accepts;
	int value, value_ballot; /* the newest that an acceptor had accepted; else its own */
	bool proposed, decided;
};

struct acceptor {
	int promised;		 /* no ballot below */
	int value, value_ballot; /* accepted; 0: none */
	int prepare, accept;	 /* ballots to be answered in this tick; 0: none */
	int prepared_by, accepted_by;
};

union state {
	struct proposer proposer;
	struct acceptor acceptor;
};

static void send_acceptors(struct node *node, const char *text)
{
	for (int to = A1; to < NODES; to++)
		send_to(node, to, "%s", text);
}

static void begin(struct node *node)
{
	struct proposer *proposer = &((union state *)node->state)->proposer;
	char text[MAX_TEXT];

	proposer->ballot = proposer->ballot ? proposer->ballot + 2 : node->id + 1;
	proposer->began = node->tick;
	proposer->promises = proposer->accepts = proposer->value_ballot = 0;
	proposer->value = node->id + 1;
	proposer->proposed = false;
	snprintf(text, sizeof(text), "prepare %d", proposer->ballot);
	send_acceptors(node, text);
}

static void propose(struct node *node)
{
	struct proposer *proposer = &((union state *)node->state)->proposer;
	char text[MAX_TEXT];

	if (!proposer->ballot ||
	    (!proposer->decided && node->tick >= proposer->began + RETRY_TICKS)) {
		begin(node);
	} else if (!proposer->proposed && proposer->promises >= MAJORITY) {
		proposer->proposed = true;
		snprintf(text, sizeof(text), "accept %d %d", proposer->ballot, proposer->value);
		send_acceptors(node, text);
	}
}

static void take_answer(struct node *node, const char *text)
{
	struct proposer *proposer = &((union state *)node->state)->proposer;
	int ballot, value_ballot, value;

	if (sscanf(text, "promise %d %d %d", &ballot, &value_ballot, &value) == 3) {
		if (ballot != proposer->ballot)
			return;
		proposer->promises++;
		if (value_ballot <= proposer->value_ballot)
			return;
		proposer->value_ballot = value_ballot;
		proposer->value = value;
	} else if (sscanf(text, "accepted %d", &ballot) == 1 && ballot == proposer->ballot) {
		if (++proposer->accepts == MAJORITY && !proposer->decided) {
			proposer->decided = true;
			log_line(node, "decides %d", proposer->value);
		}
	}
}

static void take_request(struct node *node, int from, const char *text)
{
	struct acceptor *acceptor = &((union state *)node->state)->acceptor;
	int ballot, value;

	if (sscanf(text, "prepare %d", &ballot) == 1 && ballot > acceptor->promised) {
		acceptor->promised = acceptor->prepare = ballot;
		acceptor->prepared_by = from;
	} else if (sscanf(text, "accept %d %d", &ballot, &value) == 2 &&
		   ballot >= acceptor->promised) {
		acceptor->promised = acceptor->accept = acceptor->value_ballot = ballot;
		acceptor->value = value;
		acceptor->accepted_by = from;
	}
}

static void answer(struct node *node)
{
	struct acceptor *acceptor = &((union state *)node->state)->acceptor;

	if (acceptor->prepare)
		send_to(node, acceptor->prepared_by, "promise %d %d %d", acceptor->prepare,
			acceptor->value_ballot, acceptor->value);
	if (acceptor->accept)
		send_to(node, acceptor->accepted_by, "accepted %d", acceptor->accept);
	acceptor->prepare = acceptor->accept = 0;
}

static void receive(struct node *node, int from, const char *text)
{
	if (node->id < A1)
		take_answer(node, text);
	else
		take_request(node, from, text);
}

static void act(struct node *node)
{
	if (node->id < A1)
		propose(node);
	else
		answer(node);
}

const struct program program = {
	.names = {"p1", "p2", "a1", "a2", "a3"},
	.nodes = NODES,
	.state_bytes = sizeof(union state),
	.receive = receive,
	.act = act,
};
