// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks a server on many connections, one request at a time on each: as fast as it answers, or at a
 * fixed rate. A request's latency counts from when it was due, also where no connection was free
 *then.
 *
 *	load http|redis PORT CONNECTIONS RATE SECONDS		RATE 0: as fast as it answers
 *	{"rate": 31250.5, "p50_us": 31.2, "p99_us": 90.1}
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/units.h"
#include "http.h"

#define MAX_CONNS 256
#define MAX_LATENCIES (8 << 20)

static const struct protocol {
	const char *name, *request;
	size_t answer_bytes;
} protocols[] = {
	{"http", "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: load\r\n\r\n",
	 HTTP_ANSWER_BYTES},
	{"redis", "*3\r\n$3\r\nSET\r\n$16\r\nkey:__rand_int__\r\n$3\r\nxxx\r\n", 5},
};

struct conn {
	int fd;
	size_t awaited; /* bytes of the answer that are still to come */
	uint64_t due_ns;
};

static struct conn conns[MAX_CONNS];
static int idle[MAX_CONNS], idle_cnt; /* places in conns */
static uint32_t *latencies_ns;
static size_t answers;

static void ask(const struct protocol *protocol, int at, uint64_t due_ns)
{
	size_t bytes = strlen(protocol->request);

	conns[at].due_ns = due_ns;
	conns[at].awaited = protocol->answer_bytes;
	if (send(conns[at].fd, protocol->request, bytes, 0) != (ssize_t)bytes)
		err(1, "send");
}

/* The connection is free again when the whole answer is there. */
static void hear(int at)
{
	struct conn *conn = &conns[at];
	char answer[1024];
	ssize_t n = recv(conn->fd, answer, sizeof(answer), 0);
	uint64_t span_ns;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || (size_t)n > conn->awaited)
		errx(1, "an answer of another length: %zd", n);
	conn->awaited -= n;
	if (conn->awaited)
		return;
	span_ns = units__now_ns() - conn->due_ns;
	if (answers < MAX_LATENCIES)
		latencies_ns[answers] = span_ns < UINT32_MAX ? span_ns : UINT32_MAX;
	answers++;
	idle[idle_cnt++] = at;
}

static void open_conns(int epoll, int port, int cnt)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	for (int i = 0; i < cnt; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
		int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

		if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
		    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) ||
		    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
			err(1, "port %d", port);
		conns[i].fd = fd;
		idle[idle_cnt++] = i;
	}
}

static void run(const struct protocol *protocol, int epoll, double rate, uint64_t begin_ns,
		uint64_t end_ns)
{
	struct epoll_event events[64];
	uint64_t asked = 0, now_ns;

	while ((now_ns = units__now_ns()) < end_ns) {
		uint64_t due_ns = begin_ns;
		struct timespec wait = {.tv_nsec = 1000000};
		int cnt;

		while (idle_cnt) {
			due_ns = rate ? begin_ns + (uint64_t)(asked / rate * 1e9) : now_ns;
			if (due_ns > now_ns)
				break;
			ask(protocol, idle[--idle_cnt], due_ns);
			asked++;
		}
		if (due_ns > now_ns && due_ns - now_ns < 1000000)
			wait.tv_nsec = due_ns - now_ns;
		cnt = epoll_pwait2(epoll, events, 64, &wait, NULL);
		for (int i = 0; i < cnt; i++)
			hear(events[i].data.u32);
	}
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double percentile_us(size_t cnt, double part)
{
	return cnt ? latencies_ns[(size_t)((cnt - 1) * part)] / 1e3 : 0;
}

int main(int argc, char **argv)
{
	const struct protocol *protocol = &protocols[argc > 1 && !strcmp(argv[1], "redis")];
	int epoll = epoll_create1(0), cnt = argc > 3 ? atoi(argv[3]) : 0;
	uint64_t begin_ns, end_ns;
	double seconds;
	size_t kept;

	if (argc != 6 || strcmp(argv[1], protocol->name) || cnt < 1 || cnt > MAX_CONNS)
		errx(2, "usage: load http|redis PORT CONNECTIONS RATE SECONDS");
	latencies_ns = malloc(MAX_LATENCIES * sizeof(*latencies_ns));
	if (!latencies_ns || epoll < 0)
		err(1, "load");
	prctl(PR_SET_TIMERSLACK, 1);
	open_conns(epoll, atoi(argv[2]), cnt);
	seconds = atof(argv[5]);
	begin_ns = units__now_ns();
	end_ns = begin_ns + (uint64_t)(seconds * 1e9);
	run(protocol, epoll, atof(argv[4]), begin_ns, end_ns);
	kept = answers < MAX_LATENCIES ? answers : MAX_LATENCIES;
	qsort(latencies_ns, kept, sizeof(*latencies_ns), by_size);
	printf("{\"rate\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n", answers / seconds,
	       percentile_us(kept, .5), percentile_us(kept, .99));
	return !answers;
}
