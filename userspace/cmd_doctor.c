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

static json_t *result_json(const struct probe_result *results, size_t cnt, const struct nodes *nodes)
{
	json_t *probes = json_array(), *privileges = json_array(), *list = json_array();

	for (size_t i = 0; i < cnt; i++)
		json_array_append_new(probes, probe_json(&results[i]));
	for (size_t i = 0; i < privilege__cnt(); i++)
		json_array_append_new(privileges, privilege_json(privilege__get(i)));
	for (size_t i = 0; i < nodes->cnt; i++)
		json_array_append_new(list, cmd__node_json(&nodes->v[i]));
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
	for (size_t i = 0; i < nodes->cnt; i++) {
		putchar('\n');
		cmd__print_node(&nodes->v[i]);
	}
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
