// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves bytes in a way that the tracer does not record, after a line on its standard input:
 * unseen io_uring|mptcp|compat|sockmap|multicast|segments|urgent. `file` uses io_uring for a file only.
 */
#include <bpf/bpf.h>
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <signal.h>
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
/* Where 32-bit emulation is off, the instruction itself faults. */
static void on_fault(int number)
{
	_exit(CANNOT);
}

static void compat_write(int fd)
{
	char *text = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long ret;

	signal(SIGSEGV, on_fault);
	memcpy(text, "hello", 5);
	asm volatile("int $0x80" : "=a"(ret) : "0"(4), "b"(fd), "c"(text), "d"(5) : "memory");
	if (ret != 5)
		exit(CANNOT);
}

/* From here on the kernel may move what arrives at @fd elsewhere. */
static void put_into_sockmap(int fd)
{
	int map = bpf_map_create(BPF_MAP_TYPE_SOCKMAP, "unseen", 4, 4, 1, NULL);
	uint32_t key = 0, value = fd;

	if (map < 0 || bpf_map_update_elem(map, &key, &value, BPF_ANY))
		exit(CANNOT);
}

static void send_datagram(const char *to, size_t len, int segment)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(7432) };
	struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
	static const char zeroes[2000];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, to, &address.sin_addr);
	if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof(loopback)) ||
	    (segment && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment))) ||
	    sendto(fd, zeroes, len, 0, (void *)&address, sizeof(address)) != (ssize_t)len)
		exit(CANNOT);
}

/* The reader's next bytes are those behind the urgent one. */
static void send_urgent(void)
{
	int pair[2];
	char text[10];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || send(pair[0], "abc", 3, MSG_OOB) != 3 ||
	    send(pair[0], "d", 1, 0) != 1)
		exit(CANNOT);
	if (read(pair[1], text, sizeof(text)) != 2 || read(pair[1], text, sizeof(text)) != 1)
		exit(1);
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
	else if (!strcmp(way, "multicast"))
		send_datagram("239.198.18.1", 10, 0);
	else if (!strcmp(way, "segments"))
		send_datagram("127.0.0.1", 2000, 1000);
	else if (!strcmp(way, "urgent"))
		send_urgent();
	else if (!strcmp(way, "sockmap"))
		put_into_sockmap(pair[1]);
	if (!strcmp(way, "compat"))
		compat_write(pair[0]);
	else if (strcmp(way, "io_uring"))
		write(pair[0], "hello", 5);
	return read(pair[1], line, 5) == 5 ? 0 : 1;
}
