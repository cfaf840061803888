// SPDX-License-Identifier: GPL-2.0-only
#include "model/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "causal/graph.h"
#include "causal/lineage.h"
#include "model/support_trace.h"

static int id_of(void *ctx, const char *name, size_t len)
{
	const struct baseline *baseline = ctx;

	for (uint16_t id = 1; id <= baseline->node_cnt; id++)
		if (strlen(baseline->node[id]) == len && memcmp(baseline->node[id], name, len) == 0)
			return id;
	return -1;
}

static const char *name_of(void *ctx, uint16_t id)
{
	const struct baseline *baseline = ctx;

	if (id == NODE_OUTSIDE || id > baseline->node_cnt)
		return NULL;
	return baseline->node[id];
}

/* map[id in the trace] = id here */
static int join_nodes(struct baseline *baseline, const struct graph *graph, uint16_t map[MAX_NODES],
		      struct err *err)
{
	for (uint16_t id = 1; id < MAX_NODES; id++) {
		const struct trace_node *node = graph__node(graph, id);
		int here = node ? id_of(baseline, node->name, strlen(node->name)) : 0;

		if (here < 0) {
			if (baseline->node_cnt + 1 == MAX_NODES)
				return err__set(err, EXIT_USAGE, "more than %d nodes", MAX_NODES - 1);
			here = ++baseline->node_cnt;
			baseline->node[here] = strdup(node->name);
			if (!baseline->node[here])
				return err__set(err, EXIT_MACHINE, "out of memory");
		}
		map[id] = (uint16_t)here;
		if (node && (node->client || node->proxy))
			baseline->spare |= 1ULL << here;
	}
	return 0;
}

static int rename_members(const struct support *from, const uint16_t map[MAX_NODES],
			  struct support *to, struct err *err)
{
	for (size_t i = 0; i < from->cnt; i++) {
		struct support_member member = from->v[i];

		member.src = map[member.src];
		member.dst = map[member.dst];
		if (support__add(to, &member) < 0)
			return err__set(err, EXIT_MACHINE, "out of memory");
	}
	return 0;
}

static int support_of(struct baseline *baseline, const struct graph *graph, const char *path,
		      const struct evidence *evidence, bool spare_idle, struct support *ret, struct err *err)
{
	const bool checked = graph__phase(graph, PHASE_CHECK).begin_ns != 0;
	struct lineage outcome = { 0 }, promise = { 0 };
	int failed;

	failed = lineage__of(graph, checked ? OUTCOME_CHECK : OUTCOME_WORKLOAD, evidence, &outcome,
			     err);
	if (!failed && checked)
		failed = lineage__of(graph, OUTCOME_WORKLOAD, evidence, &promise, err);
	if (!failed && !outcome.sound)
		baseline->unsound = path;
	if (!failed)
		failed = support__from_lineage(graph, &outcome, checked ? &promise : NULL, spare_idle,
					       SUPPORT_LINKS, ret, err);
	lineage__free(&promise);
	lineage__free(&outcome);
	return failed;
}

static int learn_idle(struct evidence *evidence, struct graph **graphs, char **paths, size_t cnt,
		      struct err *err)
{
	for (size_t i = 0; i < cnt; i++) {
		graphs[i] = graph__load(paths[i], err);
		if (!graphs[i])
			return -1;
		if (evidence__learn_idle(evidence, graphs[i]) < 0)
			return err__set(err, EXIT_MACHINE, "out of memory");
	}
	return 0;
}

static int take_support(struct baseline *baseline, const struct graph *graph, const char *path,
			const struct evidence *evidence, bool spare_idle, struct err *err)
{
	uint16_t map[MAX_NODES] = { 0 };
	struct support raw = { 0 };
	int failed;

	if (join_nodes(baseline, graph, map, err) < 0)
		return err__prefix(err, "%s", path);
	failed = support_of(baseline, graph, path, evidence, spare_idle, &raw, err); /* a lineage's errors name the file */
	if (!failed && raw.cnt == 0)
		failed = err__set(err, EXIT_USAGE,
				  "%s: its outcome rested on no message between nodes; trace a workload, as in `cutset trace ... -- CMD`",
				  path);
	else if (!failed)
		failed = rename_members(&raw, map, &baseline->supports[baseline->cnt++], err);
	support__free(&raw);
	return failed ? -1 : 0;
}

int baseline__load(struct baseline *ret, char **paths, size_t cnt, bool spare_idle, struct err *err)
{
	struct evidence *evidence = evidence__new();
	struct graph **graphs = calloc(cnt + 1, sizeof(*graphs));
	int failed = -1;

	memset(ret, 0, sizeof(*ret));
	ret->paths = paths;
	ret->names = (struct name_table){ .id_of = id_of, .name_of = name_of, .ctx = ret };
	ret->supports = calloc(cnt + 1, sizeof(*ret->supports));
	if (!evidence || !graphs || !ret->supports) {
		err__set(err, EXIT_MACHINE, "out of memory");
		goto free_graphs;
	}
	if (learn_idle(evidence, graphs, paths, cnt, err) < 0)
		goto free_graphs;
	failed = 0;
	for (size_t i = 0; i < cnt && !failed; i++)
		failed = take_support(ret, graphs[i], paths[i], evidence, spare_idle, err);
free_graphs:
	for (size_t i = 0; graphs && i < cnt; i++)
		graph__free(graphs[i]);
	free(graphs);
	evidence__free(evidence);
	if (failed)
		baseline__free(ret);
	return failed;
}

void baseline__free(struct baseline *baseline)
{
	for (size_t i = 0; baseline->supports && i < baseline->cnt; i++)
		support__free(&baseline->supports[i]);
	free(baseline->supports);
	for (size_t id = 0; id < MAX_NODES; id++)
		free(baseline->node[id]);
	memset(baseline, 0, sizeof(*baseline));
}
