// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the graph lays each send and receive of a trace, a line each, in the order of time:
 * torture_match FILE
 *
 *	S|R CARRIER SOCKET PEER TID BEGIN END
 *
 * [BEGIN, END): which bytes, or of datagrams which one, of all that SOCKET, or for a receive its PEER, sent.
 */
#include <stdio.h>

#include "causal/inside.h"

static void print(const struct graph *graph, const struct record *record)
{
	const struct sock *sock = &graph->history.sockets.v[record->socket];
	uint32_t units = record__units(record, sock);

	if ((record->kind != EV_SEND && record->kind != EV_RECV) || !units)
		return;
	printf("%c %u %u %d %u %u %u\n", record->kind == EV_SEND ? 'S' : 'R', sock->carrier,
	       record->socket, sock->peer == NONE ? -1 : (int)sock->peer,
	       graph->history.threads[record->thread].tid, record->seq_end - units, record->seq_end);
}

int main(int argc, char **argv)
{
	struct err err = { 0 };
	struct graph *graph = argc == 2 ? graph__load(argv[1], &err) : NULL;

	if (!graph) {
		fprintf(stderr, "torture_match: %s\n", argc == 2 ? err.msg : "which file?");
		return 2;
	}
	for (size_t i = 0; i < graph->history.record_cnt; i++)
		print(graph, &graph->history.records[i]);
	graph__free(graph);
	return 0;
}
