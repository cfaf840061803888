// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/session.h"

#include <stdio.h>
#include <string.h>

#include "base/privilege.h"
#include "inject/claim.h"
#include "target/role.h"

static int id_of(void *ctx, const char *name, size_t len)
{
	const struct session *session = ctx;

	for (size_t i = 0; i < session->nodes.cnt; i++) {
		const struct node *node = &session->nodes.v[i];
		const char *called = node__called(node);

		if (strlen(called) == len && !strncmp(called, name, len))
			return node__number(node);
	}
	return -1;
}

static const char *name_of(void *ctx, uint16_t id)
{
	const struct session *session = ctx;

	const struct node *node = nodes__numbered(&session->nodes, id);

	return node ? node__called(node) : id == NODE_OUTSIDE ? "outside" : NULL;
}

int session_opts__find(const struct session_opts *opts, struct nodes *nodes, struct err *err)
{
	for (size_t i = 0; i < opts->target_cnt; i++)
		if (nodes__add(nodes, opts->targets[i], false, err))
			return -1;
	for (size_t i = 0; i < opts->client_cnt; i++)
		if (nodes__add(nodes, opts->clients[i], true, err))
			return -1;
	if (nodes__add_proxies(nodes, err))
		return -1;
	return opts->commands ? nodes__add_commands(nodes, err) : 0;
}

static int add_nodes(struct session *session, const struct session_opts *opts, struct err *err)
{
	if (session_opts__find(opts, &session->nodes, err))
		return -1;
	if (opts->commands)
		session->client = session->nodes.v[session->nodes.cnt - 1].id;
	return 0;
}

static int claim(struct session *session, const struct session_opts *opts, struct err *err)
{
	if (!opts->inject)
		return 0;
	session->claims = claims__new(err);
	return session->claims ? claims__update(session->claims, &session->nodes, err) : -1;
}

static int open_kernel(struct session *session, const struct session_opts *opts, struct err *err)
{
	const struct kernel_opts kernel_opts = {
		.ring_bytes = opts->ring_bytes,
		.payload_bytes = opts->payload_bytes,
		.cut = opts->inject,
		.recognise = opts->inject || opts->commands || opts->client_cnt,
	};

	session->kernel = kernel__open(&kernel_opts, err);
	if (!session->kernel || kernel__set_nodes(session->kernel, &session->nodes, err))
		return -1;
	session->observer = observer__start(session->kernel, err);
	if (!session->observer)
		return -1;
	if (!opts->inject)
		return 0;
	session->injector = injector__new(session->kernel, &session->nodes, opts->engine, err);
	return session->injector ? 0 : -1;
}

/* The launcher first: it keeps what we give up. */
static int confine(struct session *session, const struct session_opts *opts, struct err *err)
{
	session->launcher = launcher__start(err);
	if (!session->launcher)
		return -1;
	return privilege__confine(opts->inject ? JOB_INJECT : JOB_TRACE, err);
}

int session__open(struct session *session, const struct session_opts *opts, struct err *err)
{
	memset(session, 0, sizeof(*session));
	session->names = (struct name_table){ id_of, name_of, session };
	/* and again: children may have been forked between the look at /proc and the hooks */
	if (add_nodes(session, opts, err) || claim(session, opts, err) || open_kernel(session, opts, err) ||
	    session__refresh(session, err) || confine(session, opts, err)) {
		session__close(session);
		return -1;
	}
	return 0;
}

static uint64_t strange_nodes(const struct session *session)
{
	uint64_t strange = 0;

	for (size_t i = 0; i < session->nodes.cnt; i++)
		if (!kernel__knows(session->kernel, &session->nodes.v[i]))
			strange |= 1ULL << session->nodes.v[i].id;
	return strange;
}

int session__refresh(struct session *session, struct err *err)
{
	bool changed = false;

	if (nodes__refresh(&session->nodes, &changed, err))
		return -1;
	session->stale |= changed;
	session->strange = strange_nodes(session);
	if (!session->stale)
		return 0;
	if (session->claims && claims__update(session->claims, &session->nodes, err))
		return -1;
	if (kernel__set_nodes(session->kernel, &session->nodes, err))
		return -1;
	if (session->injector && injector__refresh(session->injector, &session->nodes, err))
		return -1;
	session->stale = false;
	return 0;
}

void session__set_now(struct session *session, uint32_t now)
{
	volatile struct control *control = kernel__control(session->kernel);

	__atomic_store_n(&control->now, now, __ATOMIC_SEQ_CST);
}

void session__count(struct session *session, bool on)
{
	volatile struct control *control = kernel__control(session->kernel);

	__atomic_store_n(&control->counting, on ? 1 : 0, __ATOMIC_SEQ_CST);
}

int session__own(void *ctx, pid_t pid, struct err *err)
{
	struct session *session = ctx;

	return kernel__add_process(session->kernel, pid, session->client, err);
}

/* Of the node that goes by that number; 0 stays 0. */
static uint16_t own_id(const struct session *session, uint16_t number)
{
	const struct node *node = nodes__numbered(&session->nodes, number);

	return node ? node->id : number;
}

char *session__silenced(const struct session *session, const struct fault_set *faults, char *buf,
			size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < faults->cnt && len < size; i++)
		if (faults->v[i].kind == FAULT_SILENCE && !fault__holds(&faults->v[i]))
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? " " : "",
						nodes__name(&session->nodes, own_id(session, faults->v[i].a)));
	return buf;
}

struct fault_set session__own_faults(const struct session *session, const struct fault_set *faults)
{
	struct fault_set own = *faults;

	for (size_t i = 0; i < own.cnt; i++) {
		own.v[i].a = own_id(session, own.v[i].a);
		own.v[i].b = own_id(session, own.v[i].b);
		own.v[i].release.a = own_id(session, own.v[i].release.a);
		own.v[i].release.b = own_id(session, own.v[i].release.b);
	}
	return own;
}

void session__close(struct session *session)
{
	injector__free(session->injector);
	observer__stop(session->observer);
	kernel__close(session->kernel);
	nodes__free(&session->nodes);
	launcher__stop(session->launcher);
	claims__free(session->claims);
	memset(session, 0, sizeof(*session));
}
