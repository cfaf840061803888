/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the torture's threads write down of themselves: for each connection, direction, thread and
 * system call how many calls moved how many bytes, and for connections that threads share, whose
 * bytes lie where in the stream.
 *
 *	S|R LOCAL REMOTE TID SYSCALL CALLS BYTES     sent, received
 *	W LOCAL REMOTE INDEX TID                     writer INDEX of a stream that threads share
 *	P LOCAL REMOTE OFFSET BYTES INDEX            there the receiver found that writer's bytes
 *	Q LOCAL REMOTE OFFSET BYTES TID              that thread took these
 */
#ifndef CUTSET_TORTURE_TRUTH_H
#define CUTSET_TORTURE_TRUTH_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYSCALLS 512

/* One end of a connection, shared by the threads that work on it. */
struct end {
	int fd;
	char name[160]; /* LOCAL REMOTE */
	uint64_t sent;	/* offset of the next byte, where one thread sends */
	int users;	/* threads that have it; the last one closes */
	bool reset;	/* close with a reset */
};

struct tally {
	struct {
		uint64_t calls, bytes;
	} of[2][SYSCALLS]; /* received, sent */
};

static char truth_prefix[200];
static __thread FILE *truth_file;
static bool truth_on = true; /* what happens before the trace is not written down */

static FILE *truth(void)
{
	char path[300];

	if (truth_file)
		return truth_file;
	snprintf(path, sizeof(path), "%s.%ld", truth_prefix, syscall(SYS_gettid));
	truth_file = fopen(path, "a");
	if (!truth_file) {
		perror(path);
		exit(1);
	}
	setvbuf(truth_file, NULL, _IOFBF, 1 << 16);
	return truth_file;
}

/* Each thread calls it before it ends. */
static void truth_close(void)
{
	if (truth_file)
		fclose(truth_file);
	truth_file = NULL;
}

static void print_address(char *text, const struct sockaddr_storage *from)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };
	char printed[INET6_ADDRSTRLEN];

	if (from->ss_family == AF_INET)
		memcpy(ip + 12, &v4->sin_addr, 4);
	else
		memcpy(ip, &v6->sin6_addr, 16);
	inet_ntop(AF_INET6, ip, printed, sizeof(printed));
	sprintf(text, "%s/%u", printed, ntohs(v4->sin_port));
}

/* Returns 0, or -1: the connection is gone already. */
static int end_name(struct end *end)
{
	struct sockaddr_storage local, remote;
	socklen_t size = sizeof(local);
	char here[72], there[72];

	if (getsockname(end->fd, (void *)&local, &size))
		return -1;
	size = sizeof(remote);
	if (getpeername(end->fd, (void *)&remote, &size))
		return -1;
	print_address(here, &local);
	print_address(there, &remote);
	snprintf(end->name, sizeof(end->name), "%s %s", here, there);
	return 0;
}

static void tally_add(struct tally *tally, bool sent, int nr, long bytes)
{
	if (bytes <= 0 || !truth_on)
		return;
	tally->of[sent][nr].calls++;
	tally->of[sent][nr].bytes += bytes;
}

static void tally_write(const struct tally *tally, const struct end *end)
{
	for (int sent = 0; sent < 2; sent++)
		for (int nr = 0; nr < SYSCALLS; nr++)
			if (tally->of[sent][nr].calls)
				fprintf(truth(), "%c %s %ld %d %lu %lu\n", sent ? 'S' : 'R',
					end->name, syscall(SYS_gettid), nr,
					tally->of[sent][nr].calls, tally->of[sent][nr].bytes);
}

#endif
