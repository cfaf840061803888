// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

#include "tests/unit/tracekit.h"
#include "trace/format.h"

static struct kit_task client = { .node = 1, .tgid = 10, .tid = 10 };
static struct kit_task server = { .node = 2, .tgid = 20, .tid = 20 };

static struct kit *two_nodes(void)
{
	struct kit *kit = kit__new();

	kit__node(kit, 1, "client", "198.18.0.1", 0, true);
	kit__node(kit, 2, "server", "198.18.0.2", 6379, false);
	return kit;
}

/* How many records come out; *ret_whole: does the file end properly? */
static size_t count(const char *path, bool *ret_whole)
{
	struct trace_reader *reader = trace_reader__open(path, NULL);
	const struct event *event;
	size_t cnt = 0;

	assert_non_null(reader);
	while (trace_reader__next(reader, &event, NULL) == 1)
		cnt++;
	*ret_whole = trace_reader__whole(reader);
	trace_reader__close(reader);
	return cnt;
}

static void reads_what_was_written(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	const struct event *event, *last = NULL;
	struct ledger ledger = { .seen = 7, .failed = 3 };
	struct trace_reader *reader;
	const struct trace_node *nodes;
	uint8_t ip[16];
	size_t cnt;

	kit__set_now(kit, 5);
	kit__send(kit, &client, conn, "GET foo");
	reader = trace_reader__open(kit__finish_with(kit, &ledger), NULL);
	assert_non_null(reader);
	nodes = trace_reader__nodes(reader, &cnt);
	assert_int_equal(cnt, 2);
	assert_string_equal(nodes[1].name, "server");
	assert_true(nodes[0].client && !nodes[1].client);
	assert_int_equal(nodes[1].listen[0], 6379);
	trace__map_ipv4((uint8_t[]){ 198, 18, 0, 2 }, ip);
	assert_memory_equal(nodes[1].addrs[0].ip, ip, 16);
	while (trace_reader__next(reader, &event, NULL) == 1)
		last = event;
	assert_non_null(last);
	assert_int_equal(last->kind, EV_SEND);
	assert_int_equal(last->now, 5);
	assert_int_equal(last->payload_len, 7);
	assert_memory_equal(event__payload(last), "GET foo", 7);
	assert_true(trace_reader__whole(reader));
	assert_int_equal(trace_reader__ledger(reader)->failed, 3);
	trace_reader__close(reader);
	kit__free(kit);
}

static void carries_more_than_a_chunk(void **state)
{
	struct kit *kit = two_nodes();
	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
	bool whole;

	for (int i = 0; i < 20000; i++)
		kit__pass(kit, &client, &server, conn, "odd");
	assert_int_equal(count(kit__finish(kit), &whole), 4 + 3 * 20000);
	assert_true(whole);
	kit__free(kit);
}

static uint8_t *slurp(const char *path, size_t *ret_len)
{
	uint8_t *data = malloc(1 << 20);
	FILE *file = fopen(path, "r");

	*ret_len = fread(data, 1, 1 << 20, file);
	fclose(file);
	return data;
}

static void spill(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
}

/* Three chunks of events, of 1, 2 and 3 records, each in the file as soon as it is flushed. */
static const char *small_trace(struct kit *kit, struct trace_writer *writer)
{
	static char path[] = "/tmp/test-trace-small";
	json_t *meta = json_pack("{s:[{s:i,s:s}]}", "nodes", "id", 1, "name", "a");
	struct event event = { .kind = EV_WAIT, .node = 1 };
	struct ledger ledger = { 0 };

	writer = trace_writer__open(path, meta, NULL);
	for (int chunk = 1; chunk <= 3; chunk++) {
		for (int i = 0; i < chunk; i++)
			assert_int_equal(trace_writer__add(writer, &event), 0);
		assert_int_equal(trace_writer__flush(writer), 0);
	}
	assert_int_equal(trace_writer__close(writer, &ledger, NULL), 0);
	json_decref(meta);
	return path;
}

static void keeps_what_was_whole_wherever_it_is_cut(void **state)
{
	const char *path = small_trace(NULL, NULL);
	size_t len, before = 0, cnt, opened = 0, steps = 0;
	uint8_t *data = slurp(path, &len);
	struct trace_reader *reader;
	struct err err;
	bool whole;

	for (size_t cut = 0; cut < len; cut++) {
		spill(path, data, cut);
		memset(&err, 0, sizeof(err));
		reader = trace_reader__open(path, &err);
		if (!reader) {
			assert_int_equal(opened, 0); /* once the head is there, it opens */
			assert_int_equal(err.code, EXIT_USAGE);
			assert_true(strlen(err.msg) > 10);
			continue;
		}
		trace_reader__close(reader);
		opened++;
		cnt = count(path, &whole);
		assert_false(whole);
		assert_true(cnt == 0 || cnt == 1 || cnt == 3 || cnt == 6);
		assert_true(cnt >= before);
		steps += cnt != before;
		before = cnt;
	}
	assert_int_equal(steps, 3);
	spill(path, data, len);
	assert_int_equal(count(path, &whole), 6);
	assert_true(whole);
	free(data);
	unlink(path);
}

static void stops_at_damage(void **state)
{
	const char *path = small_trace(NULL, NULL);
	size_t len;
	uint8_t *data = slurp(path, &len);
	bool whole;

	for (size_t at = 0; at < len; at++) {
		struct trace_reader *reader;

		data[at] ^= 0x40;
		spill(path, data, len);
		reader = trace_reader__open(path, NULL);
		if (reader) {
			trace_reader__close(reader);
			count(path, &whole);
			/* only a chunk's type and the head's spare word are not under a checksum */
			assert_true(!whole || at >= 8);
		}
		data[at] ^= 0x40;
	}
	free(data);
	unlink(path);
}

static void says_what_a_file_is_not(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		const char *says;
	} bad[] = {
		{ "", 0, "x.trace: not a cutset trace, it is empty" },
		{ "hello, world, this is text", 26, "x.trace: not a cutset trace" },
		{ "CUTSET", 6, "x.trace: cut off before its first record" },
		{ "CUTSETTR\2\0\0\0\0\0\0\0", 16,
		  "x.trace: written by a newer cutset (format 2, this one reads 1)" },
		{ "CUTSETTR\0\0\0\0\0\0\0\0", 16,
		  "x.trace: written by an older cutset (format 0, this one reads 1)" },
		{ "CUTSETTR\1\0\0\0\0\0\0\0", 16, "x.trace: cut off before its first record" },
		{ "CUTSETTR\1\0\0\0\0\0\0\0\1\0\0\0\1\0\0\1\0\0\0\1\0\0\0\0", 32,
		  "x.trace: damaged at its beginning" },
	};
	struct err err;

	assert_int_equal(chdir("/tmp"), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		spill("x.trace", bad[i].data, bad[i].len);
		assert_null(trace_reader__open("x.trace", &err));
		assert_string_equal(err.msg, bad[i].says);
		assert_int_equal(err.code, EXIT_USAGE);
	}
	unlink("x.trace");
	assert_null(trace_reader__open("x.trace", &err));
	assert_string_equal(err.msg, "cannot read x.trace: No such file or directory");
	assert_null(trace_reader__open("/tmp", &err));
	assert_string_equal(err.msg, "cannot read /tmp: Is a directory");
}

static void refuses_nodes_that_cannot_be(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"nodes\": 3}",
		"{\"nodes\": [{\"id\": 0, \"name\": \"a\"}]}",
		"{\"nodes\": [{\"id\": 64, \"name\": \"a\"}]}",
		"{\"nodes\": [{\"id\": 1}]}",
		"{\"nodes\": [{\"id\": 1, \"name\": \"\"}]}",
		"{\"nodes\": [{\"id\": 1, \"name\": \"a\\u001b[2J\"}]}",
		"{\"nodes\": [{\"id\": 1, \"name\": \"a\"}, {\"id\": 1, \"name\": \"b\"}]}",
		"{\"nodes\": [{\"id\": 1, \"name\": \"a\", \"addresses\": [\"1.2.3\"]}]}",
		"{\"nodes\": [{\"id\": 1, \"name\": \"a\", \"listen\": [70000]}]}",
	};
	const char *path = "/tmp/test-trace-nodes";
	struct ledger ledger = { 0 };
	struct trace_writer *writer;
	json_t *meta;
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		meta = json_loads(bad[i], 0, NULL);
		writer = trace_writer__open(path, meta, NULL);
		trace_writer__close(writer, &ledger, NULL);
		json_decref(meta);
		assert_null(trace_reader__open(path, &err));
		assert_int_equal(err.code, EXIT_USAGE);
		assert_true(strncmp(err.msg, path, strlen(path)) == 0);
	}
	unlink(path);
}

/* A record that cannot be ends the trace there, although its chunk's checksum is right. */
static void stops_at_records_that_cannot_be(void **state)
{
	static const struct event bad[] = {
		{ .kind = EV_NONE },
		{ .kind = EV_KINDS },
		{ .kind = EV_WAIT, .node = MAX_NODES },
		{ .kind = EV_SOCKET, .socket.family = 77 },
		{ .kind = EV_SOCKET, .socket.family = 10 }, /* AF_INET6 without its addresses */
		{ .kind = EV_CUT, .cut.peer = MAX_NODES },
		{ .kind = EV_PHASE, .phase.phase = PHASE_END + 1 },
	};
	bool whole;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct kit *kit = two_nodes();
		struct event event = bad[i];
		uint16_t node = event.node;

		kit__wait(kit, &client);
		kit__emit(kit, NULL, &event, NULL, 0);
		assert_int_equal(node, event.node);
		kit__wait(kit, &client);
		assert_int_equal(count(kit__finish(kit), &whole), 1);
		assert_false(whole);
		kit__free(kit);
	}
}

/* The n-th write fails: the error comes out, stays, and what the file holds is whole. */
static void a_full_disk_leaves_whole_chunks(void **state)
{
	const char *path = "/tmp/test-trace-full";
	json_t *meta = json_pack("{s:[{s:i,s:s}]}", "nodes", "id", 1, "name", "a");
	struct event event = { .kind = EV_WAIT, .node = 1 };
	struct rlimit old, limit;
	struct ledger ledger = { 0 };
	struct trace_writer *writer;
	struct err err;
	bool whole;
	int ret = 0;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = (struct rlimit){ .rlim_cur = 1000, .rlim_max = old.rlim_max };
	writer = trace_writer__open(path, meta, NULL);
	setrlimit(RLIMIT_FSIZE, &limit);
	for (int i = 0; i < 100 && ret == 0; i++) {
		event.ts_ns = random();
		trace_writer__add(writer, &event);
		ret = trace_writer__flush(writer);
	}
	assert_true(ret < 0);
	assert_int_equal(trace_writer__add(writer, &event), ret);
	assert_int_equal(trace_writer__close(writer, &ledger, &err), -1);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_string_equal(err.msg, "cannot write the trace: File too large");
	assert_true(count(path, &whole) > 3);
	assert_false(whole);
	json_decref(meta);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_was_written),
		cmocka_unit_test(carries_more_than_a_chunk),
		cmocka_unit_test(keeps_what_was_whole_wherever_it_is_cut),
		cmocka_unit_test(stops_at_damage),
		cmocka_unit_test(says_what_a_file_is_not),
		cmocka_unit_test(refuses_nodes_that_cannot_be),
		cmocka_unit_test(stops_at_records_that_cannot_be),
		cmocka_unit_test(a_full_disk_leaves_whole_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
