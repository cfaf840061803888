// SPDX-License-Identifier: GPL-2.0-only
#include "trace/meta.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
#define NAME_MAX_BYTES 63

void trace__map_ipv4(const uint8_t ipv4[4], uint8_t ret[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	memcpy(ret, prefix, sizeof(prefix));
	memcpy(ret + 12, ipv4, 4);
}

static int parse_address(const char *text, uint8_t ret[16])
{
	uint8_t ipv4[4];

	if (text && inet_pton(AF_INET, text, ipv4) == 1) {
		trace__map_ipv4(ipv4, ret);
		return 0;
	}
	return text && inet_pton(AF_INET6, text, ret) == 1 ? 0 : -1;
}

static int parse_addresses(const json_t *list, struct trace_node *node)
{
	size_t cnt = json_array_size(list);

	if (list && !json_is_array(list))
		return -1;
	node->addrs = calloc(cnt ? cnt : 1, sizeof(*node->addrs));
	if (!node->addrs)
		return -1;
	for (size_t i = 0; i < cnt; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (parse_address(text, node->addrs[i].ip) < 0)
			return -1;
	}
	node->addr_cnt = cnt;
	return 0;
}

static int parse_listen(const json_t *list, struct trace_node *node)
{
	size_t cnt = json_array_size(list);

	if (list && !json_is_array(list))
		return -1;
	node->listen = calloc(cnt ? cnt : 1, sizeof(*node->listen));
	if (!node->listen)
		return -1;
	for (size_t i = 0; i < cnt; i++) {
		json_int_t port = json_integer_value(json_array_get(list, i));

		if (port < 1 || port > 65535)
			return -1;
		node->listen[i] = port;
	}
	node->listen_cnt = cnt;
	return 0;
}

static char *text_or_empty(const json_t *json)
{
	const char *text = json_string_value(json);

	return strdup(text ? text : "");
}

static int parse_programs(const json_t *list, struct trace_node *node)
{
	size_t cnt = json_array_size(list);

	if (list && !json_is_array(list))
		return -1;
	node->programs = calloc(cnt ? cnt : 1, sizeof(*node->programs));
	if (!node->programs)
		return -1;
	for (size_t i = 0; i < cnt; i++) {
		const json_t *json = json_array_get(list, i);
		struct trace_program *program = &node->programs[node->program_cnt++];

		program->path = text_or_empty(json_object_get(json, "path"));
		program->build_id = text_or_empty(json_object_get(json, "build_id"));
		if (!program->path || !program->build_id)
			return -1;
	}
	return 0;
}

static bool is_name(const char *name)
{
	size_t len = name ? strlen(name) : 0;

	return len && len <= NAME_MAX_BYTES && strspn(name, NAME_CHARS) == len;
}

/* Who has the role in this run, where the name is one. */
static int parse_name(const json_t *json, const json_t *holder, struct trace_node *node)
{
	const char *name = json_string_value(json), *held = json_string_value(holder);

	if (!is_name(name) || (holder && !is_name(held)))
		return -1;
	node->name = strdup(name);
	if (!held)
		node->title = strdup(name);
	else if (asprintf(&node->title, "%s (%s)", name, held) < 0)
		node->title = NULL;
	return node->name && node->title ? 0 : -1;
}

/* Returns NULL, or what of the node is wrong. */
static const char *parse_node(const json_t *json, struct trace_node *node)
{
	json_int_t id = json_integer_value(json_object_get(json, "id"));

	if (id < 1 || id >= MAX_NODES)
		return "id";
	node->id = id;
	node->contained = json_is_string(json_object_get(json, "container"));
	node->netns = json_integer_value(json_object_get(json, "netns"));
	node->client = json_is_true(json_object_get(json, "client"));
	node->proxy = json_is_true(json_object_get(json, "proxy"));
	if (parse_name(json_object_get(json, "name"), json_object_get(json, "holder"), node) < 0)
		return "name";
	if (parse_addresses(json_object_get(json, "addresses"), node) < 0)
		return "addresses";
	if (parse_listen(json_object_get(json, "listen"), node) < 0)
		return "listen";
	if (parse_programs(json_object_get(json, "executables"), node) < 0)
		return "executables";
	return NULL;
}

static bool id_taken(const struct trace_nodes *nodes, uint16_t id)
{
	for (size_t i = 0; i + 1 < nodes->cnt; i++)
		if (nodes->v[i].id == id)
			return true;
	return false;
}

int trace_nodes__parse(const json_t *meta, struct trace_nodes *ret, struct err *err)
{
	const json_t *list = json_object_get(meta, "nodes");
	struct trace_nodes nodes = { 0 };
	const char *wrong = NULL;
	size_t cnt = json_array_size(list);

	if (!json_is_array(list) || cnt >= MAX_NODES)
		return err__set(err, EXIT_USAGE, "its list of nodes is wrong");
	nodes.v = calloc(cnt ? cnt : 1, sizeof(*nodes.v));
	if (!nodes.v)
		return err__set(err, EXIT_MACHINE, "out of memory");
	for (size_t i = 0; i < cnt && !wrong; i++) {
		wrong = parse_node(json_array_get(list, i), &nodes.v[nodes.cnt++]);
		if (!wrong && id_taken(&nodes, nodes.v[i].id))
			wrong = "id";
		if (wrong)
			err__set(err, EXIT_USAGE, "the %s of node %zu of its list is wrong", wrong,
				 i + 1);
	}
	if (wrong) {
		trace_nodes__free(&nodes);
		return -1;
	}
	*ret = nodes;
	return 0;
}

void trace_nodes__free(struct trace_nodes *nodes)
{
	for (size_t i = 0; i < nodes->cnt; i++) {
		free(nodes->v[i].name);
		free(nodes->v[i].title);
		free(nodes->v[i].addrs);
		free(nodes->v[i].listen);
		for (size_t k = 0; k < nodes->v[i].program_cnt; k++) {
			free(nodes->v[i].programs[k].path);
			free(nodes->v[i].programs[k].build_id);
		}
		free(nodes->v[i].programs);
	}
	free(nodes->v);
	memset(nodes, 0, sizeof(*nodes));
}
