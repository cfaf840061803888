/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is at the other end of each socket, and which of the two serves. */
#ifndef CUTSET_CAUSAL_FAR_END_H
#define CUTSET_CAUSAL_FAR_END_H

#include "causal/socket.h"

/* After pairing: sets peer_node, is_server and server_port of every socket. 0, or -1: memory is out. */
int far_ends__name(struct sockets *sockets, const struct trace_node *nodes, size_t cnt);

#endif
