/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sockets of a trace, and which two of them are the ends of one connection: those whose
 * 4-tuples are each other's reverse. A 4-tuple that is used again is told apart by time and by
 * sequence numbers; two numbers for one socket are made one. Where addresses are translated: nat.h.
 */
#ifndef CUTSET_CAUSAL_SOCKET_H
#define CUTSET_CAUSAL_SOCKET_H

#include <stdbool.h>

#include "causal/intern.h"
#include "../bpf/event.h"

struct history;
struct trace_node;

/* Bytes of one direction that one end saw; 32-bit positions, valid where `seen`. */
struct extent {
	bool seen;
	uint32_t begin, end;
};

struct sock {
	uint8_t local[16], remote[16]; /* IPv4 is v4-mapped; of other carriers the ends' names */
	uint16_t local_port, remote_port;
	uint32_t netns;
	uint8_t carrier;	       /* enum carrier */
	bool datagram;		       /* its unit is a datagram, not a byte */
	bool described;
	uint32_t inode, peer_inode;    /* of a unix socket's ends; 0: not known */
	uint64_t path, remote_path;    /* hashes of it, and of the path it sends to; 0: none */
	bool connected, accepted; /* its connection was made here, within the trace */
	uint16_t node;		  /* of its first record */
	uint32_t same_as;	  /* an earlier number of the same socket; NONE */
	uint32_t peer;		  /* the connection's other end; NONE where it was not seen */
	uint32_t first_record, last_record; /* NONE: never used */
	struct extent sent, received;
	uint32_t strays;		  /* datagrams that nobody is known to have sent */
	bool strays_traced;		  /* but their sender is traced */

	/* what follows from the above, and from what the trace says of nodes */
	uint16_t peer_node;	/* NODE_OUTSIDE where no traced node is known there */
	uint16_t server_port;
	bool is_server;		/* this end listened */
};

struct sockets {
	struct sock *v;
	size_t cnt, cap;
	struct intern by_number;
};

/* The socket with this number, described or not yet. NONE: memory is out. */
uint32_t sockets__by_number(struct sockets *sockets, uint32_t number);

/* Take in an EV_SOCKET. 0 or -1. */
int sockets__describe(struct sockets *sockets, const struct event *event);

/* A further socket like @index, without a partner: one that has several. NONE: memory is out. */
uint32_t sockets__copy(struct sockets *sockets, uint32_t index);

bool sockets__is_loopback(const uint8_t ip[16]);

/* Were they there at the same time, as far as the ends of one connection are seen? */
bool sockets__coexist(const struct history *history, const struct sock *a, const struct sock *b);

/* After everything was read: merge, pair, and name both ends' nodes and the server. Rewrites the
 * records' sockets to the merged ones, and gives datagrams their positions. 0 or -1. */
int sockets__resolve(struct history *history, const struct trace_node *nodes, size_t node_cnt);

void sockets__free(struct sockets *sockets);

#endif
