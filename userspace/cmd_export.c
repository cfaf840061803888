// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/units.h"
#include "cmd.h"
#include "report/dot.h"
#include "report/history.h"
#include "report/junit.h"
#include "report/otlp.h"
#include "report/perfetto.h"
#include "report/prov.h"
#include "report/records.h"
#include "report/shiviz.h"

static const char usage[] =
	"usage: cutset export FILE|DIR [--format FORMAT] [--run N] [--all]\n"
	"\n"
	"A trace, or a run of the hunt in DIR, for other programs, on stdout:\n"
	"\n"
	"  json       (default) every record, one JSON object a line; docs/json.md names the "
	"members\n"
	"  dot        graphviz: the messages that the outcome rested on, and which led to which\n"
	"  prov       W3C PROV-JSON of the same\n"
	"  shiviz     ShiViz: every event on every node, with vector clocks\n"
	"  perfetto   the trace format of Chrome: Perfetto, chrome://tracing\n"
	"  otlp       OpenTelemetry's JSON: a trace for each step, a span for each message\n"
	"\n"
	"A hunt, of DIR only:\n"
	"\n"
	"  junit      JUnit XML: a test case for each fault set\n"
	"  history    a run as a history in Jepsen's form (EDN): commands and faults\n"
	"\n"
	"  --run N            which run of a hunt (default: one that shows the violation)\n"
	"  --all              dot, prov: all messages between nodes\n"
	"\n"
	"  cutset export result --format dot | dot -Tsvg >lineage.svg\n"
	"\n"
	"exit codes: 0 done, 2 wrong usage, no trace or no hunt\n";

struct query {
	const char *path;
	const struct format *format;
	long run; /* 0: not given */
	bool all;
};

/* One of these is set: what it is made of. */
struct format {
	const char *name;
	int (*records)(struct trace_reader *reader, FILE *out, struct err *err);
	int (*graph)(const struct graph *graph, FILE *out, struct err *err);
	int (*chosen)(const struct graph *graph, bool all, FILE *out, struct err *err);
	int (*hunt)(const struct hunt_folder *folder, FILE *out, struct err *err);
	int (*run)(const struct hunt_folder *folder, const struct told_run *run, FILE *out,
		   struct err *err);
};

static const struct format formats[] = {
	{"json", .records = records__to_json},	{"dot", .chosen = dot__write},
	{"prov", .chosen = prov__write},	{"shiviz", .graph = shiviz__write},
	{"perfetto", .graph = perfetto__write}, {"otlp", .graph = otlp__write},
	{"junit", .hunt = junit__write},	{"history", .run = history__write},
};

#define FORMAT_CNT (sizeof(formats) / sizeof(formats[0]))

static int of_records(const struct format *format, const char *path, struct err *err)
{
	struct trace_reader *reader = trace_reader__open(path, err);
	int bad;

	if (!reader)
		return -1;
	bad = format->records(reader, stdout, err);
	trace_reader__close(reader);
	return bad;
}

static int of_trace(const struct query *query, const char *path, struct err *err)
{
	const struct format *format = query->format;
	struct graph *graph;
	int bad;

	if (format->records)
		return of_records(format, path, err);
	graph = graph__load(path, err);
	if (!graph)
		return -1;
	if (format->chosen)
		bad = format->chosen(graph, query->all, stdout, err);
	else
		bad = format->graph(graph, stdout, err);
	graph__free(graph);
	return bad;
}

static const struct told_run *chosen_run(const struct query *query,
					 const struct hunt_folder *folder, struct err *err)
{
	const struct told_run *run = query->run ? hunt_folder__run(folder, (unsigned int)query->run)
						: hunt_folder__shown(folder);

	if (run)
		return run;
	if (query->run)
		err__set(err, EXIT_USAGE, "%s: there is no run %ld that has ended", query->path,
			 query->run);
	else
		err__set(err, EXIT_USAGE, "%s: no run has ended yet", query->path);
	return NULL;
}

static int of_folder(const struct query *query, const struct hunt_folder *folder, struct err *err)
{
	const struct told_run *run;
	char path[PATH_MAX];

	if (query->format->hunt)
		return query->format->hunt(folder, stdout, err);
	run = chosen_run(query, folder, err);
	if (!run)
		return -1;
	if (query->format->run)
		return query->format->run(folder, run, stdout, err);
	return of_trace(query, hunt_folder__path(folder, run->number, "trace", path, sizeof(path)),
			err);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static int export(const struct query *query)
{
	struct hunt_folder folder;
	struct err err;
	int bad;

	if (!is_folder(query->path)) {
		if (query->format->hunt || query->format->run)
			return cmd__failf(EXIT_USAGE,
					  "export: --format %s is of a hunt: give its folder",
					  query->format->name);
		bad = of_trace(query, query->path, &err);
		return bad ? cmd__fail(&err) : EXIT_DONE;
	}
	if (hunt_folder__load(query->path, &folder, &err))
		return cmd__fail(&err);
	bad = of_folder(query, &folder, &err);
	hunt_folder__free(&folder);
	return bad ? cmd__fail(&err) : EXIT_DONE;
}

static int take_format(struct query *query, const char *name)
{
	for (size_t i = 0; i < FORMAT_CNT; i++)
		if (!strcmp(formats[i].name, name)) {
			query->format = &formats[i];
			return 0;
		}
	return cmd__misuse(
		usage,
		"--format %s: there are json, dot, prov, shiviz, perfetto, otlp, junit and history",
		name);
}

static int take_option(struct query *query, int option, char **argv)
{
	switch (option) {
	case 'f':
		return take_format(query, optarg);
	case 'a':
		query->all = true;
		return 0;
	case 'r':
		if (units__parse_count(optarg, 1, INT32_MAX, &query->run))
			return cmd__misuse(usage, "--run %s: not the number of a run", optarg);
		return 0;
	default:
		return cmd__bad_option(usage, argv);
	}
}

int cmd_export(int argc, char **argv)
{
	static const struct option options[] = {
		{"format", required_argument, NULL, 'f'},
		{"run", required_argument, NULL, 'r'},
		{"all", no_argument, NULL, 'a'},
		{"help", no_argument, NULL, 'h'},
		{NULL},
	};
	struct query query = {.format = formats};
	int option, ret;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return cmd__help(usage);
		ret = take_option(&query, option, argv);
		if (ret)
			return ret;
	}
	if (argc - optind != 1)
		return cmd__misuse(usage, "export: give one trace file, or the folder of one hunt");
	query.path = argv[optind];
	return export(&query);
}
