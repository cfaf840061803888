// SPDX-License-Identifier: GPL-2.0-only
#include "causal/far_end.h"

#include <string.h>

#include "causal/graph.h"
#include "causal/intern.h"

static bool has_address(const struct trace_node *node, const uint8_t ip[16])
{
	for (size_t i = 0; i < node->addr_cnt; i++)
		if (!memcmp(node->addrs[i].ip, ip, 16))
			return true;
	return false;
}

/* Who answered where, of all connections whose ends were seen. */
static uint64_t service_key(uint32_t netns, uint8_t carrier, uint16_t port)
{
	return (uint64_t)netns << 32 | (uint64_t)carrier << 16 | port;
}

static int note_services(const struct sockets *sockets, struct intern *services)
{
	for (size_t i = 0; i < sockets->cnt; i++) {
		const struct sock *sock = &sockets->v[i];
		uint32_t *slot;

		if (sock->peer == NONE || !sock->is_server || sock->carrier > CARRIER_UDP)
			continue;
		slot = intern__slot(services,
				    service_key(sock->netns, sock->carrier, sock->local_port));
		if (!slot)
			return -1;
		*slot = sock->node;
	}
	return 0;
}

static uint16_t node_serving(const struct intern *services, uint32_t netns, const struct sock *sock)
{
	uint32_t node = intern__get(services, service_key(netns, sock->carrier, sock->remote_port));

	return node == NONE ? NODE_OUTSIDE : node;
}

/* Where nodes share a network namespace the address does not tell, who serves there does. */
static uint16_t node_beyond(const struct sock *sock, const struct intern *services,
			    const struct trace_node *nodes, size_t cnt)
{
	const struct trace_node *first = NULL;

	if (sockets__is_loopback(sock->remote))
		return node_serving(services, sock->netns, sock);
	for (size_t i = 0; i < cnt; i++) {
		if (!has_address(&nodes[i], sock->remote))
			continue;
		if (first)
			return node_serving(services, first->netns, sock);
		first = &nodes[i];
	}
	return first ? first->id : NODE_OUTSIDE;
}

static bool listens(uint16_t node, uint16_t port, const struct trace_node *nodes, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		for (size_t k = 0; nodes[i].id == node && k < nodes[i].listen_cnt; k++)
			if (nodes[i].listen[k] == port)
				return true;
	return false;
}

/* Where the other end is, as it says itself: on the way its address may be translated. */
static uint16_t far_port(const struct sock *sock, const struct sock *peer)
{
	return peer && sock->carrier == CARRIER_TCP ? peer->local_port : sock->remote_port;
}

/* Where this end is, as the other one sees it: asked at port 53, Docker's resolver is elsewhere. */
static uint16_t near_port(const struct sock *sock, const struct sock *peer)
{
	return peer && sock->carrier == CARRIER_UDP && peer->remote_port ? peer->remote_port :
									    sock->local_port;
}

/* Who listened: what was seen, else what the nodes listen on, else the lower port. */
static bool is_server(const struct sock *sock, const struct sock *peer,
		      const struct trace_node *nodes, size_t cnt)
{
	bool here, there;

	if (sock->connected || sock->accepted)
		return sock->accepted;
	if (sock->carrier > CARRIER_UDP)
		return sock->path;
	if (peer && (peer->connected || peer->accepted))
		return peer->connected;
	here = listens(sock->node, sock->local_port, nodes, cnt);
	there = listens(sock->peer_node, far_port(sock, peer), nodes, cnt);
	if (here != there)
		return here;
	return near_port(sock, peer) < far_port(sock, peer);
}

static void name_end(struct sockets *sockets, struct sock *sock, uint16_t peer_node,
		     const struct trace_node *nodes, size_t cnt)
{
	const struct sock *peer = sock->peer != NONE ? &sockets->v[sock->peer] : NULL;

	sock->peer_node = peer_node;
	sock->is_server = is_server(sock, peer, nodes, cnt);
	sock->server_port = sock->is_server ? near_port(sock, peer) : far_port(sock, peer);
}

int far_ends__name(struct sockets *sockets, const struct trace_node *nodes, size_t cnt)
{
	struct intern services = { 0 };
	int failed;

	/* those first whose other ends were seen: they tell who serves where */
	for (size_t i = 0; i < sockets->cnt; i++) {
		struct sock *sock = &sockets->v[i];

		if (sock->peer != NONE)
			name_end(sockets, sock, sockets->v[sock->peer].node, nodes, cnt);
	}
	failed = note_services(sockets, &services);
	for (size_t i = 0; i < sockets->cnt && !failed; i++) {
		struct sock *sock = &sockets->v[i];

		if (sock->peer == NONE)
			name_end(sockets, sock,
				 sock->carrier > CARRIER_UDP ?
					 NODE_OUTSIDE :
					 node_beyond(sock, &services, nodes, cnt),
				 nodes, cnt);
	}
	intern__free(&services);
	return failed;
}
