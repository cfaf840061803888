// SPDX-License-Identifier: GPL-2.0-only
/*
 * One node of a program, for as many runs as are asked for.
 *
 *	PROGRAM NODE udp|tcp|stream LOG
 *	PROGRAM names			prints the names of its nodes
 *
 * The metronome says `reset RUN`, then `start RUN TICKS PERIOD_NS BEGIN_NS`; nobody is answered. At
 * the beginning of a tick the node takes what has arrived, in the middle it acts. LOG is a file of
 * lines `TICK TEXT`; after a reset it holds `0 ready RUN` and no more. `late` in it says that the
 * machine was too slow for the run to mean anything. NET in the environment: the first three numbers
 * of the nodes' addresses.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "carrier.h"
#include "clock.h"
#include "suite.h"

#define MAX_INBOX 256

static struct node self;
static const struct carrier *carrier;
static struct clock ticks;
static unsigned int run;
static int control_fd, log_fd;

static struct letter {
	int from, order;
	char text[MAX_TEXT];
} inbox[MAX_INBOX];
static int inbox_cnt;

void log_line(struct node *node, const char *format, ...)
{
	char line[MAX_TEXT + 16];
	int len = snprintf(line, sizeof(line), "%d ", node->tick);
	va_list args;

	va_start(args, format);
	len += vsnprintf(line + len, MAX_TEXT, format, args);
	va_end(args);
	line[len++] = '\n';
	if (write(log_fd, line, (size_t)len) != len)
		err(1, "cannot log");
}

void send_to(struct node *node, int to, const char *format, ...)
{
	char message[MAX_MESSAGE];
	int len = snprintf(message, sizeof(message), "%u %d %d ", run, node->tick, node->id);
	va_list args;

	va_start(args, format);
	len += vsnprintf(message + len, MAX_TEXT, format, args);
	va_end(args);
	snprintf(message + len, sizeof(message) - (size_t)len, "\n");
	carrier->send(to, message);
}

void send_others(struct node *node, const char *text)
{
	for (int to = 0; to < program.nodes; to++)
		if (to != node->id)
			send_to(node, to, "%s", text);
}

/* Of another run: dropped. Not of the tick before: it, or somebody, came too late. */
static void take(char *message)
{
	struct letter *letter = &inbox[inbox_cnt];
	unsigned int of_run;
	int tick, from;

	if (inbox_cnt == MAX_INBOX ||
	    sscanf(message, "%u %d %d %63[^\n]", &of_run, &tick, &from, letter->text) != 4 ||
	    of_run != run)
		return;
	if (tick != self.tick - 1)
		log_line(&self, "late");
	letter->from = from;
	letter->order = inbox_cnt++;
}

static int by_sender(const void *left, const void *right)
{
	const struct letter *x = left, *y = right;

	return x->from != y->from ? x->from - y->from : x->order - y->order;
}

static void take_inbox(void)
{
	inbox_cnt = 0;
	carrier->collect(take);
	qsort(inbox, (size_t)inbox_cnt, sizeof(inbox[0]), by_sender);
	for (int i = 0; i < inbox_cnt && program.receive; i++)
		program.receive(&self, inbox[i].from, inbox[i].text);
}

/* What was due at @ns is done. Lateness is said at once: the driver may read before the last tick is over here. */
static void note(uint64_t ns)
{
	const bool was_late = clock__was_late(&ticks);

	clock__note(&ticks, ns);
	if (clock__was_late(&ticks) && !was_late)
		log_line(&self, "late");
}

/* Until @ns, or the metronome speaks. Returns 1 then. */
static int wait_until(uint64_t ns)
{
	struct pollfd control = {control_fd, POLLIN, 0};
	uint64_t now_ns;

	while ((now_ns = clock__now_ns()) < ns) {
		struct timespec span = {.tv_sec = (time_t)((ns - now_ns) / 1000000000),
					.tv_nsec = (long)((ns - now_ns) % 1000000000)};

		if (ppoll(&control, 1, &span, NULL) > 0)
			return 1;
	}
	note(ns);
	return 0;
}

static void play(int last)
{
	memset(self.state, 0, program.state_bytes);
	for (self.tick = 1; self.tick <= last; self.tick++) {
		uint64_t begin_ns = clock__tick_ns(&ticks, self.tick);

		if (wait_until(begin_ns))
			return;
		take_inbox();
		if (wait_until(begin_ns + ticks.period_ns / 2))
			return;
		program.act(&self);
		note(begin_ns + ticks.period_ns / 2);
		carrier->finish(begin_ns + ticks.period_ns);
	}
}

static void reset(void)
{
	self.tick = 0;
	if (ftruncate(log_fd, 0))
		err(1, "cannot empty the log");
	if (carrier->reset(run))
		log_line(&self, "cannot reach a peer");
	else
		log_line(&self, "ready %u", run);
}

/* What the metronome says next. */
static void obey(void)
{
	char text[MAX_MESSAGE];
	ssize_t len = recv(control_fd, text, sizeof(text) - 1, 0);
	unsigned long long begin_ns, period_ns;
	int last;

	if (len < 0)
		err(1, "cannot hear the metronome");
	text[len] = '\0';
	if (sscanf(text, "reset %u", &run) == 1)
		reset();
	else if (sscanf(text, "start %u %d %llu %llu", &run, &last, &period_ns, &begin_ns) == 4) {
		ticks = (struct clock){.begin_ns = begin_ns, .period_ns = period_ns};
		play(last);
	}
}

static int find_node(const char *name)
{
	for (int i = 0; i < program.nodes; i++)
		if (!strcmp(program.names[i], name))
			return i;
	errx(2, "no node is called %s", name);
}

static void open_control(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(CONTROL_PORT)};

	control_fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (control_fd < 0 || bind(control_fd, (struct sockaddr *)&any, sizeof(any)))
		err(1, "cannot listen on port %d", CONTROL_PORT);
}

static int print_names(void)
{
	for (int i = 0; i < program.nodes; i++)
		printf("%s%c", program.names[i], i < program.nodes - 1 ? ' ' : '\n');
	return 0;
}

int main(int argc, char **argv)
{
	const char *net = getenv("NET");

	if (argc == 2 && !strcmp(argv[1], "names"))
		return print_names();
	if (argc != 4 || !(carrier = carrier__find(argv[2])) || !net)
		errx(2, "usage: NET=198.18.31 PROGRAM NODE udp|tcp|stream LOG");
	signal(SIGPIPE, SIG_IGN);
	self.id = find_node(argv[1]);
	self.state = calloc(1, program.state_bytes + 1);
	if (!self.state)
		err(1, "cannot begin");
	carrier__init(self.id, program.nodes, net);
	log_fd = open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log_fd < 0)
		err(1, "cannot write %s", argv[3]);
	open_control();
	clock__be_punctual();
	for (;;)
		obey();
}
