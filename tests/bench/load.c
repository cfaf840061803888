// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast a trace is written, how small it is, and how fast and in how much memory it is loaded and
 * matched. Usage: load [EVENTS [FILE]]: FILE is kept. Writes build/bench/load.json.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "causal/graph.h"

#define CONNS 50

/* A server with an event loop and clients that ask and wait, events as the kernel side writes them. */
struct traffic {
	struct trace_writer *writer;
	uint64_t events, ts_ns;
	uint32_t task_seq[CONNS + 1]; /* 0 the server, then a client process each */
	uint32_t seq[CONNS + 1][2];
};

static json_t *meta(void)
{
	return json_pack("{s:[{s:i,s:s,s:b,s:[s]},{s:i,s:s,s:[s],s:[i]}]}", "nodes", "id", 1,
			 "name", "client", "client", 1, "addresses", "198.18.0.1", "id", 2, "name",
			 "server", "addresses", "198.18.0.2", "listen", 6379);
}

static void emit(struct traffic *traffic, struct event *event, uint32_t task)
{
	/* the two CPUs' records are not quite in order */
	traffic->ts_ns += 200 + random() % 3000;
	event->ts_ns = traffic->ts_ns - random() % 2000;
	event->node = task ? 1 : 2;
	event->tgid = event->tid = 1000 + task;
	event->task_seq = ++traffic->task_seq[task];
	event->now = 1;
	if (trace_writer__add(traffic->writer, event) < 0)
		abort();
	traffic->events++;
}

static void describe(struct traffic *traffic, uint32_t conn, bool server)
{
	struct event event = { .kind = EV_SOCKET };

	event.socket.socket = 2 * conn + server;
	event.socket.family = 2;
	event.socket.proto = 6;
	event.socket.local_port = server ? 6379 : 40000 + conn;
	event.socket.remote_port = server ? 40000 + conn : 6379;
	memcpy(event.socket.local, (uint8_t[]){ 198, 18, 0, server ? 2 : 1 }, 4);
	memcpy(event.socket.remote, (uint8_t[]){ 198, 18, 0, server ? 1 : 2 }, 4);
	emit(traffic, &event, server ? 0 : conn);
}

static void io(struct traffic *traffic, uint16_t kind, uint32_t conn, bool server, uint32_t seq,
	       uint32_t len)
{
	struct event event = { .kind = kind };

	if (kind != EV_WAIT) {
		event.io.socket = 2 * conn + server;
		event.io.fd = 7 + conn;
		event.io.seq_end = seq;
		event.io.len = len;
		event.io.syscall = kind == EV_SEND;
	}
	event.io.ret = kind == EV_WAIT ? 1 : len;
	emit(traffic, &event, server ? 0 : conn);
}

static void exchange(struct traffic *traffic, uint32_t conn)
{
	uint32_t *seq = traffic->seq[conn];

	seq[0] += 45;
	io(traffic, EV_SEND, conn, false, seq[0], 45);
	io(traffic, EV_WAIT, conn, true, 0, 0);
	io(traffic, EV_RECV, conn, true, seq[0], 45);
	seq[1] += 5;
	io(traffic, EV_SEND, conn, true, seq[1], 5);
	io(traffic, EV_WAIT, conn, false, 0, 0);
	io(traffic, EV_RECV, conn, false, seq[1], 5);
}

/* Returns the seconds it took. */
static double generate(const char *path, uint64_t events)
{
	uint64_t begin_ns = units__now_ns();
	struct traffic traffic = { .ts_ns = 1000000000 };
	struct ledger ledger = { 0 };
	json_t *json = meta();

	traffic.writer = trace_writer__open(path, json, NULL);
	json_decref(json);
	if (!traffic.writer)
		abort();
	for (uint32_t conn = 1; conn <= CONNS; conn++) {
		traffic.seq[conn][0] = random() * 2;
		traffic.seq[conn][1] = random() * 2;
		describe(&traffic, conn, false);
		describe(&traffic, conn, true);
	}
	while (traffic.events < events)
		exchange(&traffic, 1 + random() % CONNS);
	if (trace_writer__close(traffic.writer, &ledger, NULL) < 0)
		abort();
	return (double)(units__now_ns() - begin_ns) / NSEC_PER_SEC;
}

/* The most memory this process ever had, in bytes. */
static double peak_bytes(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[128];
	long kib = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib * 1024.0;
}

static json_t *figure(const char *name, double ours, double goal, const char *unit)
{
	printf("%s: %.4g %s (goal %.4g)\n", name, ours, unit, goal);
	return json_pack("{s:s, s:f, s:f, s:s}", "name", name, "ours", ours, "goal", goal, "unit",
			 unit);
}

static int measure(const char *path, uint64_t events)
{
	double writing = generate(path, events), before = peak_bytes(), loading, cnt;
	uint64_t begin_ns = units__now_ns();
	struct graph_stats stats;
	struct graph *graph;
	struct stat st;
	json_t *figures;

	graph = graph__load(path, NULL);
	loading = (double)(units__now_ns() - begin_ns) / NSEC_PER_SEC;
	if (!graph || stat(path, &st) < 0)
		return 1;
	graph__stats(graph, &stats);
	cnt = stats.events;
	figures = json_array();
	json_array_append_new(figures, figure("write a trace", cnt / writing, 1e6, "events/s"));
	json_array_append_new(figures, figure("size of it", st.st_size / cnt, 24, "bytes/event"));
	json_array_append_new(figures, figure("load and match it", cnt / loading, 2e6, "events/s"));
	json_array_append_new(figures, figure("memory of it", (peak_bytes() - before) / cnt, 100,
					      "bytes/event"));
	json_dump_file(figures, "build/bench/load.json", JSON_INDENT(1));
	json_decref(figures);
	graph__free(graph);
	if (!stats.complete || stats.matched != stats.receives || !stats.receives) {
		puts("FAILED: the trace is not complete");
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000000;
	char path[] = "/tmp/cutset-bench-XXXXXX";
	int ret, fd;

	if (argc > 2)
		return measure(argv[2], events);
	fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	ret = measure(path, events);
	unlink(path);
	return ret;
}
