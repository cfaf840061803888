// SPDX-License-Identifier: GPL-2.0-only
#include "observe/meta.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>

#include "trace/trace.h"

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
	return json_pack("{s:i, s:s, s:b, s:s?, s:s?, s:s?, s:I, s:o, s:o}", "id", node->id, "name",
			 node->name, "client", node->client, "target", node->spec, "container",
			 node->container_id, "image", node->image, "netns",
			 (json_int_t)node->netns, "addresses", addresses, "listen",
			 listen);
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
