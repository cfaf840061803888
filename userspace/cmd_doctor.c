// SPDX-License-Identifier: GPL-2.0-only
/* cutset doctor: what this machine can do, and what the targets turn out to be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "base/privilege.h"
#include "cmd.h"
#include "observe/probe.h"
#include "target/node.h"

static const char usage[] =
	"usage: cutset doctor [--json] [TARGET...]\n"
	"\n"
	"Tries what cutset needs from this machine, and says what is missing and how to mend it.\n"
	"With targets, also says what they are: processes, cgroup, network, listening ports.\n"
	"\n"
	"  TARGET   [NAME=]docker:CONTAINER, [NAME=]host:CONTAINER, compose:PROJECT[/SERVICE], [NAME=]cgroup:PATH,\n"
	"           [NAME=]pid:N|FILE, [NAME=]pgid:N|FILE\n"
	"\n"
	"  cutset doctor compose:shop\n"
	"\n"
	"exit codes: 0 cutset can hunt here, 2 a target is badly written, 3 it cannot hunt here,\n"
	"5 a target cannot be found\n";

static const char *kind_name(enum target_kind kind)
{
	static const char *const names[] = { "docker", "cgroup", "pid", "pgid", "commands",
					     "proxy" };

	return names[kind];
}

/* yes  tcx   cuts vanish with the process
 * no   fq qdisc   no edt engine (No such file or directory); mend: modprobe sch_fq */
static void print_probe(const struct probe_result *r)
{
	printf("%-20s %-4s %s", r->title, r->ok ? "yes" : "no", r->meaning);
	if (*r->detail)
		printf(" (%s)", r->detail);
	if (r->mend)
		printf("; to mend: %s", r->mend);
	putchar('\n');
}

static json_t *probe_json(const struct probe_result *r)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:s?}", "id", r->id, "title", r->title,
			 "need", probe__need_name(r->need), "ok", r->ok, "detail", r->detail,
			 "meaning", r->meaning, "mend", r->mend);
}

static const struct job_name {
	enum job job;
	const char *commands[4];
} jobs[] = {
	{ JOB_TRACE, { "trace" } },
	{ JOB_INJECT, { "inject", "hunt", "replay" } },
	{ JOB_CLEANUP, { "cleanup" } },
};

#define JOB_CNT (sizeof(jobs) / sizeof(jobs[0]))

/* The commands whose job's bit is in @set, as one text or as a list; both may be NULL. */
static void name_commands(unsigned int set, char *text, size_t size, json_t *list)
{
	size_t len = 0;

	for (size_t i = 0; i < JOB_CNT; i++)
		for (const char *const *command = jobs[i].commands;
		     set >> jobs[i].job & 1 && *command; command++) {
			if (text && len < size)
				len += (size_t)snprintf(text + len, size - len, "%s%s",
							len ? " " : "", *command);
			json_array_append_new(list, json_string(*command));
		}
}

/* CAP_NET_ADMIN     yes  inject hunt replay cleanup: attach to interfaces, ... */
static void print_privilege(const struct privilege *privilege)
{
	char commands[100];

	name_commands(privilege->needed | privilege->used, commands, sizeof(commands), NULL);
	printf("  %-18s %-4s %s%s: %s\n", privilege->name,
	       privilege__held(privilege) ? "yes" : "no", commands,
	       privilege->needed ? "" : ", where it is there", privilege->why);
}

static json_t *privilege_json(const struct privilege *privilege)
{
	json_t *needed = json_array(), *used = json_array();

	name_commands(privilege->needed, NULL, 0, needed);
	name_commands(privilege->used, NULL, 0, used);
	return json_pack("{s:s, s:b, s:s, s:o, s:o, s:b}", "name", privilege->name, "held",
			 privilege__held(privilege), "why", privilege->why, "needed_by", needed,
			 "used_by", used, "kept", privilege->stays);
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

static json_t *node_json(const struct node *node)
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

static void print_node(const struct node *node)
{
	printf("\n%s (%s)\n", node->name, node->spec);
	if (node->container_id)
		printf("  container  %.12s of %s, started %s\n", node->container_id, node->image,
		       node->started_at);
	print_pids(node);
	if (node->cgroup_id)
		printf("  cgroup     %llu, level %u\n", (unsigned long long)node->cgroup_id,
		       node->cgroup_level);
	print_network(node);
}

static json_t *result_json(const struct probe_result *results, size_t cnt, const struct nodes *nodes)
{
	json_t *probes = json_array(), *privileges = json_array(), *list = json_array();

	for (size_t i = 0; i < cnt; i++)
		json_array_append_new(probes, probe_json(&results[i]));
	for (size_t i = 0; i < privilege__cnt(); i++)
		json_array_append_new(privileges, privilege_json(privilege__get(i)));
	for (size_t i = 0; i < nodes->cnt; i++)
		json_array_append_new(list, node_json(&nodes->v[i]));
	return json_pack("{s:b, s:o, s:o, s:o}", "can_hunt", probe__enough(results, cnt), "probes",
			 probes, "privileges", privileges, "nodes", list);
}

static void print_result(const struct probe_result *results, size_t cnt, const struct nodes *nodes)
{
	for (size_t i = 0; i < cnt; i++)
		print_probe(&results[i]);
	puts("\ncapabilities");
	for (size_t i = 0; i < privilege__cnt(); i++)
		print_privilege(privilege__get(i));
	puts(probe__enough(results, cnt) ? "\ncutset can hunt here."
					 : "\ncutset cannot hunt here.");
	for (size_t i = 0; i < nodes->cnt; i++)
		print_node(&nodes->v[i]);
	fflush(stdout);
}

static int resolve(struct nodes *nodes, char **targets, struct err *err)
{
	for (; *targets; targets++)
		if (nodes__add(nodes, *targets, false, err))
			return -1;
	return nodes__add_proxies(nodes, err);
}

/* The machine's answer comes out even where a target is wrong: it often says why. */
static int answer(const struct probe_result *results, size_t cnt, const struct nodes *nodes,
		  const struct err *err)
{
	json_t *all;

	if (!cmd__json) {
		print_result(results, cnt, nodes);
		return err ? cmd__fail(err) : 0;
	}
	all = result_json(results, cnt, nodes);
	if (err) {
		json_object_set_new(all, "error", json_text(err->msg));
		json_object_set_new(all, "code", json_integer(err->code));
	}
	cmd__print_json(all);
	return err ? (int)err->code : 0;
}

static int examine(char **targets)
{
	size_t cnt = probe__cnt();
	struct probe_result *results = calloc(cnt, sizeof(*results));
	struct nodes nodes = { 0 };
	struct err err;
	int failed, code;

	if (!results)
		return cmd__failf(EXIT_MACHINE, "out of memory");
	for (size_t i = 0; i < cnt; i++)
		probe__try(i, &results[i]);
	failed = resolve(&nodes, targets, &err);
	code = answer(results, cnt, &nodes, failed ? &err : NULL);
	if (!failed && !probe__enough(results, cnt))
		code = EXIT_MACHINE;
	nodes__free(&nodes);
	free(results);
	return code;
}

int cmd_doctor(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return cmd__help(usage);
		if (!strcmp(argv[i], "--"))
			return examine(argv + i + 1);
		return cmd__misuse(usage, "doctor has no option %s", argv[i]);
	}
	return examine(argv + i);
}
