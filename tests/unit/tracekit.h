/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes traces whose causality is known, through the real writer, for the real reader.
 *
 *	struct kit *kit = kit__new();
 *	kit__node(kit, 1, "server", "198.18.0.1", 6379, false);
 *	struct kit_conn *conn = kit__connect(kit, &client, &server, 6379);
 *	kit__send(kit, &client, conn, "GET x");
 *	kit__recv(kit, &server, conn, 100);
 *	struct graph *graph = graph__load(kit__finish(kit), NULL);
 */
#ifndef CUTSET_TESTS_TRACEKIT_H
#define CUTSET_TESTS_TRACEKIT_H

#include "trace/trace.h"

struct kit;
struct kit_conn;

/* A thread that acts. `seq` counts its events; raise it to lose one. */
struct kit_task {
	uint16_t node;
	uint32_t tgid, tid;
	uint32_t seq;
};

struct kit *kit__new(void);
void kit__free(struct kit *kit); /* removes the file */

/* Before the first event. @listen 0: none. */
void kit__node(struct kit *kit, uint16_t id, const char *name, const char *address, uint16_t listen,
	       bool client);

void kit__share(struct kit *kit, uint32_t netns); /* all nodes that follow are in it */
void kit__is_proxy(struct kit *kit); /* the latest node: a docker-proxy */
void kit__is_contained(struct kit *kit); /* the latest node: a container */

void kit__set_now(struct kit *kit, uint32_t now);
void kit__sleep(struct kit *kit, uint64_t ns); /* every event takes a microsecond by itself */
uint64_t kit__ts(const struct kit *kit);

/* Emit any record; sets ts_ns, task fields, now. */
void kit__emit(struct kit *kit, struct kit_task *task, struct event *event, const void *payload,
	       size_t len);

/* A connection from @from to @to: described, connected, accepted. */
struct kit_conn *kit__connect(struct kit *kit, struct kit_task *from, struct kit_task *to,
			      uint16_t port);

/* One that is older than the trace: its sockets are described when they are first used. */
struct kit_conn *kit__old_connection(struct kit *kit, const struct kit_task *from,
				     const struct kit_task *to, uint16_t port, uint32_t seq);

/* Such a one, before its first use, becomes one that is made within the trace. */
void kit__handshake(struct kit *kit, struct kit_conn *conn, struct kit_task *from,
		    struct kit_task *to);

/* Before @node's end is first used: NAT shows it the other one at this address. */
void kit__translate(struct kit_conn *conn, uint16_t node, const char *address, uint16_t port);

/* The same 4-tuple as @conn, again; its positions begin at @seq. */
struct kit_conn *kit__reconnect(struct kit *kit, struct kit_conn *conn, struct kit_task *from,
				struct kit_task *to, uint32_t seq);

/* The first send or receive of a direction begins at @seq (before anything was sent). */
void kit__set_seq(struct kit_conn *conn, uint16_t sender, uint32_t seq);

/* IPv6 sockets from here on; @mapped: v4-mapped ones, as Go makes them. */
void kit__set_ipv6(struct kit *kit, bool ipv6);

/* @task's node must be an end of @conn. recv takes at most @max bytes; returns how many. */
void kit__send(struct kit *kit, struct kit_task *task, struct kit_conn *conn, const char *text);
size_t kit__recv(struct kit *kit, struct kit_task *task, struct kit_conn *conn, size_t max);

/* Bytes go onto the stream although nobody was seen sending, or taking, them. */
void kit__send_unseen(struct kit *kit, struct kit_task *task, struct kit_conn *conn,
		      const char *text);

/* send, then receive everything at the other end. */
void kit__pass(struct kit *kit, struct kit_task *from, struct kit_task *to, struct kit_conn *conn,
	       const char *text);

void kit__wait(struct kit *kit, struct kit_task *task);
void kit__phase(struct kit *kit, enum phase phase, int code);

/* Close the file; its path is valid until kit__free. */
const char *kit__finish(struct kit *kit);
const char *kit__finish_with(struct kit *kit, const struct ledger *ledger);

#endif
