// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two programs that torment TCP and write down what each of their threads sent and received
 * (torture_truth.h).
 *
 *	torture server PORT TRUTH              until SIGTERM; listens on PORT (v4), PORT + 1 (v6)
 *	                                       and PORT + 2 (both, v4 as v4-mapped)
 *	torture client PORT TRUTH OPS SEED GO  when the file GO exists; some connections before
 */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "torture_io.h"

#define WORKERS 4
#define SHARERS 8
#define OLD_CONNECTIONS 4
#define REUSED_PORT 20000

enum kind {
	PLAIN,
	SHARED_SEND, /* eight threads of the client send */
	SHARED_RECV, /* eight threads of the server receive */
	URGENT,
	PASSED,	     /* the server hands it to another process */
	FORKED,	     /* a child of the client sends */
	RESET,	     /* ends with a reset; its port is used again */
	KINDS,
	OLD = KINDS, /* open before the trace; begins with a byte of the client's */
};

struct job {
	struct end *end;
	enum kind kind;
	unsigned int seed;
	int index; /* among those that share */
	bool client;
};

static long ops_left = 1L << 40;
static unsigned int next_seed;
static int sessions; /* under way */
static int helper = -1; /* unix socket to the process that gets passed connections */

static void end_put(struct end *end)
{
	struct linger linger = { .l_onoff = 1 };

	if (__atomic_sub_fetch(&end->users, 1, __ATOMIC_ACQ_REL))
		return;
	if (end->reset)
		setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(end->fd);
	free(end);
	__atomic_sub_fetch(&sessions, 1, __ATOMIC_ACQ_REL);
}

static bool wait_for_io(int fd, int events)
{
	struct pollfd poller = { .fd = fd, .events = events };

	return poll(&poller, 1, 30000) > 0;
}

static uint8_t offset_byte(uint64_t offset)
{
	return (uint32_t)(offset >> 2) >> (8 * (offset & 3));
}

static void fill(struct worker *worker, const struct job *job, size_t len)
{
	if (job->client && job->kind == SHARED_SEND)
		memset(worker->buf, job->index, len);
	if (job->client && job->kind == SHARED_RECV)
		for (size_t i = 0; i < len; i++)
			worker->buf[i] = offset_byte(job->end->sent + i);
}

/* One call, now and then through another descriptor of the same socket. */
static long send_once(struct worker *worker, size_t len)
{
	int fd = worker->end->fd, copy = pick(worker, 10) ? -1 : dup(fd), one = pick(worker, 2);
	long ret;

	if (!pick(worker, 20))
		setsockopt(fd, IPPROTO_TCP, TCP_CORK, &one, sizeof(one));
	ret = send_some(worker, copy >= 0 ? copy : fd, len);
	if (copy >= 0)
		close(copy);
	return ret;
}

static void send_all(struct worker *worker, const struct job *job)
{
	struct end *end = job->end;
	long sends = 1 + pick(worker, 60), ret;
	size_t len;

	while (sends-- > 0 && __atomic_sub_fetch(&ops_left, 1, __ATOMIC_RELAXED) > 0) {
		len = pick_size(worker);
		fill(worker, job, len);
		ret = send_once(worker, len);
		if (ret > 0 && job->kind != SHARED_SEND)
			end->sent += ret;
		if (ret < 0 && errno == EAGAIN && wait_for_io(end->fd, POLLOUT))
			continue;
		if (ret < 0)
			return;
	}
}

static void *sender(void *arg)
{
	struct job *job = arg;
	struct worker worker;

	worker_open(&worker, job->end, job->seed);
	worker.urgent = job->kind == URGENT;
	if (job->client && job->kind == SHARED_SEND)
		fprintf(truth(), "W %s %d %ld\n", job->end->name, job->index, syscall(SYS_gettid));
	send_all(&worker, job);
	/* of those that share, the last one ends the stream */
	if (job->kind != SHARED_SEND || !job->client || job->end->users == 2)
		shutdown(job->end->fd, SHUT_WR);
	worker_close(&worker);
	truth_close();
	end_put(job->end);
	free(job);
	return NULL;
}

/* Runs of one writer's bytes, as they come. */
static void note_writers(const struct worker *worker, uint64_t offset, long got)
{
	long from = 0;

	for (long i = 1; i <= got; i++) {
		if (i < got && worker->buf[i] == worker->buf[from])
			continue;
		fprintf(truth(), "P %s %lu %ld %d\n", worker->end->name, offset + from, i - from,
			worker->buf[from]);
		from = i;
	}
}

/* Where in the stream these bytes lie, as they say themselves. */
static void note_offset(const struct worker *worker, long got)
{
	const uint8_t *buf = worker->buf;

	for (uint32_t skew = 0; skew < 4 && got >= 12; skew++) {
		uint32_t word = buf[skew] | buf[skew + 1] << 8 | buf[skew + 2] << 16 |
				(uint32_t)buf[skew + 3] << 24;
		uint64_t offset = 4ULL * word - skew;
		int same = 0;

		while (same < 12 && buf[same] == offset_byte(offset + same))
			same++;
		if (same < 12)
			continue;
		fprintf(truth(), "Q %s %lu %ld %ld\n", worker->end->name, offset, got,
			syscall(SYS_gettid));
		return;
	}
}

static void receive_all(struct worker *worker, const struct job *job)
{
	bool writers = !job->client && job->kind == SHARED_SEND;
	bool readers = !job->client && job->kind == SHARED_RECV;
	uint64_t offset = 4; /* after the head */
	long got;

	for (;;) {
		__atomic_sub_fetch(&ops_left, 1, __ATOMIC_RELAXED);
		got = receive_some(worker, job->end->fd, pick_size(worker), writers || readers);
		if (got < 0 && errno == EAGAIN && wait_for_io(job->end->fd, POLLIN))
			continue;
		if (got <= 0)
			return;
		if (writers)
			note_writers(worker, offset, got);
		/* between the messages of a recvmmsg, and in a splice, others may take theirs */
		if (readers && worker->last_nr != SYS_recvmmsg && worker->last_nr != SYS_splice)
			note_offset(worker, got);
		offset += got;
	}
}

static void *receiver(void *arg)
{
	struct job *job = arg;
	struct worker worker;

	worker_open(&worker, job->end, job->seed);
	worker.urgent = job->kind == URGENT;
	receive_all(&worker, job);
	worker_close(&worker);
	truth_close();
	end_put(job->end);
	free(job);
	return NULL;
}

static pthread_t start(void *(*run)(void *), const struct job *like, int index)
{
	struct job *job = malloc(sizeof(*job));
	pthread_attr_t attr;
	pthread_t thread;

	*job = *like;
	job->index = index;
	job->seed = like->seed * 31 + index * 7 + (run == sender);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	if (pthread_create(&thread, &attr, run, job)) {
		perror("pthread_create");
		exit(1);
	}
	pthread_attr_destroy(&attr);
	return thread;
}

static void send_from_child(const struct job *like)
{
	struct job *job = malloc(sizeof(*job));
	pid_t pid = fork();

	*job = *like;
	if (pid) {
		free(job);
		waitpid(pid, NULL, 0);
		end_put(like->end);
		return;
	}
	truth_file = NULL; /* the parent's */
	job->end->users = 2;
	sender(job);
	_exit(0);
}

/* Both directions at once, to their ends. */
static void converse(struct end *end, enum kind kind, unsigned int seed, bool client)
{
	struct job job = { .end = end, .kind = kind, .seed = seed, .client = client };
	int senders = client && kind == SHARED_SEND ? SHARERS : 1, cnt = 0;
	int receivers = !client && kind == SHARED_RECV ? SHARERS : 1;
	pthread_t threads[2 * SHARERS];

	end->users = 1 + senders + receivers;
	for (int i = 0; i < receivers; i++)
		threads[cnt++] = start(receiver, &job, i);
	if (client && kind == FORKED)
		send_from_child(&job);
	else
		for (int i = 0; i < senders; i++)
			threads[cnt++] = start(sender, &job, i);
	while (cnt)
		pthread_join(threads[--cnt], NULL);
	end_put(end);
}

static struct end *end_new(int fd)
{
	struct end *end = calloc(1, sizeof(*end));

	end->fd = fd;
	end->users = 1;
	__atomic_add_fetch(&sessions, 1, __ATOMIC_ACQ_REL);
	return end;
}

/* One call outside the conversation: the head, or a first byte. */
static void note_call(struct end *end, bool sent, int nr, long bytes)
{
	struct tally tally = { 0 };

	tally_add(&tally, sent, nr, bytes);
	tally_write(&tally, end);
}

/* To the process beside this one, with its kind. */
static void pass_on(int fd, uint8_t kind)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &kind, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	sendmsg(helper, &msg, 0);
}

static void *serve(void *arg)
{
	int fd = (intptr_t)arg;
	struct end *end = end_new(fd);
	uint8_t head[4], go;
	long got;

	if (end_name(end) || recv(fd, head, sizeof(head), MSG_WAITALL) != sizeof(head)) {
		end_put(end);
		return NULL;
	}
	end->reset = head[0] == RESET;
	if (head[0] != OLD) {
		note_call(end, false, SYS_recvfrom, sizeof(head));
	} else {
		got = read(fd, &go, 1);
		note_call(end, false, SYS_read, got);
	}
	truth_close();
	if (head[0] == PASSED) {
		pass_on(fd, PLAIN);
		end_put(end);
		return NULL;
	}
	converse(end, head[0], head[1] << 8 | head[2], false);
	return NULL;
}

static void *converse_passed(void *arg)
{
	struct end *end = end_new((intptr_t)arg);

	if (end_name(end))
		end_put(end);
	else
		converse(end, PLAIN, end->fd, false);
	return NULL;
}

static void detach(void *(*run)(void *), int fd)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, run, (void *)(intptr_t)fd))
		pthread_detach(thread);
	else
		close(fd);
}

static void wait_for_sessions(void)
{
	for (int i = 0; i < 3000 && __atomic_load_n(&sessions, __ATOMIC_ACQUIRE) > 0; i++)
		usleep(10000);
}

/* The process that gets connections from another. */
static void help(int from)
{
	char control[CMSG_SPACE(sizeof(int))];
	uint8_t kind;
	struct iovec iov = { &kind, 1 };
	int fd;

	for (;;) {
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				      .msg_controllen = sizeof(control) };

		if (recvmsg(from, &msg, 0) <= 0)
			break;
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
		detach(converse_passed, fd);
	}
	wait_for_sessions();
	exit(0);
}

static void make_address(struct sockaddr_storage *ret, int port, bool v6, const char *text)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	ret->ss_family = v6 ? AF_INET6 : AF_INET;
	in->sin_port = htons(port);
	inet_pton(ret->ss_family, text, v6 ? (void *)&in6->sin6_addr : (void *)&in->sin_addr);
}

static int listen_on(int port, bool v6, bool v6_only)
{
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0), one = 1, only = v6_only;
	struct sockaddr_storage address;

	make_address(&address, port, v6, v6 ? "::" : "0.0.0.0");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (v6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	if (bind(fd, (void *)&address, sizeof(address)) || listen(fd, 128)) {
		perror("listen");
		exit(1);
	}
	return fd;
}

static volatile sig_atomic_t over;

static void on_term(int number)
{
	over = number;
}

static int server(int port)
{
	int listeners[] = { listen_on(port, false, false), listen_on(port + 1, true, true),
			    listen_on(port + 2, true, false) };
	struct sigaction action = { .sa_handler = on_term };
	struct pollfd pollers[3];
	int between[2], fd;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, between))
		return 1;
	if (!fork()) {
		close(between[0]);
		help(between[1]);
	}
	close(between[1]);
	helper = between[0];
	sigaction(SIGTERM, &action, NULL);
	for (int i = 0; i < 3; i++)
		pollers[i] = (struct pollfd){ listeners[i], POLLIN, 0 };
	while (!over) {
		if (poll(pollers, 3, 100) <= 0)
			continue;
		for (int i = 0; i < 3; i++) {
			if (!(pollers[i].revents & POLLIN))
				continue;
			fd = accept4(listeners[i], NULL, NULL, 0);
			if (fd >= 0)
				detach(serve, fd);
		}
	}
	wait_for_sessions();
	close(helper);
	wait(NULL);
	return 0;
}

/* Its numbers wrap soon: with TCP_REPAIR the first one can be chosen. */
static void begin_near_wrap(int fd, unsigned int before)
{
	int on = 1, off = 0, queue = TCP_SEND_QUEUE;
	unsigned int seq = 0U - 1 - before;

	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)))
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue));
	setsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, &seq, sizeof(seq));
	setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off));
}

static int dial(int port, enum kind kind, unsigned int *seed, int index)
{
	static const struct {
		bool v6;
		int port;
		const char *host;
	} ways[] = { { false, 0, "127.0.0.1" },
		     { true, 1, "::1" },
		     { true, 2, "::ffff:127.0.0.1" },
		     { false, 2, "127.0.0.1" },
		     { true, 2, "::1" } };
	int way = rand_r(seed) % 5, fd = socket(ways[way].v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage address;
	int one = 1, buffer = 30000;

	if (kind == RESET) {
		make_address(&address, REUSED_PORT + index, ways[way].v6, ways[way].host);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		bind(fd, (void *)&address, sizeof(address));
	} else if (rand_r(seed) % 4 == 0) {
		begin_near_wrap(fd, rand_r(seed) % 100000);
	}
	if (rand_r(seed) % 2) /* little room: more calls come short or wait */
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	if (rand_r(seed) % 3 == 0 && kind == PLAIN)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	make_address(&address, port + ways[way].port, ways[way].v6, ways[way].host);
	if (connect(fd, (void *)&address, sizeof(address)) &&
	    (errno != EINPROGRESS || !wait_for_io(fd, POLLOUT))) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct end *call_server(int port, enum kind kind, unsigned int *seed, int index)
{
	uint8_t head[4] = { kind, rand_r(seed), rand_r(seed) };
	int fd = dial(port, kind, seed, index);
	struct end *end;

	if (fd < 0)
		return NULL;
	end = end_new(fd);
	if (end_name(end) || send(fd, head, sizeof(head), MSG_NOSIGNAL) != sizeof(head)) {
		end_put(end);
		return NULL;
	}
	if (kind != OLD)
		note_call(end, true, SYS_sendto, sizeof(head));
	end->sent = sizeof(head);
	end->reset = kind == RESET;
	return end;
}

static int client_port;

static void *client_worker(void *arg)
{
	int index = (intptr_t)arg;
	unsigned int seed = next_seed + 1000 * index;
	struct end *end;

	while (__atomic_load_n(&ops_left, __ATOMIC_RELAXED) > 0) {
		enum kind kind = rand_r(&seed) % KINDS;

		end = call_server(client_port, kind, &seed, index);
		if (end)
			converse(end, kind, rand_r(&seed), true);
	}
	truth_close();
	return NULL;
}

static void *old_connection(void *arg)
{
	struct end *end = arg;

	note_call(end, true, SYS_write, write(end->fd, "g", 1));
	truth_close();
	converse(end, OLD, end->fd, true);
	return NULL;
}

static int client(int port, const char *go)
{
	pthread_t threads[OLD_CONNECTIONS + WORKERS];
	struct end *old[OLD_CONNECTIONS];
	unsigned int seed = next_seed;
	int cnt = 0;

	client_port = port;
	for (int i = 0; i < OLD_CONNECTIONS; i++)
		old[i] = call_server(port, OLD, &seed, i);
	while (access(go, F_OK))
		usleep(10000);
	for (int i = 0; i < OLD_CONNECTIONS; i++)
		if (old[i])
			pthread_create(&threads[cnt++], NULL, old_connection, old[i]);
	for (intptr_t i = 0; i < WORKERS; i++)
		pthread_create(&threads[cnt++], NULL, client_worker, (void *)i);
	while (cnt)
		pthread_join(threads[--cnt], NULL);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	snprintf(truth_prefix, sizeof(truth_prefix), "%s", argv[3]);
	if (argc == 4 && !strcmp(argv[1], "server"))
		return server(atoi(argv[2]));
	if (argc != 7 || strcmp(argv[1], "client"))
		return 2;
	ops_left = atol(argv[4]);
	next_seed = atoi(argv[5]);
	return client(atoi(argv[2]), argv[6]);
}
