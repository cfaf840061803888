// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves bytes over TCP in a way that the tracer does not record: unseen io_uring|mptcp|compat|file
 * waits for a line on its standard input first. `file` uses io_uring for a file only.
 */
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define CANNOT 77

static void connect_pair(int protocol, int ret[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM, protocol);
	socklen_t size = sizeof(address);

	ret[0] = socket(AF_INET, SOCK_STREAM, protocol);
	if (listener < 0 || ret[0] < 0 || bind(listener, (void *)&address, size) ||
	    listen(listener, 1) || getsockname(listener, (void *)&address, &size) ||
	    connect(ret[0], (void *)&address, size))
		exit(CANNOT);
	ret[1] = accept(listener, NULL, NULL);
}

static void uring_write(int fd, int opcode)
{
	struct io_uring_params params = { 0 };
	int ring = syscall(SYS_io_uring_setup, 4, &params);
	struct io_uring_sqe *entry;
	uint32_t *tail, *array;
	uint8_t *queue;

	if (ring < 0)
		exit(CANNOT);
	queue = mmap(NULL, params.sq_off.array + 4 * 4, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		     IORING_OFF_SQ_RING);
	entry = mmap(NULL, 4 * sizeof(*entry), PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		     IORING_OFF_SQES);
	if (queue == MAP_FAILED || entry == MAP_FAILED)
		exit(CANNOT);
	memset(entry, 0, sizeof(*entry));
	entry->opcode = opcode;
	entry->fd = fd;
	entry->addr = (uintptr_t)"hello";
	entry->len = 5;
	tail = (uint32_t *)(queue + params.sq_off.tail);
	array = (uint32_t *)(queue + params.sq_off.array);
	array[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		exit(CANNOT);
}

/* write(2) as a 32-bit program calls it */
static void compat_write(int fd)
{
	char *text = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long ret;

	memcpy(text, "hello", 5);
	asm volatile("int $0x80" : "=a"(ret) : "0"(4), "b"(fd), "c"(text), "d"(5) : "memory");
	if (ret != 5)
		exit(CANNOT);
}

int main(int argc, char **argv)
{
	const char *way = argc == 2 ? argv[1] : "";
	char line[10];
	int pair[2];

	if (!fgets(line, sizeof(line), stdin))
		return 1;
	connect_pair(strcmp(way, "mptcp") ? 0 : IPPROTO_MPTCP, pair);
	if (!strcmp(way, "io_uring"))
		uring_write(pair[0], IORING_OP_SEND);
	else if (!strcmp(way, "file"))
		uring_write(fileno(tmpfile()), IORING_OP_WRITE);
	else if (!strcmp(way, "compat"))
		compat_write(pair[0]);
	else
		write(pair[0], "hello", 5);
	if (!strcmp(way, "file"))
		write(pair[0], "hello", 5);
	return read(pair[1], line, 5) == 5 ? 0 : 1;
}
