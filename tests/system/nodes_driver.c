// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes on a lead, for targets.sh: one command a line on stdin, its answer on a line of stdout.
 *
 *	add TARGET, client TARGET -> COUNT	refresh -> changed|same
 *	alive -> ALIVE, MICROSECONDS a call	show -> ID NAME CLIENT PID NETNS of each, with commas
 *
 * or `error CODE MESSAGE`.
 */
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "target/node.h"

#define ALIVE_CALLS 100

static int alive(const struct nodes *nodes, struct err *err)
{
	uint64_t begin_ns = units__now_ns();

	for (int i = 0; i < ALIVE_CALLS; i++)
		if (nodes__alive(nodes, err))
			return -1;
	printf("alive %llu\n",
	       (unsigned long long)((units__now_ns() - begin_ns) / NSEC_PER_USEC / ALIVE_CALLS));
	return 0;
}

static int add(struct nodes *nodes, const char *target, bool client, struct err *err)
{
	if (nodes__add(nodes, target, client, err))
		return -1;
	printf("%zu\n", nodes->cnt);
	return 0;
}

static int refresh(struct nodes *nodes, struct err *err)
{
	bool changed;

	if (nodes__refresh(nodes, &changed, err))
		return -1;
	puts(changed ? "changed" : "same");
	return 0;
}

static int show(const struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		printf("%s%u %s %d %d %u", i ? "," : "", nodes->v[i].id, nodes->v[i].name,
		       nodes->v[i].client, nodes->v[i].pids[0], nodes->v[i].netns);
	putchar('\n');
	return 0;
}

static int obey(struct nodes *nodes, char *line, struct err *err)
{
	line[strcspn(line, "\n")] = '\0';
	if (!strncmp(line, "add ", 4))
		return add(nodes, line + 4, false, err);
	if (!strncmp(line, "client ", 7))
		return add(nodes, line + 7, true, err);
	if (!strcmp(line, "refresh"))
		return refresh(nodes, err);
	if (!strcmp(line, "alive"))
		return alive(nodes, err);
	return show(nodes);
}

int main(void)
{
	struct nodes nodes = { 0 };
	struct err err;
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		if (obey(&nodes, line, &err))
			printf("error %d %s\n", err.code, err.msg);
		fflush(stdout);
	}
	nodes__free(&nodes);
	return 0;
}
