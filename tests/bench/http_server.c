// SPDX-License-Identifier: GPL-2.0-only
/*
 * A web server as nginx's worker is one: a thread, epoll, keep-alive, recv and writev, one page of
 * the size of nginx's own first page. Usage: http_server PORT
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "http.h"

#define PAGE_BYTES 615
#define EVENTS 64

static const char head[] = "HTTP/1.1 200 OK\r\n"
			   "Server: bench\r\n"
			   "Content-Type: text/html\r\n"
			   "Content-Length: 615\r\n"
			   "Connection: keep-alive\r\n"
			   "\r\n";
static char page[PAGE_BYTES];

_Static_assert(sizeof(head) - 1 + PAGE_BYTES == HTTP_ANSWER_BYTES, "load waits for so many bytes");

static int listen_on(int port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 511))
		err(1, "port %d", port);
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

static void take(int epoll, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	watch(epoll, fd);
}

/* A request is one segment here, and an answer fits into the socket's buffer: the client waits for
 * it. */
static void serve(int fd)
{
	struct iovec iov[] = {{(void *)head, sizeof(head) - 1}, {page, sizeof(page)}};
	char request[1024];
	ssize_t n = recv(fd, request, sizeof(request), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || writev(fd, iov, 2) != (ssize_t)(iov[0].iov_len + iov[1].iov_len))
		close(fd);
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(EPOLL_CLOEXEC), listener;

	if (argc != 2 || epoll < 0)
		errx(2, "usage: http_server PORT");
	memset(page, 'x', sizeof(page));
	listener = listen_on(atoi(argv[1]));
	watch(epoll, listener);
	for (;;) {
		int cnt = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < cnt; i++)
			if (events[i].data.fd == listener)
				take(epoll, listener);
			else
				serve(events[i].data.fd);
	}
}
