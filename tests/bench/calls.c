// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls in a row, by one thread or by many.
 *
 *	calls KIND N				prints the nanoseconds of one call
 *	calls KIND THREADS RATE SECONDS		prints the calls a second; RATE 0: as fast as it
 *goes
 *
 * KIND: getppid, which is of no interest to a tracer; tcp or pipe, a write of 64 bytes and their
 *read in turn.
 */
#include <err.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/units.h"

#define BYTES 64
#define BATCH 64 /* calls between two looks at the clock */

struct caller {
	pthread_t thread;
	bool moves;
	int in, out;
	double rate;
	uint64_t end_ns;
	uint64_t cnt;
};

static void tcp_pair(int *ret_in, int *ret_out)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	*ret_out = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&addr, len) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&addr, &len) ||
	    connect(*ret_out, (struct sockaddr *)&addr, len))
		err(1, "tcp");
	*ret_in = accept(listener, NULL, NULL);
	close(listener);
}

static void open_channel(struct caller *caller, const char *kind)
{
	int fds[2];

	caller->moves = strcmp(kind, "getppid");
	if (!strcmp(kind, "tcp")) {
		tcp_pair(&caller->in, &caller->out);
	} else if (!strcmp(kind, "pipe")) {
		if (pipe(fds))
			err(1, "pipe");
		caller->in = fds[0];
		caller->out = fds[1];
	} else if (caller->moves) {
		errx(2, "calls of which kind? getppid, tcp or pipe");
	}
}

static void call(struct caller *caller, uint64_t cnt)
{
	char bytes[BYTES] = {0};

	caller->cnt += cnt;
	if (!caller->moves) {
		while (cnt--)
			syscall(SYS_getppid);
		return;
	}
	for (cnt /= 2; cnt--;)
		if (write(caller->out, bytes, BYTES) != BYTES ||
		    read(caller->in, bytes, BYTES) != BYTES)
			err(1, "a call failed");
}

static void *call_at_rate(void *arg)
{
	struct caller *caller = arg;
	uint64_t begin_ns = units__now_ns(), now_ns;

	while ((now_ns = units__now_ns()) < caller->end_ns) {
		uint64_t due_ns =
			caller->rate ? begin_ns + (uint64_t)(caller->cnt / caller->rate * 1e9) : 0;

		if (due_ns > now_ns)
			usleep((due_ns - now_ns) / 1000 + 1);
		else
			call(caller, BATCH);
	}
	return NULL;
}

static double many(const char *kind, int threads, double rate, double seconds)
{
	struct caller *callers = calloc(threads, sizeof(*callers));
	uint64_t end_ns = units__now_ns() + (uint64_t)(seconds * 1e9), cnt = 0;

	for (int i = 0; i < threads; i++) {
		open_channel(&callers[i], kind);
		callers[i].rate = rate / threads;
		callers[i].end_ns = end_ns;
		if (pthread_create(&callers[i].thread, NULL, call_at_rate, &callers[i]))
			errx(1, "too many threads");
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(callers[i].thread, NULL);
		cnt += callers[i].cnt;
	}
	free(callers);
	return cnt / seconds;
}

static double in_a_row(const char *kind, uint64_t cnt)
{
	struct caller caller = {0};
	uint64_t begin_ns;

	open_channel(&caller, kind);
	call(&caller, BATCH);
	begin_ns = units__now_ns();
	call(&caller, cnt);
	return (double)(units__now_ns() - begin_ns) / cnt;
}

int main(int argc, char **argv)
{
	if (argc == 3)
		printf("%.1f\n", in_a_row(argv[1], strtoull(argv[2], NULL, 10)));
	else if (argc == 5 && atoi(argv[2]) > 0)
		printf("%.0f\n", many(argv[1], atoi(argv[2]), atof(argv[3]), atof(argv[4])));
	else
		errx(2, "usage: calls KIND N | calls KIND THREADS RATE SECONDS");
	return 0;
}
