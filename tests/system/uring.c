// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends and receives over TCP by io_uring alone: uring OPERATIONS SEED. The rings and connections are
 * there when it says `ready`; it begins after a line on its standard input. Each way of doing a request
 * is used: as it is handed in, once there is something to receive, and by a thread of the kernel's.
 * Ends by saying what was moved: `sent N in M` and `received N`, in bytes, and in how many requests.
 */
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define CANNOT 77
#define ENTRIES 4
#define BYTES_MAX 5000

struct ring {
	int fd;
	uint8_t *submissions, *completions;
	struct io_uring_sqe *entries;
	struct io_uring_cqe *results;
	struct io_uring_params params;
};

static void *map_ring(const struct ring *ring, size_t bytes, off_t what)
{
	void *ret = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, what);

	if (ret == MAP_FAILED)
		exit(CANNOT);
	return ret;
}

static void open_ring(struct ring *ring)
{
	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, ENTRIES, &ring->params);
	if (ring->fd < 0)
		exit(CANNOT);
	ring->submissions = map_ring(ring, ring->params.sq_off.array + ENTRIES * 4, IORING_OFF_SQ_RING);
	ring->completions = map_ring(ring, ring->params.cq_off.cqes + 2 * ENTRIES * sizeof(*ring->results),
				     IORING_OFF_CQ_RING);
	ring->entries = map_ring(ring, ENTRIES * sizeof(*ring->entries), IORING_OFF_SQES);
	ring->results = (struct io_uring_cqe *)(ring->completions + ring->params.cq_off.cqes);
}

/* One request, and what became of it. */
static int request(struct ring *ring, const struct io_uring_sqe *entry)
{
	uint32_t *tail = (uint32_t *)(ring->submissions + ring->params.sq_off.tail);
	uint32_t *array = (uint32_t *)(ring->submissions + ring->params.sq_off.array);
	uint32_t *head = (uint32_t *)(ring->completions + ring->params.cq_off.head);
	uint32_t *mask = (uint32_t *)(ring->completions + ring->params.cq_off.ring_mask);
	int result;

	ring->entries[0] = *entry;
	array[*tail % ENTRIES] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		exit(CANNOT);
	result = ring->results[*head & *mask].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return result;
}

struct side {
	struct ring ring;
	int fd;
	unsigned seed;
	long operations, bytes;
};

static char text[BYTES_MAX];

static void fill(struct io_uring_sqe *entry, struct side *side, int socket_op, int file_op,
		 void *bytes, size_t len)
{
	memset(entry, 0, sizeof(*entry));
	entry->opcode = rand_r(&side->seed) % 2 ? socket_op : file_op;
	entry->flags = rand_r(&side->seed) % 4 ? 0 : IOSQE_ASYNC;
	entry->fd = side->fd;
	entry->addr = (uintptr_t)bytes;
	entry->len = len;
}

static void *sender(void *arg)
{
	struct side *side = arg;
	struct io_uring_sqe entry;
	int sent;

	for (long i = 0; i < side->operations; i++) {
		fill(&entry, side, IORING_OP_SEND, IORING_OP_WRITE, text,
		     1 + rand_r(&side->seed) % sizeof(text));
		sent = request(&side->ring, &entry);
		if (sent <= 0)
			exit(1);
		side->bytes += sent;
		if (rand_r(&side->seed) % 8 == 0)
			usleep(200); /* the other one waits */
	}
	shutdown(side->fd, SHUT_WR);
	return NULL;
}

static void *receiver(void *arg)
{
	struct side *side = arg;
	char room[BYTES_MAX];
	struct io_uring_sqe entry;
	int taken;

	for (;;) {
		fill(&entry, side, IORING_OP_RECV, IORING_OP_READ, room,
		     1 + rand_r(&side->seed) % sizeof(room));
		taken = request(&side->ring, &entry);
		if (taken < 0)
			exit(1);
		if (!taken)
			return NULL;
		side->bytes += taken;
	}
}

static void connect_pair(struct side *sends, struct side *receives)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = sizeof(address);

	sends->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (void *)&address, size) || listen(listener, 1) ||
	    getsockname(listener, (void *)&address, &size) ||
	    connect(sends->fd, (void *)&address, size))
		exit(CANNOT);
	receives->fd = accept(listener, NULL, NULL);
}

int main(int argc, char **argv)
{
	struct side sends = { 0 }, receives = { 0 };
	pthread_t one, other;
	char line[10];

	if (argc != 3)
		return 2;
	sends.operations = atol(argv[1]);
	sends.seed = receives.seed = atoi(argv[2]);
	open_ring(&sends.ring);
	open_ring(&receives.ring);
	connect_pair(&sends, &receives);
	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	pthread_create(&one, NULL, sender, &sends);
	pthread_create(&other, NULL, receiver, &receives);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	printf("sent %ld in %ld\nreceived %ld\n", sends.bytes, sends.operations, receives.bytes);
	return 0;
}
