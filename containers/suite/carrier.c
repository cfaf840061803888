// SPDX-License-Identifier: GPL-2.0-only
#include "carrier.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "suite.h"

#define FIRST_ADDRESS 11
#define MAX_PENDING 256
#define RESET_NS 2000000000ULL

static struct {
	int self, nodes;
	const char *net;
	int fd; /* the datagram socket, or the one that listens */
} own = {.fd = -1};

/* Connections to which their message has not been written yet. */
static struct {
	int fd;
	char message[MAX_MESSAGE];
} pending[MAX_PENDING];
static int pending_cnt;

/* The connection to each peer; -1: none. */
static struct peer {
	int fd;
	size_t len;
	char bytes[MAX_MESSAGE * 16]; /* received, no whole message yet */
} peers[MAX_SUITE_NODES];

void carrier__init(int self, int nodes, const char *net)
{
	own.self = self;
	own.nodes = nodes;
	own.net = net;
	for (int i = 0; i < MAX_SUITE_NODES; i++)
		peers[i].fd = -1;
}

uint32_t carrier__address(int node)
{
	char text[32];

	snprintf(text, sizeof(text), "%s.%d", own.net, FIRST_ADDRESS + node);
	return inet_addr(text);
}

static struct sockaddr_in end_of(int node)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons(MESSAGE_PORT),
				    .sin_addr.s_addr = carrier__address(node)};
}

static void open_own(int type)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(MESSAGE_PORT)};
	int on = 1;

	own.fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
	if (own.fd < 0 || setsockopt(own.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(own.fd, (struct sockaddr *)&any, sizeof(any)) ||
	    (type == SOCK_STREAM && listen(own.fd, 128)))
		err(1, "cannot listen on port %d", MESSAGE_PORT);
}

/* Without a word to the other end that could wait behind what is lost. */
static void drop(int fd)
{
	const struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

/* -- datagrams -- */

static void udp_collect(void (*take)(char *message))
{
	char message[MAX_MESSAGE];
	ssize_t len;

	while ((len = recv(own.fd, message, sizeof(message) - 1, 0)) >= 0) {
		message[len] = '\0';
		if (take)
			take(message);
	}
}

static int udp_reset(unsigned int run)
{
	if (own.fd < 0)
		open_own(SOCK_DGRAM);
	udp_collect(NULL);
	return 0;
}

static void udp_send(int to, const char *message)
{
	const struct sockaddr_in end = end_of(to);

	if (sendto(own.fd, message, strlen(message), 0, (const struct sockaddr *)&end,
		   sizeof(end)) < 0)
		warn("cannot send to node %d", to);
}

static void udp_finish(uint64_t end_ns)
{
}

/* -- a connection for each message -- */

/* What is written in a tick is sent in that tick, also behind what has not been acknowledged. */
static void send_at_once(int fd)
{
	const int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static int connect_to(int node, int flags)
{
	const struct sockaddr_in end = end_of(node);
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);

	if (fd < 0)
		err(1, "cannot make a socket");
	send_at_once(fd);
	if (!connect(fd, (const struct sockaddr *)&end, sizeof(end)) || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

static void tcp_send(int to, const char *message)
{
	int fd = connect_to(to, SOCK_NONBLOCK);

	if (fd < 0 || pending_cnt == MAX_PENDING)
		errx(1, "cannot connect to node %d", to);
	pending[pending_cnt].fd = fd;
	snprintf(pending[pending_cnt++].message, MAX_MESSAGE, "%s", message);
}

/* Write to those that are connected by now. */
static void write_pending(const struct pollfd *poll)
{
	int left = 0;

	for (int i = 0; i < pending_cnt; i++) {
		if (!poll[i].revents) {
			pending[left++] = pending[i];
			continue;
		}
		if (write(pending[i].fd, pending[i].message, strlen(pending[i].message)) < 0)
			warn("cannot send");
		close(pending[i].fd);
	}
	pending_cnt = left;
}

static void drop_pending(void)
{
	while (pending_cnt)
		drop(pending[--pending_cnt].fd);
}

static void tcp_finish(uint64_t end_ns)
{
	struct pollfd polls[MAX_PENDING];
	uint64_t now_ns;

	while (pending_cnt && (now_ns = clock__now_ns()) < end_ns) {
		struct timespec span = {.tv_nsec = (long)((end_ns - now_ns) % 1000000000)};

		for (int i = 0; i < pending_cnt; i++)
			polls[i] = (struct pollfd){pending[i].fd, POLLOUT, 0};
		if (ppoll(polls, (nfds_t)pending_cnt, &span, NULL) > 0)
			write_pending(polls);
	}
	drop_pending();
}

static void tcp_collect(void (*take)(char *message))
{
	char message[MAX_MESSAGE];
	ssize_t len;
	int fd;

	while ((fd = accept4(own.fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		len = read(fd, message, sizeof(message) - 1);
		close(fd);
		if (len <= 0 || !take)
			continue;
		message[len] = '\0';
		take(message);
	}
}

static int tcp_reset(unsigned int run)
{
	if (own.fd < 0)
		open_own(SOCK_STREAM);
	drop_pending();
	tcp_collect(NULL);
	return 0;
}

/* -- one connection to each peer; the node with the lower number makes it -- */

static void stream_send(int to, const char *message)
{
	if (peers[to].fd >= 0 && write(peers[to].fd, message, strlen(message)) < 0)
		warn("cannot send to node %d", to);
}

static void take_lines(struct peer *peer, void (*take)(char *message))
{
	char *line = peer->bytes, *end;

	peer->bytes[peer->len] = '\0';
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		take(line);
	}
	peer->len -= (size_t)(line - peer->bytes);
	memmove(peer->bytes, line, peer->len);
}

static void stream_collect(void (*take)(char *message))
{
	for (int i = 0; i < own.nodes; i++) {
		struct peer *peer = &peers[i];
		ssize_t len;

		while (peer->fd >= 0 && (len = read(peer->fd, peer->bytes + peer->len,
						    sizeof(peer->bytes) - 1 - peer->len)) > 0) {
			peer->len += (size_t)len;
			take_lines(peer, take);
		}
	}
}

/* A connection says whose it is, and for which run. */
static void accept_peer(unsigned int run)
{
	struct pollfd poll_own = {own.fd, POLLIN, 0};
	char hello[MAX_MESSAGE];
	unsigned int their_run, node;
	size_t len = 0;
	int fd;

	if (poll(&poll_own, 1, 100) <= 0)
		return;
	fd = accept4(own.fd, NULL, NULL, 0);
	while (fd >= 0 && len < sizeof(hello) - 1 && read(fd, hello + len, 1) == 1 &&
	       hello[len++] != '\n')
		;
	hello[len] = '\0';
	if (sscanf(hello, "%u %u", &their_run, &node) != 2 || their_run != run ||
	    node >= (unsigned int)own.self) {
		close(fd);
		return;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	send_at_once(fd);
	peers[node].fd = fd;
}

static int meet(int node, unsigned int run)
{
	char hello[MAX_MESSAGE];

	peers[node].fd = connect_to(node, 0);
	if (peers[node].fd < 0)
		return -1;
	snprintf(hello, sizeof(hello), "%u %d\n", run, own.self);
	stream_send(node, hello);
	fcntl(peers[node].fd, F_SETFL, O_NONBLOCK);
	return 0;
}

static bool all_met(void)
{
	for (int i = 0; i < own.self; i++)
		if (peers[i].fd < 0)
			return false;
	return true;
}

static int stream_reset(unsigned int run)
{
	uint64_t end_ns = clock__now_ns() + RESET_NS;

	if (own.fd < 0)
		open_own(SOCK_STREAM);
	for (int i = 0; i < own.nodes; i++) {
		if (peers[i].fd >= 0)
			drop(peers[i].fd);
		peers[i].fd = -1;
		peers[i].len = 0;
	}
	for (int i = own.self + 1; i < own.nodes; i++)
		if (meet(i, run))
			return -1;
	while (!all_met()) {
		if (clock__now_ns() > end_ns)
			return -1;
		accept_peer(run);
	}
	return 0;
}

static const struct carrier carriers[] = {
	{"udp", udp_reset, udp_send, udp_finish, udp_collect},
	{"tcp", tcp_reset, tcp_send, tcp_finish, tcp_collect},
	{"stream", stream_reset, stream_send, udp_finish, stream_collect},
};

const struct carrier *carrier__find(const char *name)
{
	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++)
		if (!strcmp(carriers[i].name, name))
			return &carriers[i];
	return NULL;
}
