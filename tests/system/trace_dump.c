// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a trace holds of TCP, a line a record, through the real reader: trace_dump FILE
 *
 *	S|R LOCAL REMOTE SOCKET TID SYSCALL SEQ_BEGIN BYTES RET FLAGS
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "trace/trace.h"

struct named {
	char text[160];
};

static struct named *sockets;
static size_t socket_cap;

static void print_end(char *text, const uint8_t ip[16], uint16_t port)
{
	char printed[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, ip, printed, sizeof(printed));
	sprintf(text, "%s/%u", printed, port);
}

static int describe(const struct event *event)
{
	uint8_t local[16], remote[16];
	char here[72], there[72];
	size_t had = socket_cap;

	if (grow(&sockets, &socket_cap, event->socket.socket + 1) < 0)
		return -1;
	memset(sockets + had, 0, (socket_cap - had) * sizeof(*sockets));
	if (event->socket.proto != IPPROTO_TCP)
		return 0;
	if (event->socket.family == AF_INET6) {
		memcpy(local, event__payload(event), 16);
		memcpy(remote, event__payload(event) + 16, 16);
	} else {
		trace__map_ipv4(event->socket.local, local);
		trace__map_ipv4(event->socket.remote, remote);
	}
	print_end(here, local, event->socket.local_port);
	print_end(there, remote, event->socket.remote_port);
	snprintf(sockets[event->socket.socket].text, sizeof(sockets->text), "%s %s", here, there);
	return 0;
}

static void print_io(const struct event *event)
{
	uint32_t socket = event->io.socket;
	const char *name = socket < socket_cap ? sockets[socket].text : "";

	if (!*name)
		return;
	printf("%c %s %u %u %u %u %u %d %x\n", event->kind == EV_SEND ? 'S' : 'R',
	       name, socket, event->tid, event->io.syscall,
	       event->io.seq_end - event->io.len, event->io.len, event->io.ret, event->flags);
}

int main(int argc, char **argv)
{
	struct trace_reader *reader;
	const struct event *event;
	struct err err = { 0 };
	int more;

	reader = argc == 2 ? trace_reader__open(argv[1], &err) : NULL;
	if (!reader) {
		fprintf(stderr, "trace_dump: %s\n", argc == 2 ? err.msg : "which file?");
		return 2;
	}
	while ((more = trace_reader__next(reader, &event, &err)) == 1) {
		if (event->kind == EV_SOCKET && describe(event) < 0)
			return 1;
		if ((event->kind == EV_SEND && event->io.ret >= 0) ||
		    (event->kind == EV_RECV && event->io.len))
			print_io(event);
	}
	trace_reader__close(reader);
	free(sockets);
	return more < 0;
}
