// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "causal/label.h"
#include "causal/lineage.h"
#include "cmd.h"
#include "model/fault.h"


/* Members below this rest on little more than order: counted, not listed. */
#define LISTED_MIN 0.01f

static const char usage[] =
	"usage: cutset lineage FILE [--of workload|check] [--all]\n"
	"\n"
	"The messages that the outcome of a phase rested on, the surest first: each with its step,\n"
	"its link and how likely it is that the outcome rested on it (0 to 1).\n"
	"\n"
	"  --of PHASE         workload or check (default: check where the trace has one)\n"
	"  --all              also those with less than 0.01: they came before, that is all\n"
	"\n"
	"  cutset lineage result/runs/0001/trace --of check\n"
	"\n"
	"exit codes: 0 done, 2 no such file, not a trace, or one without that phase\n";

struct query {
	const char *path;
	enum outcome outcome;
	bool outcome_given;
	bool all;
};

/* Surest first, then as they were sent. */
static int by_confidence(const void *a, const void *b)
{
	const struct lineage_member *x = a, *y = b;

	if (x->confidence != y->confidence)
		return x->confidence > y->confidence ? -1 : 1;
	return x->message < y->message ? -1 : x->message > y->message;
}

static size_t listed(const struct lineage *lineage, const struct query *query)
{
	size_t cnt = 0;

	while (cnt < lineage->cnt && (query->all || lineage->v[cnt].confidence >= LISTED_MIN))
		cnt++;
	return cnt;
}

static const char *name_of(enum outcome outcome)
{
	return outcome == OUTCOME_CHECK ? "check" : "workload";
}

static void print_member(const struct graph *graph, const struct lineage_member *member)
{
	const struct message *message = graph__message(graph, member->message);
	char step[32], label[LABEL_BYTES];

	printf("%5.3f  %-12s %s>%s:%u  %s\n", member->confidence,
	       step__print(step, sizeof(step), message->step),
	       graph__node_name(graph, message->src), graph__node_name(graph, message->dst),
	       message->server_port, message__label(label, sizeof(label), message));
}

static void print_text(const struct graph *graph, const struct lineage *lineage,
		       const struct query *query)
{
	size_t cnt = listed(lineage, query);

	printf("lineage of %s: %zu messages\n", name_of(query->outcome), lineage->cnt);
	for (size_t i = 0; i < cnt; i++)
		print_member(graph, &lineage->v[i]);
	if (cnt < lineage->cnt)
		printf("and %zu that came before, below %.2f (--all lists them)\n",
		       lineage->cnt - cnt, LISTED_MIN);
	if (!lineage->sound)
		puts("not sound: the trace lost events, a clock went back, or streams of this lineage have holes");
}

static json_t *member_json(const struct graph *graph, const struct lineage_member *member)
{
	const struct message *message = graph__message(graph, member->message);
	char step[32], label[LABEL_BYTES], key[24];

	snprintf(key, sizeof(key), "%016" PRIx64, message->key);
	return json_pack("{s:i, s:f, s:s, s:s, s:s, s:i, s:s, s:s}", "message",
			 (int)member->message, "confidence", (double)member->confidence, "step",
			 step__print(step, sizeof(step), message->step), "from",
			 graph__node_name(graph, message->src), "to",
			 graph__node_name(graph, message->dst), "port", message->server_port,
			 "label", message__label(label, sizeof(label), message), "key", key);
}

/* A member at a time: there may be millions. */
static void print_json(const struct graph *graph, const struct lineage *lineage,
		       const struct query *query)
{
	printf("{\"of\":\"%s\",\"sound\":%s,\"members\":[", name_of(query->outcome),
	       lineage->sound ? "true" : "false");
	for (size_t i = 0; i < lineage->cnt; i++) {
		if (i)
			putchar(',');
		cmd__write_json(member_json(graph, &lineage->v[i]));
	}
	puts("]}");
	fflush(stdout);
}

static bool has_check(const struct graph *graph)
{
	for (size_t i = graph__message_cnt(graph); i > 0; i--)
		if (graph__message(graph, i - 1)->step >= NOW_CHECK)
			return true;
	return graph__phase(graph, PHASE_CHECK).begin_ns != 0;
}

static int answer(const struct query *asked)
{
	struct query query = *asked;
	struct lineage lineage;
	struct graph *graph;
	struct err err;

	graph = graph__load(query.path, &err);
	if (!graph)
		return cmd__fail(&err);
	if (!query.outcome_given)
		query.outcome = has_check(graph) ? OUTCOME_CHECK : OUTCOME_WORKLOAD;
	if (lineage__of(graph, query.outcome, NULL, &lineage, &err) < 0) {
		graph__free(graph);
		return cmd__fail(&err);
	}
	qsort(lineage.v, lineage.cnt, sizeof(*lineage.v), by_confidence);
	if (cmd__json)
		print_json(graph, &lineage, &query);
	else
		print_text(graph, &lineage, &query);
	lineage__free(&lineage);
	graph__free(graph);
	return EXIT_DONE;
}

static int take_outcome(struct query *query, const char *text)
{
	query->outcome_given = true;
	if (!strcmp(text, "check"))
		query->outcome = OUTCOME_CHECK;
	else if (!strcmp(text, "workload"))
		query->outcome = OUTCOME_WORKLOAD;
	else
		return -1;
	return 0;
}

int cmd_lineage(int argc, char **argv)
{
	static const struct option options[] = {
		{ "of", required_argument, NULL, 'o' },
		{ "all", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	struct query query = { 0 };
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return cmd__help(usage);
		if (option == 'a')
			query.all = true;
		else if (option != 'o')
			return cmd__bad_option(usage, argv);
		else if (take_outcome(&query, optarg) < 0)
			return cmd__misuse(usage, "--of %s: it is workload or check", optarg);
	}
	if (argc - optind != 1)
		return cmd__misuse(usage, "lineage: give one trace file");
	query.path = argv[optind];
	return answer(&query);
}
