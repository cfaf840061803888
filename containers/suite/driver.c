// SPDX-License-Identifier: GPL-2.0-only
/*
 * What drives a run and reads its outcome: the commands of the suite's scenarios.
 *
 *	driver reset METRONOME LOGS NODE...
 *	driver run METRONOME TICKS PERIOD_MS JUDGEMENT LOGS NODE...	0: something was promised
 *	driver check JUDGEMENT LOGS NODE...				0: it was kept, 1: it was not
 *
 * `run` exchanges datagrams with the metronome as each tick begins, and with nobody else. The
 * nodes' logs, LOGS/NODE.log, are read when they are done, of those that are not in CUTSET_SILENCED.
 * Exit 75: the machine was too slow, as any node says, and the run does not count. Exit 2: unknown, a log is not there.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "judge.h"
#include "suite.h"

#define RESET_NS 5000000000ULL
#define MAX_LOG 4096

enum { KEPT, BROKEN, UNKNOWN, LATE = 75 };

struct place {
	const char *logs;
	char **names;
	int nodes;
};

static struct {
	char text[MAX_SUITE_NODES][MAX_LOG];
	struct logs logs;
} heard;

static bool is_silenced(const char *name)
{
	char list[1024];

	snprintf(list, sizeof(list), "%s", getenv("CUTSET_SILENCED") ?: "");
	for (char *word = strtok(list, " "); word; word = strtok(NULL, " "))
		if (!strcmp(word, name))
			return true;
	return false;
}

static void read_log(const struct place *place, int node, char *ret, size_t size)
{
	char path[4096];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.log", place->logs, place->names[node]);
	fd = open(path, O_RDONLY);
	if (fd < 0 || (len = read(fd, ret, size - 1)) < 0)
		err(UNKNOWN, "cannot read %s", path);
	ret[len] = '\0';
	close(fd);
}

static bool is_late(const char *text)
{
	return strstr(text, " late\n");
}

static void add_line(int node, const char *line)
{
	const char *text = strchr(line, ' ');

	if (!text || heard.logs.cnt == MAX_LINES)
		errx(UNKNOWN, "cannot understand the log: %s", line);
	heard.logs.line[heard.logs.cnt].node = node;
	heard.logs.line[heard.logs.cnt++].text = text + 1;
}

/* Returns false if one of them says that it came too late. */
static bool read_logs(const struct place *place)
{
	bool late = false;

	heard.logs.nodes = place->nodes;
	for (int node = 0; node < place->nodes; node++) {
		char *text = heard.text[node];

		/* a silent one has no say, but may have been late */
		read_log(place, node, text, MAX_LOG);
		late |= is_late(text);
		if (is_silenced(place->names[node])) {
			heard.logs.silenced |= 1U << node;
			continue;
		}
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
			add_line(node, line);
			printf("%s: %s\n", place->names[node], line);
		}
	}
	return !late;
}

static int call(const char *metronome)
{
	const struct sockaddr_in end = {.sin_family = AF_INET,
					.sin_port = htons(CONTROL_PORT),
					.sin_addr.s_addr = inet_addr(metronome)};
	const struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&end, sizeof(end)))
		err(UNKNOWN, "cannot reach the metronome");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static void tell(int fd, const char *text)
{
	if (send(fd, text, strlen(text), 0) < 0)
		err(UNKNOWN, "cannot reach the metronome");
}

/* Of nine digits: as long in each run. */
static unsigned int new_run(void)
{
	return 100000000 + (unsigned int)(clock__now_ns() / 1000 % 900000000);
}

static bool is_ready(const struct place *place, int node, unsigned int run)
{
	char text[MAX_LOG], line[32];

	read_log(place, node, text, sizeof(text));
	snprintf(line, sizeof(line), "0 ready %u\n", run);
	return !strcmp(text, line);
}

static int reset(const char *metronome, const struct place *place)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	uint64_t end_ns = clock__now_ns() + RESET_NS;
	unsigned int run = new_run();
	char text[64];

	snprintf(text, sizeof(text), "reset %u", run);
	tell(call(metronome), text);
	for (int node = 0; node < place->nodes; node++) {
		while (!is_ready(place, node, run)) {
			if (clock__now_ns() > end_ns)
				errx(BROKEN, "%s does not get ready", place->names[node]);
			nanosleep(&pause, NULL);
		}
	}
	return KEPT;
}

/* Answer each tick as it begins. Returns false if one was answered too late. */
static bool follow(int fd, uint64_t period_ns)
{
	struct clock clock = {.period_ns = period_ns};
	unsigned long long begin_ns;
	char text[128];
	ssize_t len;
	int tick;

	while ((len = recv(fd, text, sizeof(text) - 1, 0)) >= 0) {
		text[len] = '\0';
		if (sscanf(text, "tick %d %llu", &tick, &begin_ns) != 2) {
			printf("lag: %llu us\n", (unsigned long long)clock.lag_ns / 1000);
			return !clock__was_late(&clock);
		}
		tell(fd, text);
		clock__note(&clock, begin_ns);
	}
	err(UNKNOWN, "the metronome is silent");
}

static int run(char **argv, const struct judgement *judgement, const struct place *place)
{
	uint64_t period_ns = strtoull(argv[4], NULL, 10) * 1000000;
	int fd = call(argv[2]);
	bool in_time;
	char text[64];

	snprintf(text, sizeof(text), "start %u %d %llu", new_run(), atoi(argv[3]),
		 (unsigned long long)period_ns);
	clock__be_punctual();
	tell(fd, text);
	in_time = follow(fd, period_ns);
	/* nodes that are a tick late say so by then */
	nanosleep(&(struct timespec){.tv_sec = (time_t)(period_ns / 1000000000),
				     .tv_nsec = (long)(period_ns % 1000000000)},
		  NULL);
	if (!read_logs(place) || !in_time)
		return LATE;
	return judgement->made(&heard.logs) ? KEPT : BROKEN;
}

static int check(const struct judgement *judgement, const struct place *place)
{
	if (!read_logs(place))
		return LATE;
	return judgement->kept(&heard.logs) ? KEPT : BROKEN;
}

static const struct judgement *judgement_of(const char *name)
{
	const struct judgement *judgement = judgement__find(name);

	if (!judgement)
		errx(UNKNOWN, "there is no judgement called %s", name);
	return judgement;
}

static struct place place_of(int argc, char **argv, int at)
{
	if (argc < at + 2 || argc > at + 1 + MAX_SUITE_NODES)
		errx(UNKNOWN, "which nodes?");
	return (struct place){argv[at], argv + at + 1, argc - at - 1};
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	struct place place;

	if (!strcmp(verb, "reset")) {
		place = place_of(argc, argv, 3);
		return reset(argv[2], &place);
	}
	if (!strcmp(verb, "run")) {
		place = place_of(argc, argv, 6);
		return run(argv, judgement_of(argv[5]), &place);
	}
	if (!strcmp(verb, "check")) {
		place = place_of(argc, argv, 3);
		return check(judgement_of(argv[2]), &place);
	}
	errx(UNKNOWN, "usage: driver reset|run|check ...");
}
