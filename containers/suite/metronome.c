// SPDX-License-Identifier: GPL-2.0-only
/*
 * Says when runs begin and beats their ticks; takes no part in them.
 *
 *	metronome NODES
 *
 * To the driver's `reset RUN` and `start RUN TICKS PERIOD_NS` it tells the nodes, which never
 * answer; to the driver it sends `tick T BEGIN_NS` as each tick begins, and `end` after the last.
 * NET in the environment: the first three numbers of the addresses of NODES nodes, from 11 on.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "carrier.h"
#include "clock.h"

static int fd, nodes;

static void tell_nodes(const char *text)
{
	for (int i = 0; i < nodes; i++) {
		const struct sockaddr_in end = {.sin_family = AF_INET,
						.sin_port = htons(CONTROL_PORT),
						.sin_addr.s_addr = carrier__address(i)};

		if (sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&end, sizeof(end)) <
		    0)
			warn("cannot tell node %d", i);
	}
}

static void sleep_until(uint64_t ns)
{
	const struct timespec then = {.tv_sec = (time_t)(ns / 1000000000),
				      .tv_nsec = (long)(ns % 1000000000)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL))
		;
}

/* The driver's answers, or another one's reset: then the run is over. */
static bool is_called_off(void)
{
	char text[MAX_MESSAGE];
	ssize_t len;

	while ((len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT)) >= 0) {
		text[len] = '\0';
		if (strncmp(text, "reset", 5))
			continue;
		tell_nodes(text);
		return true;
	}
	return false;
}

static void beat(const struct sockaddr_in *driver, const struct clock *clock, int last)
{
	char text[MAX_MESSAGE];

	for (int tick = 1; tick <= last + 1; tick++) {
		uint64_t begin_ns = clock__tick_ns(clock, tick);

		sleep_until(begin_ns);
		if (is_called_off())
			return;
		if (tick > last)
			strcpy(text, "end");
		else
			snprintf(text, sizeof(text), "tick %d %llu", tick,
				 (unsigned long long)begin_ns);
		sendto(fd, text, strlen(text), 0, (const struct sockaddr *)driver, sizeof(*driver));
	}
}

static void start(const struct sockaddr_in *driver, unsigned int run, int last, uint64_t period_ns)
{
	/* a tick from the word to the first */
	const struct clock clock = {.begin_ns = clock__now_ns() + period_ns, .period_ns = period_ns};
	char text[MAX_MESSAGE];

	snprintf(text, sizeof(text), "start %u %d %llu %llu", run, last,
		 (unsigned long long)period_ns, (unsigned long long)clock.begin_ns);
	tell_nodes(text);
	beat(driver, &clock, last);
}

static void obey(void)
{
	struct sockaddr_in driver;
	socklen_t size = sizeof(driver);
	char text[MAX_MESSAGE];
	ssize_t len = recvfrom(fd, text, sizeof(text) - 1, 0, (struct sockaddr *)&driver, &size);
	unsigned long long period_ns;
	unsigned int run;
	int last;

	if (len < 0)
		err(1, "cannot hear the driver");
	text[len] = '\0';
	if (sscanf(text, "reset %u", &run) == 1)
		tell_nodes(text);
	else if (sscanf(text, "start %u %d %llu", &run, &last, &period_ns) == 3)
		start(&driver, run, last, period_ns);
}

int main(int argc, char **argv)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(CONTROL_PORT)};
	const char *net = getenv("NET");

	if (argc != 2 || !net)
		errx(2, "usage: NET=198.18.31 metronome NODES");
	nodes = atoi(argv[1]);
	carrier__init(-1, nodes, net);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)))
		err(1, "cannot listen on port %d", CONTROL_PORT);
	clock__be_punctual();
	for (;;)
		obey();
}
