/* SPDX-License-Identifier: GPL-2.0-only */
/* Every way to move bytes over a TCP socket: each function makes one call and tallies what it moved. */
#ifndef CUTSET_TORTURE_IO_H
#define CUTSET_TORTURE_IO_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "torture_truth.h"

#define MAX_BYTES 200000
#define MAX_MESSAGES 150
#define PIPE_BYTES 65536

/* A thread at work on one end. */
struct worker {
	struct end *end;
	struct tally tally;
	unsigned int seed;
	int memfd, pipe[2];
	off_t file_end; /* what is being sent must not be written over: its pages are */
	bool urgent; /* urgent bytes may be on the way */
	int last_nr; /* the latest call that moved bytes */
	uint8_t *buf; /* MAX_BYTES */
};

static unsigned int pick(struct worker *worker, unsigned int below)
{
	return rand_r(&worker->seed) % below;
}

static void worker_open(struct worker *worker, struct end *end, unsigned int seed)
{
	memset(worker, 0, sizeof(*worker));
	worker->end = end;
	worker->seed = seed;
	worker->memfd = memfd_create("torture", 0);
	worker->buf = mmap(NULL, MAX_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (worker->memfd < 0 || pipe2(worker->pipe, O_NONBLOCK) || worker->buf == MAP_FAILED) {
		perror("worker");
		exit(1);
	}
}

static void worker_close(struct worker *worker)
{
	tally_write(&worker->tally, worker->end);
	close(worker->memfd);
	close(worker->pipe[0]);
	close(worker->pipe[1]);
	munmap(worker->buf, MAX_BYTES);
}

static size_t pick_size(struct worker *worker)
{
	unsigned int dice = pick(worker, 100);

	if (dice < 70)
		return 1 + pick(worker, 2000);
	return 1 + pick(worker, dice < 93 ? 16000 : MAX_BYTES);
}

/* Cut @len bytes of the buffer into pieces. Returns how many. */
static int cut_up(struct worker *worker, size_t len, struct iovec *iov, int max)
{
	size_t at = 0;
	int cnt = 0;

	while (at < len && cnt < max) {
		size_t part = 1 + pick(worker, 2 * len / max + 1);

		if (part > len - at || cnt == max - 1)
			part = len - at;
		iov[cnt++] = (struct iovec){ worker->buf + at, part };
		at += part;
	}
	return cnt;
}

static long tallied(struct worker *worker, bool sent, int nr, long bytes)
{
	worker->last_nr = nr;
	tally_add(&worker->tally, sent, nr, bytes);
	return bytes;
}

static long sum_of(const struct mmsghdr *messages, int cnt)
{
	long bytes = 0;

	for (int i = 0; i < cnt; i++)
		bytes += messages[i].msg_len;
	return bytes;
}

/* Messages of one or two pieces each. Returns how many. */
static int make_messages(struct worker *worker, size_t len, struct iovec *iov,
			 struct mmsghdr *messages)
{
	int cnt = cut_up(worker, len, iov, 1 + pick(worker, MAX_MESSAGES));

	memset(messages, 0, cnt * sizeof(*messages));
	for (int i = 0; i < cnt; i++) {
		messages[i].msg_hdr.msg_iov = iov + i;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	return cnt;
}

static long send_file(struct worker *worker, int fd, size_t len)
{
	off_t at = worker->file_end;

	if (pwrite(worker->memfd, worker->buf, len, at) != (ssize_t)len)
		return -1;
	worker->file_end += len;
	return tallied(worker, true, SYS_sendfile, sendfile(fd, worker->memfd, &at, len));
}

/* What did not go out stays in the pipe no longer. */
static void empty_pipe(struct worker *worker)
{
	static __thread uint8_t waste[PIPE_BYTES];

	while (read(worker->pipe[0], waste, sizeof(waste)) > 0)
		;
}

static long send_spliced(struct worker *worker, int fd, size_t len)
{
	long put = write(worker->pipe[1], worker->buf, len < PIPE_BYTES ? len : PIPE_BYTES), sent;

	if (put <= 0)
		return put;
	sent = splice(worker->pipe[0], NULL, fd, NULL, put, pick(worker, 2) ? SPLICE_F_MORE : 0);
	empty_pipe(worker);
	return tallied(worker, true, SYS_splice, sent);
}

static long send_messages(struct worker *worker, int fd, size_t len, int flags)
{
	struct mmsghdr messages[MAX_MESSAGES];
	struct iovec iov[MAX_MESSAGES];
	int cnt = make_messages(worker, len, iov, messages);

	cnt = sendmmsg(fd, messages, cnt, flags);
	if (cnt <= 0)
		return cnt;
	return tallied(worker, true, SYS_sendmmsg, sum_of(messages, cnt));
}

static int pick_send_flags(struct worker *worker)
{
	static const int flags[] = { 0, 0, 0, MSG_MORE, MSG_DONTWAIT, MSG_DONTWAIT | MSG_MORE };
	int ret = flags[pick(worker, 6)];

	if (worker->urgent && !pick(worker, 12))
		ret |= MSG_OOB;
	return ret | MSG_NOSIGNAL;
}

/* Send up to @len bytes of the buffer. Returns what the call returned, in bytes. */
static long send_some(struct worker *worker, int fd, size_t len)
{
	struct msghdr msg = { 0 };
	struct iovec iov[8];

	switch (pick(worker, 8)) {
	case 0:
		return tallied(worker, true, SYS_write, write(fd, worker->buf, len));
	case 1:
		return tallied(worker, true, SYS_writev,
			       writev(fd, iov, cut_up(worker, len, iov, 8)));
	case 2:
		return tallied(worker, true, SYS_pwritev2,
			       pwritev2(fd, iov, cut_up(worker, len, iov, 8), -1, 0));
	case 3:
		return tallied(worker, true, SYS_sendto,
			       send(fd, worker->buf, len, pick_send_flags(worker)));
	case 4:
		msg.msg_iovlen = cut_up(worker, len, iov, 8);
		msg.msg_iov = iov;
		return tallied(worker, true, SYS_sendmsg, sendmsg(fd, &msg, pick_send_flags(worker)));
	case 5:
		return send_messages(worker, fd, len, pick_send_flags(worker));
	case 6:
		return send_file(worker, fd, len);
	default:
		return send_spliced(worker, fd, len);
	}
}

static long receive_spliced(struct worker *worker, int fd, size_t len)
{
	long got = splice(fd, NULL, worker->pipe[1], NULL, len < PIPE_BYTES ? len : PIPE_BYTES, 0);
	long at = 0, part;

	tallied(worker, false, SYS_splice, got);
	while (at < got) {
		part = read(worker->pipe[0], worker->buf + at, got - at);
		if (part <= 0)
			break;
		at += part;
	}
	return got;
}

static long receive_messages(struct worker *worker, int fd, size_t len, int flags)
{
	struct mmsghdr messages[MAX_MESSAGES];
	struct iovec iov[MAX_MESSAGES];
	int cnt = make_messages(worker, len, iov, messages);
	uint8_t *to = worker->buf;
	long bytes;

	cnt = recvmmsg(fd, messages, cnt, flags | MSG_WAITFORONE, NULL);
	if (cnt < 0)
		return cnt;
	bytes = sum_of(messages, cnt);
	/* where a message came short, the pieces do not lie one behind the other */
	for (int i = 0; i < cnt; i++) {
		memmove(to, iov[i].iov_base, messages[i].msg_len);
		to += messages[i].msg_len;
	}
	if (!(flags & MSG_PEEK))
		tallied(worker, false, SYS_recvmmsg, bytes);
	return bytes;
}

static long receive_message(struct worker *worker, int fd, size_t len, int flags)
{
	struct iovec iov[8];
	struct msghdr msg = { .msg_iov = iov };
	long got;

	msg.msg_iovlen = cut_up(worker, len, iov, 8);
	got = recvmsg(fd, &msg, flags);
	if (!(flags & MSG_PEEK))
		tallied(worker, false, SYS_recvmsg, got);
	return got;
}

/* Looks, takes nothing. */
static void peek(struct worker *worker, int fd, size_t len)
{
	switch (pick(worker, 3)) {
	case 0:
		recv(fd, worker->buf, len, MSG_PEEK | MSG_DONTWAIT);
		return;
	case 1:
		receive_message(worker, fd, len, MSG_PEEK | MSG_DONTWAIT);
		return;
	default:
		receive_messages(worker, fd, len, MSG_PEEK | MSG_DONTWAIT);
	}
}

static void take_urgent(struct worker *worker, int fd)
{
	uint8_t byte;

	tallied(worker, false, SYS_recvfrom, recv(fd, &byte, 1, MSG_OOB | MSG_DONTWAIT));
}

static int pick_receive_flags(struct worker *worker)
{
	static const int flags[] = { 0, 0, MSG_DONTWAIT, MSG_WAITALL };

	return flags[pick(worker, 4)];
}

/*
 * Receive up to @len bytes. @whole: into the buffer, from its beginning, with no waiting for more.
 * Returns as recv(2) does.
 */
static long receive_some(struct worker *worker, int fd, size_t len, bool whole)
{
	int flags = whole ? MSG_DONTWAIT : pick_receive_flags(worker);
	struct iovec iov[8];
	int cnt;

	if (!pick(worker, 6))
		peek(worker, fd, len);
	if (worker->urgent && !pick(worker, 4))
		take_urgent(worker, fd);
	/* a splice stops at an urgent byte and returns 0 */
	switch (pick(worker, worker->urgent ? 6 : whole ? 7 : 8)) {
	case 0:
		return tallied(worker, false, SYS_read, read(fd, worker->buf, len));
	case 1:
		cnt = cut_up(worker, len, iov, 8);
		return tallied(worker, false, SYS_readv, readv(fd, iov, cnt));
	case 2:
		cnt = cut_up(worker, len, iov, 8);
		return tallied(worker, false, SYS_preadv2, preadv2(fd, iov, cnt, -1, 0));
	case 3:
		return tallied(worker, false, SYS_recvfrom, recv(fd, worker->buf, len, flags));
	case 4:
		return receive_message(worker, fd, len, flags);
	case 5:
		return receive_messages(worker, fd, len, flags & MSG_DONTWAIT);
	case 6:
		return receive_spliced(worker, fd, len);
	default:
		return tallied(worker, false, SYS_recvfrom, recv(fd, NULL, len, flags | MSG_TRUNC));
	}
}

#endif
