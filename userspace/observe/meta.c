// SPDX-License-Identifier: GPL-2.0-only
#include "observe/meta.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/json_text.h"
#include "target/cgroup.h"
#include "target/executable.h"
#include "target/role.h"
#include "trace/trace.h"

#define EXECUTABLES_MAX 16 /* of a node */

static bool is_listed(const struct executable *list, size_t cnt, const struct executable *other)
{
	for (size_t i = 0; i < cnt; i++)
		if (list[i].dev == other->dev && list[i].ino == other->ino)
			return true;
	return false;
}

/* Each program once. What cannot be read is left out: a trace is no worse for it. */
static json_t *executables_of(const pid_t *pids, size_t pid_cnt)
{
	struct executable *list = calloc(EXECUTABLES_MAX, sizeof(*list));
	json_t *json = json_array();
	size_t cnt = 0;

	for (size_t i = 0; list && i < pid_cnt && cnt < EXECUTABLES_MAX; i++) {
		struct executable *next = &list[cnt];

		if (executable__of(pids[i], next) || is_listed(list, cnt, next))
			continue;
		cnt++;
		json_array_append_new(json, json_pack("{s:o, s:s*}", "path", json_text(next->path),
						      "build_id",
						      next->build_id[0] ? next->build_id : NULL));
	}
	free(list);
	return json;
}

static json_t *executables_of_node(const struct node *node)
{
	struct cgroup cgroup;
	struct err none;
	pid_t *pids = NULL;
	size_t cnt = 0;
	json_t *json;

	if (node->kind != TARGET_DOCKER)
		return executables_of(node->pids, node->pid_cnt);
	if (!node->pid_cnt || cgroup__of_container(node->pids[0], node->container_id, &cgroup, &none) ||
	    cgroup__processes(&cgroup, &pids, &cnt, &none))
		return json_array();
	json = executables_of(pids, cnt);
	free(pids);
	return json;
}

static json_t *meta_of_node(const struct node *node)
{
	json_t *addresses = json_array(), *listen = json_array();
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < node->addr_cnt; i++)
		json_array_append_new(
			addresses,
			json_string(address__print(text, sizeof(text), &node->addrs[i])));
	for (size_t i = 0; i < node->listen_cnt; i++)
		json_array_append_new(listen, json_integer(node->listen[i]));
	return json_pack("{s:i, s:s, s:s*, s:b, s:b, s:s?, s:s?, s:s?, s:I, s:o, s:o, s:o}", "id",
			 node__number(node), "name", node__called(node), "holder",
			 node->number ? node->name : NULL, "client", node->client, "proxy",
			 node->kind == TARGET_PROXY, "target", node->spec, "container",
			 node->container_id, "image", node->image, "netns",
			 (json_int_t)node->netns, "addresses", addresses, "listen",
			 listen, "executables", executables_of_node(node));
}

json_t *meta__of(const struct nodes *nodes, size_t payload_bytes)
{
	json_t *list = json_array();
	struct utsname kernel = { 0 };
	time_t now = time(NULL);
	struct tm utc;
	char started[32];

	uname(&kernel);
	strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	for (size_t i = 0; i < nodes->cnt; i++)
		json_array_append_new(list, meta_of_node(&nodes->v[i]));
	return json_pack("{s:i, s:s, s:s, s:i, s:o}", "version", TRACE_VERSION, "kernel",
			 kernel.release, "started", started, "payload_bytes", (int)payload_bytes,
			 "nodes", list);
}
