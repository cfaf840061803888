// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hostile trace files, through reader, graph and lineage. The first byte chooses: the rest is a whole
 * file (checksums stop most of those), or records, which come in a file that is right otherwise.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined ... tests/fuzz/fuzz_trace.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "causal/lineage.h"
#include "trace/format.h"

static const char meta[] =
	"{\"nodes\":[{\"id\":1,\"name\":\"client\",\"client\":true,\"addresses\":[\"198.18.0.1\"]},"
	"{\"id\":2,\"name\":\"server\",\"addresses\":[\"198.18.0.2\"],\"listen\":[6379],"
	"\"container\":\"x\"}]}";

static void put(int fd, const void *data, size_t len)
{
	if (write(fd, data, len) != (ssize_t)len)
		abort();
}

static void put_chunk(int fd, uint32_t type, const void *raw, size_t raw_bytes)
{
	uLongf packed_bytes = compressBound(raw_bytes);
	Bytef *packed = malloc(packed_bytes);
	struct trace_chunk_head head = { .type = type, .raw_bytes = raw_bytes };

	compress2(packed, &packed_bytes, raw, raw_bytes, 1);
	head.packed_bytes = packed_bytes;
	head.crc = crc32(0, packed, packed_bytes);
	put(fd, &head, sizeof(head));
	put(fd, packed, packed_bytes);
	free(packed);
}

static void put_records(int fd, const uint8_t *data, size_t len)
{
	struct trace_file_head head = { .version = TRACE_VERSION };
	struct ledger ledger = { 0 };

	memcpy(head.magic, TRACE_MAGIC, sizeof(head.magic));
	put(fd, &head, sizeof(head));
	put_chunk(fd, TRACE_META, meta, sizeof(meta) - 1);
	put_chunk(fd, TRACE_EVENTS, data, len);
	put_chunk(fd, TRACE_LEDGER, &ledger, sizeof(ledger));
	put_chunk(fd, TRACE_END, "{}", 2);
}

static void check(const struct graph *graph)
{
	struct lineage lineage;
	struct graph_stats stats;

	graph__stats(graph, &stats);
	if (stats.matched > stats.receives || stats.receives > stats.events)
		abort();
	for (int outcome = OUTCOME_WORKLOAD; outcome <= OUTCOME_CHECK; outcome++) {
		if (lineage__of(graph, outcome, NULL, &lineage, NULL) < 0)
			continue;
		for (size_t i = 0; i < lineage.cnt; i++)
			if (!(lineage.v[i].confidence > 0 && lineage.v[i].confidence <= 1))
				abort();
		lineage__free(&lineage);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct graph *graph;
	char path[64];
	int fd;

	if (!len)
		return 0;
	fd = memfd_create("trace", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (data[0] & 1)
		put_records(fd, data + 1, len - 1);
	else
		put(fd, data + 1, len - 1);
	graph = graph__load(path, NULL);
	if (graph)
		check(graph);
	graph__free(graph);
	close(fd);
	return 0;
}
