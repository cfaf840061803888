// SPDX-License-Identifier: GPL-2.0-only
#include "trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "trace/format.h"

/* 1.7 million records a second on one core of the reference machine, 12 bytes each. */
#define PACK_LEVEL 3

struct trace_writer {
	int fd;
	int error; /* -errno of the first write that failed */
	uint64_t written_bytes; /* of whole chunks: where a failed write is undone to */
	uint64_t event_cnt;
	z_stream zip;
	size_t raw_bytes;
	size_t packed_cap;
	uint8_t raw[TRACE_CHUNK_BYTES];
	uint8_t packed[]; /* a chunk's head, then its packed bytes */
};

static int write_all(int fd, const uint8_t *data, size_t bytes)
{
	while (bytes) {
		ssize_t n = write(fd, data, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -ENOSPC;
		data += n;
		bytes -= n;
	}
	return 0;
}

/* All or nothing: what a full disk took of a chunk is given back. */
static int write_whole(struct trace_writer *writer, const void *data, size_t bytes)
{
	int ret = write_all(writer->fd, data, bytes);

	if (ret < 0) {
		writer->error = ret;
		if (ftruncate(writer->fd, writer->written_bytes) < 0)
			return ret; /* a pipe, a device: the reader stops at the torn chunk */
		return ret;
	}
	writer->written_bytes += bytes;
	return 0;
}

static int pack(struct trace_writer *writer, const void *raw, size_t raw_bytes, size_t *ret_bytes)
{
	z_stream *zip = &writer->zip;

	if (deflateReset(zip) != Z_OK)
		return -EIO;
	zip->next_in = (Bytef *)raw;
	zip->avail_in = raw_bytes;
	zip->next_out = writer->packed + sizeof(struct trace_chunk_head);
	zip->avail_out = writer->packed_cap - sizeof(struct trace_chunk_head);
	if (deflate(zip, Z_FINISH) != Z_STREAM_END)
		return -EMSGSIZE;
	*ret_bytes = zip->total_out;
	return 0;
}

static int write_chunk(struct trace_writer *writer, enum trace_chunk_type type, const void *raw,
		       size_t raw_bytes)
{
	struct trace_chunk_head head;
	size_t packed_bytes;
	int ret;

	if (writer->error)
		return writer->error;
	ret = pack(writer, raw, raw_bytes, &packed_bytes);
	if (ret < 0) {
		writer->error = ret;
		return ret;
	}
	head.type = htole32(type);
	head.raw_bytes = htole32(raw_bytes);
	head.packed_bytes = htole32(packed_bytes);
	head.crc = htole32(crc32(0, writer->packed + sizeof(head), packed_bytes));
	memcpy(writer->packed, &head, sizeof(head));
	return write_whole(writer, writer->packed, sizeof(head) + packed_bytes);
}

static int write_json(struct trace_writer *writer, enum trace_chunk_type type, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	int ret = -EINVAL;

	if (!text)
		return -EINVAL;
	if (strlen(text) <= TRACE_META_MAX)
		ret = write_chunk(writer, type, text, strlen(text));
	free(text);
	return ret;
}

static int write_start(struct trace_writer *writer, const json_t *meta)
{
	struct trace_file_head head = { .version = htole32(TRACE_VERSION) };
	int ret;

	memcpy(head.magic, TRACE_MAGIC, TRACE_MAGIC_BYTES);
	ret = write_whole(writer, &head, sizeof(head));
	return ret < 0 ? ret : write_json(writer, TRACE_META, meta);
}

static struct trace_writer *writer_new(void)
{
	size_t packed_cap = sizeof(struct trace_chunk_head) + compressBound(TRACE_META_MAX);
	struct trace_writer *writer = malloc(sizeof(*writer) + packed_cap);

	if (!writer)
		return NULL;
	memset(writer, 0, sizeof(*writer));
	writer->packed_cap = packed_cap;
	if (deflateInit(&writer->zip, PACK_LEVEL) != Z_OK) {
		free(writer);
		return NULL;
	}
	return writer;
}

static void writer_free(struct trace_writer *writer)
{
	deflateEnd(&writer->zip);
	free(writer);
}

struct trace_writer *trace_writer__open(const char *path, const json_t *meta, struct err *err)
{
	struct trace_writer *writer = writer_new();
	int ret;

	if (!writer) {
		err__set(err, EXIT_MACHINE, "cannot write %s: out of memory", path);
		return NULL;
	}
	writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (writer->fd < 0) {
		err__set(err, EXIT_USAGE, "cannot write %s: %s", path, strerror(errno));
		writer_free(writer);
		return NULL;
	}
	ret = write_start(writer, meta);
	if (ret < 0) {
		err__set(err, EXIT_MACHINE, "cannot write %s: %s", path, strerror(-ret));
		close(writer->fd);
		writer_free(writer);
		return NULL;
	}
	return writer;
}

int trace_writer__add(struct trace_writer *writer, const struct event *event)
{
	size_t bytes = sizeof(*event) + event->payload_len;
	int ret;

	if (writer->raw_bytes + bytes > sizeof(writer->raw)) {
		ret = trace_writer__flush(writer);
		if (ret < 0)
			return ret;
	}
	memcpy(writer->raw + writer->raw_bytes, event, bytes);
	writer->raw_bytes += bytes;
	writer->event_cnt++;
	return writer->error;
}

int trace_writer__flush(struct trace_writer *writer)
{
	size_t bytes = writer->raw_bytes;

	writer->raw_bytes = 0;
	if (writer->error || !bytes)
		return writer->error;
	return write_chunk(writer, TRACE_EVENTS, writer->raw, bytes);
}

static int write_end(struct trace_writer *writer, const struct ledger *ledger)
{
	json_t *end;
	int ret;

	ret = write_chunk(writer, TRACE_LEDGER, ledger, sizeof(*ledger));
	if (ret < 0)
		return ret;
	end = json_pack("{s:I}", "events", (json_int_t)writer->event_cnt);
	ret = end ? write_json(writer, TRACE_END, end) : -ENOMEM;
	json_decref(end);
	return ret;
}

int trace_writer__close(struct trace_writer *writer, const struct ledger *ledger, struct err *err)
{
	int ret = trace_writer__flush(writer);

	if (ret == 0)
		ret = write_end(writer, ledger);
	if (close(writer->fd) < 0 && ret == 0)
		ret = -errno;
	writer_free(writer);
	if (ret < 0)
		return err__set(err, EXIT_MACHINE, "cannot write the trace: %s", strerror(-ret));
	return 0;
}
