// SPDX-License-Identifier: GPL-2.0-only
/* What a target turned out to be: for doctor, and for inject's --dry-run. */
#include <stdio.h>

#include "base/json_text.h"
#include "cmd.h"
#include "target/node.h"

static const char *kind_name(enum target_kind kind)
{
	static const char *const names[] = { "docker", "cgroup", "pid", "pgid", "commands",
					     "proxy" };

	return names[kind];
}

static json_t *ifaces_json(const struct node *node)
{
	json_t *list = json_array();

	for (size_t i = 0; i < node->iface_cnt; i++) {
		const struct iface *iface = &node->ifaces[i];

		json_array_append_new(list, json_pack("{s:i, s:o, s:b}", "ifindex", iface->ifindex, "name",
						      json_text(iface->name), "loopback",
						      iface->loopback));
	}
	return list;
}

static json_t *addrs_json(const struct node *node)
{
	json_t *list = json_array();
	char buf[64];

	for (size_t i = 0; i < node->addr_cnt; i++)
		json_array_append_new(
			list, json_string(address__print(buf, sizeof(buf), &node->addrs[i])));
	return list;
}

static json_t *numbers_json(const struct node *node, bool ports)
{
	json_t *list = json_array();
	size_t cnt = ports ? node->listen_cnt : node->pid_cnt;

	for (size_t i = 0; i < cnt; i++)
		json_array_append_new(list,
				      json_integer(ports ? node->listen[i] : (json_int_t)node->pids[i]));
	return list;
}

json_t *cmd__node_json(const struct node *node)
{
	return json_pack("{s:i, s:s, s:s, s:o, s:o, s:I, s:i, s:o, s:o, s:I, s:b, s:o, s:o, s:o}", "id",
			 (int)node->id, "name", node->name, "kind", kind_name(node->kind), "target",
			 json_text(node->spec), "pids", numbers_json(node, false), "cgroup_id",
			 (json_int_t)node->cgroup_id, "cgroup_level", (int)node->cgroup_level,
			 "container", json_text(node->container_id), "image", json_text(node->image),
			 "netns", (json_int_t)node->netns, "host_netns", node->host_netns, "interfaces",
			 ifaces_json(node), "addresses", addrs_json(node), "listen",
			 numbers_json(node, true));
}

static void print_pids(const struct node *node)
{
	size_t shown = node->pid_cnt < 12 ? node->pid_cnt : 12;

	printf("  %s", node->pid_cnt == 1 ? "process   " : "processes ");
	for (size_t i = 0; i < shown; i++)
		printf(" %d", node->pids[i]);
	if (shown < node->pid_cnt)
		printf(" and %zu more", node->pid_cnt - shown);
	putchar('\n');
}

static void print_network(const struct node *node)
{
	char buf[64];

	printf("  network    namespace %u%s, interfaces", node->netns,
	       node->host_netns ? " (the host's own)" : "");
	for (size_t i = 0; i < node->iface_cnt; i++)
		printf(" %s", node->ifaces[i].name);
	printf("\n  addresses ");
	for (size_t i = 0; i < node->addr_cnt; i++)
		printf(" %s", address__print(buf, sizeof(buf), &node->addrs[i]));
	printf("%s\n  listens on", node->addr_cnt ? "" : " none");
	for (size_t i = 0; i < node->listen_cnt; i++)
		printf(" %u", node->listen[i]);
	puts(node->listen_cnt ? "" : " no TCP port");
}

void cmd__print_node(const struct node *node)
{
	printf("%s (%s)\n", node->name, node->spec);
	if (node->container_id)
		printf("  container  %.12s of %s, started %s\n", node->container_id, node->image,
		       node->started_at);
	print_pids(node);
	if (node->cgroup_id)
		printf("  cgroup     %llu, level %u\n", (unsigned long long)node->cgroup_id,
		       node->cgroup_level);
	print_network(node);
}
