// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program whose threads hand a request on, in a way that the request names, and that writes down who
 * handed it to whom; with the program behind it, and a client.
 *
 *	handoff back PORT			    tells the subscriber what front sends
 *	handoff front PORT BACK_PORT TRUTH	    takes requests of one letter
 *	handoff client FRONT_PORT BACK_PORT LETTER  subscribes, requests, waits
 *
 * Truth: a line a hand-off, `KIND FROM TO` (thread ids), as the records of a trace name kinds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECONDS_MAX 300 /* whatever happens, it ends */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in address_of(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(atoi(port)),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int listen_on(const char *port)
{
	struct sockaddr_in address = address_of(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8))
		die("listen");
	return fd;
}

static int connect_to(const char *port)
{
	struct sockaddr_in address = address_of(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		die("connect");
	return fd;
}

static void put(int fd, char letter)
{
	if (write(fd, &letter, 1) != 1)
		die("write");
}

static char take(int fd)
{
	char letter = 0;

	return read(fd, &letter, 1) == 1 ? letter : 0;
}

static pid_t self(void)
{
	return syscall(SYS_gettid);
}

/* A thread that waits to be handed work; each in its own way. */
struct worker {
	const char *kind;
	uint32_t word; /* futex */
	int in, out;   /* descriptors: it waits on the first, is woken by the second */
	struct worker *next; /* the one that it hands on to; NULL: it sends */
	pid_t tid;
	pthread_t thread;
};

static FILE *truth;
static int behind = -1; /* connection to the program behind */

static void note(const char *kind, pid_t to)
{
	fprintf(truth, "%s %d %d\n", kind, self(), to);
	fflush(truth);
}

static void send_behind(void)
{
	put(behind, 'd');
}

static void wake_by_futex(struct worker *worker)
{
	note(worker->kind, worker->tid);
	__atomic_fetch_add(&worker->word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &worker->word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void pass_on(struct worker *worker)
{
	if (worker->next)
		wake_by_futex(worker->next);
	else
		send_behind();
}

static void *futex_worker(void *arg)
{
	struct worker *worker = arg;

	for (uint32_t seen = 0;; seen++) {
		__atomic_store_n(&worker->tid, self(), __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&worker->word, __ATOMIC_SEQ_CST) == seen)
			syscall(SYS_futex, &worker->word, FUTEX_WAIT, seen, NULL, NULL, 0);
		pass_on(worker);
	}
	return NULL;
}

/* Never reads what wakes it: the wake-up is all that there is to see. */
static void *epoll_worker(void *arg)
{
	struct worker *worker = arg;
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(0);

	epoll_ctl(epoll, EPOLL_CTL_ADD, worker->in, &event);
	__atomic_store_n(&worker->tid, self(), __ATOMIC_SEQ_CST);
	for (;;)
		if (epoll_wait(epoll, &event, 1, -1) == 1)
			send_behind();
	return NULL;
}

static void *signal_worker(void *arg)
{
	struct worker *worker = arg;
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGUSR1);
	__atomic_store_n(&worker->tid, self(), __ATOMIC_SEQ_CST);
	for (;;)
		if (sigwaitinfo(&wanted, NULL) == SIGUSR1)
			send_behind();
	return NULL;
}

static void *born_worker(void *arg)
{
	send_behind();
	return NULL;
}

static struct worker workers[] = {
	{ .kind = "futex" },
	{ .kind = "eventfd" },
	{ .kind = "pipe" },
	{ .kind = "unix" },
	{ .kind = "signal" },
	{ .kind = "futex", .next = &workers[6] },
	{ .kind = "futex", .next = &workers[7] },
	{ .kind = "futex" },
};
enum { BY_FUTEX, BY_EVENTFD, BY_PIPE, BY_UNIX, BY_SIGNAL, BY_RELAY };

static void start_workers(void)
{
	void *(*const bodies[])(void *) = { futex_worker,  epoll_worker, epoll_worker, epoll_worker,
					    signal_worker, futex_worker, futex_worker, futex_worker };
	int ends[2];

	workers[BY_EVENTFD].in = workers[BY_EVENTFD].out = eventfd(0, 0);
	if (pipe(ends))
		die("pipe");
	workers[BY_PIPE].in = ends[0];
	workers[BY_PIPE].out = ends[1];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("socketpair");
	workers[BY_UNIX].in = ends[0];
	workers[BY_UNIX].out = ends[1];
	for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
		pthread_create(&workers[i].thread, NULL, bodies[i], &workers[i]);
		while (!__atomic_load_n(&workers[i].tid, __ATOMIC_SEQ_CST))
			usleep(1000);
	}
}

static void wake_by_write(struct worker *worker)
{
	uint64_t one = 1;

	note(worker->kind, worker->tid);
	if (write(worker->out, &one, sizeof(one)) != sizeof(one))
		die("write");
}


/* Returns whether the thread has to end: that is how it hands the request on. */
static int hand_on(char letter)
{
	pthread_t born;

	switch (letter) {
	case 'f':
		wake_by_futex(&workers[BY_FUTEX]);
		break;
	case 'r':
		wake_by_futex(&workers[BY_RELAY]);
		break;
	case 'e':
		wake_by_write(&workers[BY_EVENTFD]);
		break;
	case 'p':
		wake_by_write(&workers[BY_PIPE]);
		break;
	case 'u':
		wake_by_write(&workers[BY_UNIX]);
		break;
	case 's':
		note("signal", workers[BY_SIGNAL].tid);
		syscall(SYS_tgkill, getpid(), workers[BY_SIGNAL].tid, SIGUSR1);
		break;
	case 'c':
		pthread_create(&born, NULL, born_worker, NULL);
		pthread_join(born, NULL);
		break;
	case 'x':
		note("exit", getpid());
		return 1;
	}
	return 0;
}

static void *reader(void *arg)
{
	int fd = *(int *)arg, ends;
	char letter = take(fd);

	usleep(20000); /* heartbeats come meanwhile */
	ends = letter ? hand_on(letter) : 0;
	if (!ends)
		take(fd); /* until the client goes */
	return ends ? arg : NULL;
}

static void *heartbeats(void *arg)
{
	while (take(behind))
		;
	return NULL;
}

static void front(char **argv)
{
	int fd = listen_on(argv[2]), client;
	pthread_t thread, other;
	sigset_t blocked;
	void *ended;

	truth = fopen(argv[4], "w");
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	behind = connect_to(argv[3]);
	start_workers();
	pthread_create(&other, NULL, heartbeats, NULL);
	puts("ready");
	fflush(stdout);
	while ((client = accept(fd, NULL, NULL)) >= 0) {
		pthread_create(&thread, NULL, reader, &client);
		pthread_join(thread, &ended);
		if (ended)
			send_behind();
		close(client);
	}
}

/* The first connection is front's, the others are subscribers', one at a time. */
static void back(char **argv)
{
	int fd = listen_on(argv[2]);
	struct pollfd polled[3] = { { .fd = fd, .events = POLLIN },
				    { .fd = -1, .events = POLLIN },
				    { .fd = -1, .events = POLLIN } };

	for (;;) {
		int ready = poll(polled, 3, 5);
		int *slot = polled[1].fd < 0 ? &polled[1].fd : &polled[2].fd;

		if (!ready && polled[1].fd >= 0)
			put(polled[1].fd, 'h');
		if (polled[0].revents & POLLIN)
			*slot = accept(fd, NULL, NULL);
		if (polled[1].fd >= 0 && polled[1].revents && take(polled[1].fd) != 'd')
			return;
		if (polled[1].revents && polled[2].fd >= 0)
			put(polled[2].fd, 'd');
		if (polled[2].fd >= 0 && polled[2].revents && !take(polled[2].fd)) {
			close(polled[2].fd);
			polled[2].fd = -1;
		}
		polled[0].revents = polled[1].revents = polled[2].revents = 0;
	}
}

static void client(char **argv)
{
	int subscribed = connect_to(argv[3]), fd;

	usleep(50000);
	fd = connect_to(argv[2]);
	put(fd, argv[4][0]);
	if (take(subscribed) != 'd')
		die("no answer");
}

int main(int argc, char **argv)
{
	alarm(SECONDS_MAX);
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && !strcmp(argv[1], "back"))
		back(argv);
	else if (argc == 5 && !strcmp(argv[1], "front"))
		front(argv);
	else if (argc == 5 && !strcmp(argv[1], "client"))
		client(argv);
	else
		return 2;
	return 0;
}
