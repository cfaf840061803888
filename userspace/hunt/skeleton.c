// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/skeleton.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "target/peer.h"

struct page {
	FILE *out;
	const struct nodes *nodes;
	size_t targets; /* nodes that can fail */
};

/* In a comment: what would end its line, or is no text, becomes a dot. */
static void put_plain(FILE *out, const char *text)
{
	for (; text && *text; text++)
		fputc(isprint((unsigned char)*text) ? *text : '.', out);
}

/* A JSON string is a YAML string. */
static void put_quoted(FILE *out, const char *text)
{
	json_t *json = json_string(text);
	char *quoted = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;

	fputs(quoted ? quoted : "\"\"", out);
	free(quoted);
	json_decref(json);
}

static bool listens(const struct node *node, uint16_t port)
{
	for (size_t i = 0; i < node->listen_cnt; i++)
		if (node->listen[i] == port)
			return true;
	return false;
}

/* " etcd2:2380", for each server that it is connected to, once */
static void put_links(const struct page *page, const struct node *node)
{
	struct peer *list = NULL;
	size_t cnt = 0, shown = 0;

	if (!node->pid_cnt || peers__of(node->pids[0], &list, &cnt))
		return;
	for (size_t i = 0; i < cnt; i++) {
		const struct node *other = nodes__by_address(page->nodes, &list[i].remote);
		bool known = false;

		for (size_t k = 0; k < i && !known; k++)
			known = !memcmp(&list[k].remote, &list[i].remote, sizeof(list[i].remote)) &&
				list[k].remote_port == list[i].remote_port;
		if (!other || other == node || known || !listens(other, list[i].remote_port))
			continue;
		fprintf(page->out, "%s %s:%u", shown++ ? "" : ", connected to", other->name, list[i].remote_port);
	}
	free(list);
}

/* #   etcd1  198.18.12.11  cutset-etcd  listens on 2379 2380, connected to etcd2:2380 */
static void put_node(const struct page *page, const struct node *node)
{
	char address[64];

	fprintf(page->out, "#   %s ", node->name);
	for (size_t i = 0; i < node->addr_cnt; i++)
		fprintf(page->out, " %s", address__print(address, sizeof(address), &node->addrs[i]));
	if (node->image) {
		fputs("  ", page->out);
		put_plain(page->out, node->image);
	}
	if (node->kind == TARGET_PROXY)
		fputs("  docker-proxies of published ports: always spared", page->out);
	if (node->listen_cnt)
		fputs("  listens on", page->out);
	for (size_t i = 0; i < node->listen_cnt; i++)
		fprintf(page->out, " %u", node->listen[i]);
	put_links(page, node);
	fputc('\n', page->out);
}

static void put_head(const struct page *page)
{
	fputs("# A scenario to begin with. Write the three commands (reset, workload, check), then\n"
	      "# `cutset hunt THIS-FILE --dry-run` says what a hunt would do, and\n"
	      "# `cutset hunt THIS-FILE -o DIR` does it. docs/scenario.md says what each key means.\n"
	      "#\n# What ran when this was written:\n", page->out);
	for (size_t i = 0; i < page->nodes->cnt; i++)
		put_node(page, &page->nodes->v[i]);
}

static void put_targets(const struct page *page, char *const *targets, size_t cnt)
{
	const char *colon = strchr(targets[0], ':');

	fputs("\nname: ", page->out);
	put_quoted(page->out, colon ? colon + 1 : targets[0]);
	fputs("\ntargets: [", page->out);
	for (size_t i = 0; i < cnt; i++) {
		fputs(i ? ", " : "", page->out);
		put_quoted(page->out, targets[i]);
	}
	fputs("]\n# programs that use the system besides workload and check:\n# clients: [docker:NAME]\n", page->out);
}

static void put_commands(FILE *out)
{
	fputs("\n# Each is run with /bin/sh in this file's folder: a script beside it is best. They get CUTSET_RUN (the\n"
	      "# run's number: make keys of it), and CUTSET_SILENCED (nodes to keep away from).\n"
	      "\n# Before every run: back to a known good state, whatever a fault left; exit 0 once that was seen.\n"
	      "reset: 'echo \"reset: not written yet; lead back to a known good state, exit 0 when it is seen\"; exit 2'\n"
	      "# Where each run elects a leader anew, and the reset cannot say who: lines such as `leader NODE`.\n"
	      "# roles: ./roles.sh\n"
	      "\n# Makes the promise, as a client would: one write, say. Exit 0: it was acknowledged; 1: it was refused;\n"
	      "# 2: nobody knows. Let what it writes be a rare word of constant length.\n"
	      "workload: 'echo \"workload: not written yet; make a promise: exit 0 made, 1 refused, 2 unknown\"; exit 2'\n"
	      "\n# Is it kept? Ask each endpoint, with timeouts, until one answers. Exit 0: kept; 1: broken; 2: nobody\n"
	      "# answers. A read that fails is no loss.\n"
	      "check: 'echo \"check: not written yet; exit 0 kept, 1 broken, 2 unknown\"; exit 2'\n",
	      out);
}

static void put_budget(const struct page *page)
{
	const int silences = page->targets >= 5 ? 2 : 1;
	const int links = page->targets >= 3 ? 2 : page->targets == 2 ? 1 : 0;

	fputs("\n# Longer than each command ever takes without faults, and as long as the system needs to see a\n"
	      "# failure: shorten its own timeouts, and each run is shorter.\n"
	      "timeout: {reset: 60s, workload: 20s, check: 30s}\n"
	      "# How long links stay cut after the workload; longer than the system's own timeouts.\n# hold: 0s\n",
	      page->out);
	fprintf(page->out, "\n# The promise is to hold under at most so many faults: %zu node%s can fall silent", page->targets,
		page->targets == 1 ? "" : "s");
	if (page->targets > 1)
		fprintf(page->out, ", and there are\n# %zu links, one direction each", page->targets * (page->targets - 1));
	fprintf(page->out, ". `heal: check`: links work again before the check.\n"
		"faults: {silence: %d, link: %d, partition: 0, heal: check}\n"
		"spare: [client]\nruns: {baseline: 5, repeat: 2, max: 200, time: 30m}\n", silences, links);
}

char *skeleton__text(char *const *targets, size_t target_cnt, const struct nodes *nodes)
{
	struct page page = { .nodes = nodes };
	char *text = NULL;
	size_t size;

	for (size_t i = 0; i < nodes->cnt; i++)
		page.targets += nodes->v[i].kind != TARGET_PROXY && !nodes->v[i].client;
	page.out = open_memstream(&text, &size);
	if (!page.out)
		return NULL;
	put_head(&page);
	put_targets(&page, targets, target_cnt);
	put_commands(page.out);
	put_budget(&page);
	if (fclose(page.out)) {
		free(text);
		return NULL;
	}
	return text;
}
