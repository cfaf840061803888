// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every way to move bytes over UDP, unix sockets, pipes and eventfds, by threads of two processes:
 *
 *	torture_local TRUTH OPS SEED GO
 *
 * Begins when the file GO is there. Each byte says who wrote it: the writer's number and the last bits
 * of its count of writes. Each thread writes TRUTH.TID, a line a call that moved something, in order:
 *
 *	S CHANNEL BYTES ID		what it wrote
 *	R CHANNEL BYTES ID*CNT,...	what it took, run by run; of a datagram that was cut off, its beginning
 *	C CHANNEL KIND EXACT		the channel; EXACT: no end of it is shared by threads
 *	W CHANNEL ID TID		its writer
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_BYTES 32768 /* no less than BATCH * PART */
#define BATCH 8
#define PART 4096
#define MAX_WRITERS 4

enum kind { PIPE, UNIX_STREAM, UNIX_DGRAM, UNIX_PATH, UNIX_SEQPACKET, UDP, UDP_UNCONNECTED, UDP6, KINDS };

static const char *const kind_names[KINDS] = { "pipe", "stream", "dgram", "path", "seqpacket",
					       "udp", "udp_unconnected", "udp6" };

struct channel {
	enum kind kind;
	int number, in, out; /* descriptors to read from, to write to */
	int writers, readers;
	unsigned int ops, seed;
	struct sockaddr_storage to; /* of kinds without a connection */
	socklen_t to_len;
};

struct worker {
	struct channel *channel;
	int id; /* a writer's, from 1 */
	pthread_t thread;
	unsigned int seed;
	FILE *truth;
	uint8_t *buf; /* MAX_BYTES */
};

static const char *truth_prefix;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static unsigned int pick(struct worker *worker, unsigned int below)
{
	return rand_r(&worker->seed) % below;
}

static bool is_datagram(enum kind kind)
{
	return kind >= UNIX_DGRAM;
}

static bool has_no_connection(enum kind kind)
{
	return kind == UNIX_PATH || kind == UDP_UNCONNECTED || kind == UDP6;
}

/* One byte for all of a write. */
static uint8_t mark(int id, unsigned int op)
{
	return id << 3 | (op & 7);
}

static void worker_begin(struct worker *worker)
{
	char path[300];

	snprintf(path, sizeof(path), "%s.%ld", truth_prefix, syscall(SYS_gettid));
	worker->truth = fopen(path, "a");
	worker->buf = malloc(MAX_BYTES);
	if (!worker->truth || !worker->buf)
		die(path);
	setvbuf(worker->truth, NULL, _IOFBF, 1 << 16);
}

static void worker_end(struct worker *worker)
{
	fclose(worker->truth);
	free(worker->buf);
}

static int cut_up(struct worker *worker, uint8_t *buf, size_t len, struct iovec iov[4])
{
	size_t at = 0;
	int cnt = 0;

	while (at < len && cnt < 4) {
		size_t part = cnt == 3 ? len - at : 1 + pick(worker, len - at);

		iov[cnt++] = (struct iovec){ buf + at, part };
		at += part;
	}
	return cnt;
}

static void wrote(struct worker *worker, long bytes, uint8_t id)
{
	if (bytes > 0)
		fprintf(worker->truth, "S %d %ld %d\n", worker->channel->number, bytes, id);
}

static void took(struct worker *worker, const uint8_t *bytes, long len, long ret)
{
	fprintf(worker->truth, "R %d %ld ", worker->channel->number, ret);
	for (long at = 0, end; at < len; at = end) {
		for (end = at; end < len && bytes[end] == bytes[at];)
			end++;
		fprintf(worker->truth, "%s%d*%ld", at ? "," : "", bytes[at], end - at);
	}
	fputc('\n', worker->truth);
}

/* Several datagrams, or parts of a stream, in one call. */
static long send_several(struct worker *worker, size_t len, unsigned int op)
{
	struct channel *channel = worker->channel;
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec iov[BATCH];
	int cnt = 1 + pick(worker, BATCH), sent;
	long sum = 0;

	for (int i = 0; i < cnt; i++) {
		iov[i] = (struct iovec){ worker->buf, 1 + pick(worker, len) };
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
		if (has_no_connection(channel->kind)) {
			messages[i].msg_hdr.msg_name = &channel->to;
			messages[i].msg_hdr.msg_namelen = channel->to_len;
		}
	}
	sent = sendmmsg(channel->out, messages, cnt, MSG_NOSIGNAL);
	for (int i = 0; i < sent; i++) {
		sum += messages[i].msg_len;
		if (is_datagram(channel->kind))
			wrote(worker, messages[i].msg_len, mark(worker->id, op));
	}
	if (sent > 0 && !is_datagram(channel->kind))
		wrote(worker, sum, mark(worker->id, op));
	return sent > 0 ? 0 : sent;
}

static long send_message(struct worker *worker, size_t len)
{
	struct channel *channel = worker->channel;
	struct iovec iov[4];
	struct msghdr msg = { .msg_iov = iov };

	msg.msg_iovlen = cut_up(worker, worker->buf, len, iov);
	if (has_no_connection(channel->kind)) {
		msg.msg_name = &channel->to;
		msg.msg_namelen = channel->to_len;
	}
	return sendmsg(channel->out, &msg, MSG_NOSIGNAL);
}

static long send_to(struct worker *worker, size_t len)
{
	struct channel *channel = worker->channel;

	return sendto(channel->out, worker->buf, len, MSG_NOSIGNAL,
		      has_no_connection(channel->kind) ? (void *)&channel->to : NULL,
		      has_no_connection(channel->kind) ? channel->to_len : 0);
}

static void send_one(struct worker *worker, unsigned int op)
{
	struct channel *channel = worker->channel;
	size_t len = 1 + pick(worker, pick(worker, 8) ? 900 : is_datagram(channel->kind) ? 4000 : MAX_BYTES);
	uint8_t id = mark(worker->id, op);
	struct iovec iov[4];
	long ret;

	memset(worker->buf, id, len);
	switch (pick(worker, channel->kind == PIPE ? 3 : has_no_connection(channel->kind) ? 3 : 5)) {
	case 0:
		if (channel->kind == PIPE)
			ret = write(channel->out, worker->buf, len);
		else
			ret = send_to(worker, len);
		break;
	case 1:
		if (channel->kind == PIPE)
			ret = writev(channel->out, iov, cut_up(worker, worker->buf, len, iov));
		else
			ret = send_message(worker, len);
		break;
	case 2:
		if (channel->kind == PIPE) {
			iov[0] = (struct iovec){ worker->buf, len };
			ret = vmsplice(channel->out, iov, 1, 0); /* its pages: not to be written again */
			worker->buf = malloc(MAX_BYTES);
			if (!worker->buf)
				die("malloc");
		} else {
			ret = send_several(worker, len, op);
		}
		break;
	case 3:
		ret = write(channel->out, worker->buf, len);
		break;
	default:
		ret = writev(channel->out, iov, cut_up(worker, worker->buf, len, iov));
	}
	if (ret < 0 && errno != EAGAIN && errno != ENOBUFS)
		die(kind_names[channel->kind]);
	wrote(worker, ret, id);
}

static void *write_all(void *ctx)
{
	struct worker *worker = ctx;
	struct channel *channel = worker->channel;

	worker_begin(worker);
	for (unsigned int op = 0; op < 8; op++)
		fprintf(worker->truth, "W %d %d %ld\n", channel->number, mark(worker->id, op),
			syscall(SYS_gettid));
	for (unsigned int op = 0; op < channel->ops; op++) {
		send_one(worker, op);
		if (is_datagram(channel->kind) && op % 8 == 7) /* UDP has room for so many */
			usleep(300);
	}
	worker_end(worker);
	return NULL;
}

static long receive_several(struct worker *worker, size_t len)
{
	struct channel *channel = worker->channel;
	struct mmsghdr messages[BATCH] = { 0 };
	static __thread uint8_t bufs[BATCH][PART];
	struct iovec iov[BATCH];
	int got;
	long sum = 0;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ bufs[i], len < PART ? len : PART };
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	got = recvmmsg(channel->in, messages, BATCH, MSG_WAITFORONE, NULL);
	for (int i = 0; i < got; i++) {
		if (!messages[i].msg_len)
			continue; /* the end */
		if (is_datagram(channel->kind))
			took(worker, bufs[i], messages[i].msg_len, messages[i].msg_len);
		else
			memmove(worker->buf + sum, bufs[i], messages[i].msg_len);
		sum += messages[i].msg_len;
	}
	if (got > 0 && !is_datagram(channel->kind) && sum)
		took(worker, worker->buf, sum, sum);
	return got > 0 && !sum ? 0 : got > 0 ? -2 : got;
}

/* Returns 0 at the end, -2 where all is noted already. */
static long receive_one(struct worker *worker, size_t len)
{
	struct channel *channel = worker->channel;
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	struct iovec iov[4];
	struct msghdr msg = { .msg_iov = iov };

	if (channel->kind != PIPE && !pick(worker, 5))
		recv(channel->in, worker->buf, len, MSG_PEEK | MSG_DONTWAIT);
	switch (pick(worker, channel->kind == PIPE ? 2 : 6)) {
	case 0:
		return read(channel->in, worker->buf, len);
	case 1:
		return readv(channel->in, iov, cut_up(worker, worker->buf, len, iov));
	case 2:
		return recv(channel->in, worker->buf, len, 0);
	case 3:
		msg.msg_iovlen = cut_up(worker, worker->buf, len, iov);
		return recvmsg(channel->in, &msg, 0);
	case 4:
		return recvfrom(channel->in, worker->buf, len, 0, (void *)&from, &from_len);
	default:
		return receive_several(worker, len);
	}
}

/* A datagram of no bytes from outside the trace's writers, or the end of the stream, ends it. */
static void *read_all(void *ctx)
{
	struct worker *worker = ctx;
	struct channel *channel = worker->channel;
	long got;

	worker_begin(worker);
	while (true) {
		/* less than 8 bytes of a datagram that is cut off are too few to know it by */
		size_t len = 8 + pick(worker, pick(worker, 8) ? 5000 : MAX_BYTES - 8);

		if (is_datagram(channel->kind) && pick(worker, 20))
			len = 5000; /* else some are cut off */
		got = receive_one(worker, len);
		if (got == -2)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EINTR) && is_datagram(channel->kind))
			break; /* silence */
		if (got < 0)
			die("receive");
		if (!got)
			break;
		took(worker, worker->buf, got, got);
	}
	worker_end(worker);
	return NULL;
}

static void bind_to(int fd, struct channel *channel)
{
	channel->to_len = sizeof(channel->to);
	if (getsockname(fd, (void *)&channel->to, &channel->to_len))
		die("getsockname");
}

static void open_udp(struct channel *channel)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int family = channel->kind == UDP6 ? AF_INET6 : AF_INET, room = 4 << 20;

	channel->in = socket(family, SOCK_DGRAM, 0);
	channel->out = socket(family, SOCK_DGRAM, 0);
	if (bind(channel->in, family == AF_INET ? (void *)&v4 : (void *)&v6,
		 family == AF_INET ? sizeof(v4) : sizeof(v6)))
		die("bind");
	setsockopt(channel->in, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	bind_to(channel->in, channel);
	if (channel->kind == UDP && connect(channel->out, (void *)&channel->to, channel->to_len))
		die("connect");
}

static void open_path(struct channel *channel)
{
	struct sockaddr_un *to = (struct sockaddr_un *)&channel->to;

	to->sun_family = AF_UNIX;
	snprintf(to->sun_path, sizeof(to->sun_path), "%.90s.%d", truth_prefix, channel->number);
	channel->to_len = sizeof(*to);
	channel->in = socket(AF_UNIX, SOCK_DGRAM, 0);
	channel->out = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (bind(channel->in, (void *)to, sizeof(*to)))
		die(to->sun_path);
}

/* A descriptor takes the long way: over a socket, into the other process. */
static void pass_on(int socket, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	if (sendmsg(socket, &msg, 0) != 1)
		die("pass on");
}

static int take_over(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(socket, &msg, 0) != 1)
		die("take over");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static void open_channel(struct channel *channel)
{
	static const int types[] = { [UNIX_STREAM] = SOCK_STREAM, [UNIX_DGRAM] = SOCK_DGRAM,
				     [UNIX_SEQPACKET] = SOCK_SEQPACKET };
	struct timeval patience = { .tv_usec = 250000 };
	int ends[2], copy;

	if (channel->kind == PIPE) {
		if (pipe(ends))
			die("pipe");
	} else if (channel->kind == UNIX_PATH) {
		open_path(channel);
	} else if (channel->kind >= UDP) {
		open_udp(channel);
	} else if (socketpair(AF_UNIX, types[channel->kind], 0, ends)) {
		die("socketpair");
	}
	if (channel->kind < UNIX_PATH || channel->kind == UNIX_SEQPACKET) {
		channel->in = ends[0];
		channel->out = ends[1];
	}
	copy = dup(channel->out); /* the same, by another number */
	close(channel->out);
	channel->out = copy;
	if (is_datagram(channel->kind))
		setsockopt(channel->in, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

static void run_threads(struct channel *channel, int cnt, void *(*body)(void *))
{
	struct worker workers[MAX_WRITERS] = { 0 };

	for (int i = 0; i < cnt; i++) {
		workers[i] = (struct worker){ .channel = channel, .id = i + 1,
					      .seed = channel->seed * 131 + i + (body == read_all) * 57 };
		if (pthread_create(&workers[i].thread, NULL, body, &workers[i]))
			die("thread");
	}
	for (int i = 0; i < cnt; i++)
		pthread_join(workers[i].thread, NULL);
}

/* Readers are another process, which inherits its end or gets it sent. */
static void run(struct channel *channel)
{
	int way[2], passed = channel->seed & 1;
	FILE *truth;
	char path[300];
	pid_t child;

	snprintf(path, sizeof(path), "%s.c%d", truth_prefix, channel->number);
	truth = fopen(path, "w");
	fprintf(truth, "C %d %s %d\n", channel->number, kind_names[channel->kind],
		is_datagram(channel->kind) || (channel->writers == 1 && channel->readers == 1));
	fclose(truth);
	open_channel(channel);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, way))
		die("socketpair");
	child = fork();
	if (!child) {
		close(channel->out);
		if (passed) {
			close(channel->in);
			channel->in = take_over(way[1]);
		}
		run_threads(channel, channel->readers, read_all);
		exit(0);
	}
	if (passed)
		pass_on(way[0], channel->in);
	close(channel->in);
	run_threads(channel, channel->writers, write_all);
	close(channel->out);
	close(way[0]);
	close(way[1]);
	if (channel->kind == UNIX_PATH)
		unlink(((struct sockaddr_un *)&channel->to)->sun_path);
	if (waitpid(child, &passed, 0) != child || passed)
		exit(1);
}

int main(int argc, char **argv)
{
	unsigned int ops, seed;

	if (argc != 5)
		return 2;
	truth_prefix = argv[1];
	ops = atoi(argv[2]);
	seed = atoi(argv[3]);
	while (access(argv[4], F_OK))
		usleep(20000);
	for (int i = 0; i < 4 * KINDS; i++) {
		struct channel channel = { .kind = i % KINDS, .number = i, .ops = ops / (4 * KINDS),
					   .seed = seed + i };

		channel.writers = i / KINDS == 0 ? 1 : i / KINDS == 1 ? MAX_WRITERS : 2;
		channel.readers = i / KINDS == 2 ? 3 : 1;
		channel.ops /= channel.writers;
		run(&channel);
	}
	return 0;
}
