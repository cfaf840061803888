// SPDX-License-Identifier: GPL-2.0-only
#include "trace/trace.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/grow.h"
#include "trace/format.h"
#include "trace/meta.h"

struct buffer {
	uint8_t *v;
	size_t cap;
	size_t bytes;
};

struct trace_reader {
	FILE *file;
	char *path;
	json_t *meta;
	struct trace_nodes nodes;
	struct buffer packed, raw;
	size_t at;   /* in raw, of the next record */
	bool ended;  /* nothing more is read */
	bool whole;
	struct ledger ledger;
	_Alignas(8) uint8_t record[sizeof(struct event) + MAX_PAYLOAD];
};

/* Chunks come back as one of these, or as a type. */
enum { CHUNK_ERROR = -1, CHUNK_DAMAGED = 0 };

static int read_error(struct trace_reader *reader, struct err *err)
{
	reader->ended = true;
	return err__set(err, EXIT_USAGE, "cannot read %s: %s", reader->path, strerror(errno));
}

static bool unpack(const struct buffer *packed, struct buffer *raw)
{
	uLongf raw_bytes = raw->bytes;
	uLong packed_bytes = packed->bytes;

	if (uncompress2(raw->v, &raw_bytes, packed->v, &packed_bytes) != Z_OK)
		return false;
	return raw_bytes == raw->bytes && packed_bytes == packed->bytes;
}

/* One chunk into reader->raw. Returns its type, CHUNK_DAMAGED (also: there is none) or CHUNK_ERROR. */
static int read_chunk(struct trace_reader *reader)
{
	struct trace_chunk_head head;

	if (fread(&head, 1, sizeof(head), reader->file) != sizeof(head))
		return ferror(reader->file) ? CHUNK_ERROR : CHUNK_DAMAGED;
	reader->raw.bytes = le32toh(head.raw_bytes);
	reader->packed.bytes = le32toh(head.packed_bytes);
	if (reader->raw.bytes > TRACE_CHUNK_MAX || reader->packed.bytes > TRACE_CHUNK_MAX)
		return CHUNK_DAMAGED;
	if (grow(&reader->raw.v, &reader->raw.cap, reader->raw.bytes + 1) < 0 ||
	    grow(&reader->packed.v, &reader->packed.cap, reader->packed.bytes + 1) < 0)
		return CHUNK_ERROR;
	if (fread(reader->packed.v, 1, reader->packed.bytes, reader->file) != reader->packed.bytes)
		return ferror(reader->file) ? CHUNK_ERROR : CHUNK_DAMAGED;
	if (crc32(0, reader->packed.v, reader->packed.bytes) != le32toh(head.crc) ||
	    !unpack(&reader->packed, &reader->raw))
		return CHUNK_DAMAGED;
	return le32toh(head.type) <= INT32_MAX ? (int)le32toh(head.type) : CHUNK_DAMAGED;
}

static int read_file_head(struct trace_reader *reader, struct err *err)
{
	struct trace_file_head head;
	size_t bytes = fread(&head, 1, sizeof(head), reader->file);
	size_t magic_bytes = bytes < TRACE_MAGIC_BYTES ? bytes : TRACE_MAGIC_BYTES;

	if (ferror(reader->file))
		return read_error(reader, err);
	if (bytes == 0)
		return err__set(err, EXIT_USAGE, "%s: not a cutset trace, it is empty", reader->path);
	if (memcmp(head.magic, TRACE_MAGIC, magic_bytes) != 0)
		return err__set(err, EXIT_USAGE, "%s: not a cutset trace", reader->path);
	if (bytes < sizeof(head))
		return err__set(err, EXIT_USAGE, "%s: cut off before its first record", reader->path);
	if (le32toh(head.version) != TRACE_VERSION)
		return err__set(err, EXIT_USAGE,
				"%s: written by %s cutset (format %u, this one reads %u)",
				reader->path,
				le32toh(head.version) > TRACE_VERSION ? "a newer" : "an older",
				le32toh(head.version), TRACE_VERSION);
	return 0;
}

static int read_meta(struct trace_reader *reader, struct err *err)
{
	int type = read_chunk(reader);

	if (type == CHUNK_ERROR)
		return read_error(reader, err);
	if (type != TRACE_META || reader->raw.bytes > TRACE_META_MAX)
		return err__set(err, EXIT_USAGE, "%s: %s", reader->path,
				feof(reader->file) ? "cut off before its first record" :
						     "damaged at its beginning");
	reader->meta = json_loadb((char *)reader->raw.v, reader->raw.bytes, 0, NULL);
	reader->raw.bytes = 0;
	if (!json_is_object(reader->meta))
		return err__set(err, EXIT_USAGE, "%s: damaged at its beginning", reader->path);
	if (trace_nodes__parse(reader->meta, &reader->nodes, err) < 0)
		return err__prefix(err, "%s", reader->path);
	return 0;
}

struct trace_reader *trace_reader__open(const char *path, struct err *err)
{
	struct trace_reader *reader = calloc(1, sizeof(*reader));

	if (reader)
		reader->path = strdup(path);
	if (!reader || !reader->path) {
		err__set(err, EXIT_MACHINE, "cannot read %s: out of memory", path);
		goto close_reader;
	}
	reader->file = fopen(path, "re");
	if (!reader->file) {
		read_error(reader, err);
		goto close_reader;
	}
	if (read_file_head(reader, err) < 0 || read_meta(reader, err) < 0)
		goto close_reader;
	return reader;

close_reader:
	trace_reader__close(reader);
	return NULL;
}

const json_t *trace_reader__meta(const struct trace_reader *reader)
{
	return reader->meta;
}

const struct trace_node *trace_reader__nodes(const struct trace_reader *reader, size_t *ret_cnt)
{
	*ret_cnt = reader->nodes.cnt;
	return reader->nodes.v;
}

uint64_t trace_reader__bytes(const struct trace_reader *reader)
{
	struct stat stat;

	return fstat(fileno(reader->file), &stat) == 0 && S_ISREG(stat.st_mode) ? stat.st_size : 0;
}

static bool socket_is_sane(const struct event *event)
{
	switch (event->socket.family) {
	case AF_INET:
		return true;
	case AF_INET6:
		return event->payload_len == 32;
	case AF_UNIX:
	case CHANNEL_PIPE:
	case CHANNEL_EVENTFD:
		return event->payload_len >= CHANNEL_NAMES_BYTES;
	}
	return false;
}

static bool kind_is_sane(const struct event *event)
{
	switch (event->kind) {
	case EV_SOCKET:
		return socket_is_sane(event);
	case EV_CUT:
		return event->cut.peer < MAX_NODES;
	case EV_PHASE:
		return event->phase.phase > PHASE_NONE && event->phase.phase <= PHASE_END;
	default:
		return event->kind > EV_NONE && event->kind < EV_KINDS;
	}
}

/* Copies the next record out of the chunk: its place there need not be aligned. */
static bool next_record(struct trace_reader *reader)
{
	struct event *event = (struct event *)reader->record;
	size_t left = reader->raw.bytes - reader->at;

	if (left < sizeof(*event))
		return false;
	memcpy(event, reader->raw.v + reader->at, sizeof(*event));
	left -= sizeof(*event);
	if (event->payload_len > MAX_PAYLOAD || event->payload_len > left)
		return false;
	if (event->node >= MAX_NODES || !kind_is_sane(event))
		return false;
	memcpy(event + 1, reader->raw.v + reader->at + sizeof(*event), event->payload_len);
	reader->at += sizeof(*event) + event->payload_len;
	return true;
}

static void take_ledger(struct trace_reader *reader)
{
	if (reader->raw.bytes == sizeof(reader->ledger))
		memcpy(&reader->ledger, reader->raw.v, sizeof(reader->ledger));
}

/* On to the next chunk of events. Returns 1, 0 at the end, -1 on an error. */
static int next_chunk(struct trace_reader *reader, struct err *err)
{
	for (;;) {
		int type = read_chunk(reader);

		reader->at = 0;
		if (type == CHUNK_ERROR)
			return read_error(reader, err);
		if (type == TRACE_EVENTS && reader->raw.bytes)
			return 1;
		if (type == TRACE_LEDGER)
			take_ledger(reader);
		if (type == TRACE_END || type == CHUNK_DAMAGED) {
			reader->whole = type == TRACE_END;
			reader->ended = true;
			return 0;
		}
	}
}

int trace_reader__next(struct trace_reader *reader, const struct event **ret, struct err *err)
{
	int more;

	if (reader->ended)
		return 0;
	if (reader->at == reader->raw.bytes) {
		more = next_chunk(reader, err);
		if (more <= 0)
			return more;
	}
	if (!next_record(reader)) {
		reader->ended = true;
		return 0;
	}
	*ret = (const struct event *)reader->record;
	return 1;
}

const uint8_t *event__payload(const struct event *event)
{
	return (const uint8_t *)(event + 1);
}

bool trace_reader__whole(const struct trace_reader *reader)
{
	return reader->whole;
}

const struct ledger *trace_reader__ledger(const struct trace_reader *reader)
{
	return &reader->ledger;
}

void trace_reader__close(struct trace_reader *reader)
{
	if (!reader)
		return;
	if (reader->file)
		fclose(reader->file);
	json_decref(reader->meta);
	trace_nodes__free(&reader->nodes);
	free(reader->packed.v);
	free(reader->raw.v);
	free(reader->path);
	free(reader);
}
