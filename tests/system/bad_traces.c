// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traces as they should not be, for the commands that read them, and the fuzzer: bad_traces DIR [REQUESTS]
 * makes
 *
 *	good.trace	a client asks a server, which asks its store; all the others are made of it
 *	newer.trace	a later version of the format
 *	empty.trace	nodes, and no event
 *	silent.trace	a node that never spoke
 *	leap.trace	the clock goes back by a second in the midst
 *	early.trace	what is received bears an earlier time than what was sent
 *	cut-N.trace	good.trace, cut off after N 64ths
 */
#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/tracekit.h"
#include "trace/format.h"

#define REQUESTS 800
#define CUTS 64

static const char *dir;

static void spill(const char *name, const void *data, size_t len)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.trace", dir, name);
	file = fopen(path, "w");
	if (!file || fwrite(data, 1, len, file) != len || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static uint8_t *slurp(const char *path, size_t *ret_len)
{
	uint8_t *data = malloc(1 << 20);
	FILE *file = fopen(path, "r");

	assert(data && file);
	*ret_len = fread(data, 1, 1 << 20, file);
	fclose(file);
	return data;
}

/* Under its name and not where the kit made it. */
static void keep(struct kit *kit, const char *name)
{
	size_t len;
	uint8_t *data = slurp(kit__finish(kit), &len);

	spill(name, data, len);
	free(data);
	kit__free(kit);
}

/* Half of the requests in the check. By how much the clock leaps before each send, and each receive. */
static struct kit *play(long requests, int64_t before_send_ns, int64_t before_recv_ns)
{
	struct kit_task client = { .node = 1, .tgid = 10, .tid = 10 };
	struct kit_task server = { .node = 2, .tgid = 20, .tid = 20 };
	struct kit_task store = { .node = 3, .tgid = 30, .tid = 30 };
	struct kit_task *const way[] = { &client, &server, &store, &server, &client };
	struct kit_conn *conns[2];
	struct kit *kit = kit__new();

	kit__node(kit, 1, "client", "198.18.0.1", 0, true);
	kit__node(kit, 2, "server", "198.18.0.2", 6379, false);
	kit__node(kit, 3, "store", "198.18.0.3", 5432, false);
	kit__phase(kit, PHASE_WORKLOAD, 0);
	kit__set_now(kit, NOW_WORKLOAD);
	conns[0] = requests ? kit__connect(kit, &client, &server, 6379) : NULL;
	conns[1] = requests ? kit__connect(kit, &server, &store, 5432) : NULL;
	for (long i = 0; i < requests; i++) {
		if (i == requests / 2) {
			kit__phase(kit, PHASE_SETTLE, 0);
			kit__phase(kit, PHASE_CHECK, 0);
			kit__set_now(kit, NOW_CHECK);
		}
		for (int hop = 0; hop < 4; hop++) {
			struct kit_conn *conn = conns[hop == 1 || hop == 2];

			kit__sleep(kit, 2000000 + before_send_ns);
			kit__send(kit, way[hop], conn, "a message");
			kit__sleep(kit, before_recv_ns);
			kit__recv(kit, way[hop + 1], conn, 100);
		}
	}
	kit__phase(kit, PHASE_END, 0);
	return kit;
}

static struct kit *nodes_only(void)
{
	struct kit *kit = kit__new();

	kit__node(kit, 1, "client", "198.18.0.1", 0, true);
	kit__node(kit, 2, "server", "198.18.0.2", 6379, false);
	return kit;
}

static void cut_off(const uint8_t *data, size_t len)
{
	char name[20];

	for (int i = 0; i < CUTS; i++) {
		snprintf(name, sizeof(name), "cut-%d", i);
		spill(name, data, len * i / CUTS);
	}
}

int main(int argc, char **argv)
{
	long requests = argc == 3 ? atol(argv[2]) : REQUESTS;
	struct kit *kit;
	uint32_t later;
	uint8_t *data;
	size_t len;

	if (argc != 2 && argc != 3)
		return 2;
	dir = argv[1];
	kit = play(requests, 0, 0);
	data = slurp(kit__finish(kit), &len);
	kit__free(kit);
	spill("good", data, len);
	cut_off(data, len);
	later = htole32(TRACE_VERSION + 1);
	memcpy(data + offsetof(struct trace_file_head, version), &later, sizeof(later));
	spill("newer", data, len);
	free(data);
	keep(nodes_only(), "empty");
	keep(play(0, 0, 0), "silent");
	keep(play(requests, -2500000, 0), "leap");
	keep(play(requests, 0, -1500000), "early");
	return 0;
}
