// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "report/records.h"

static const char usage[] =
	"usage: cutset export FILE [--format json]\n"
	"\n"
	"Prints every record of a trace, one JSON object a line: first what the file says of itself\n"
	"(kind `meta`), then the records in the order in which they were taken from the kernel, last\n"
	"the ledger of what was lost (kind `ledger`). docs/json.md names the members.\n"
	"\n"
	"exit codes: 0 done, 2 wrong usage or no trace\n";

static int export(const char *path)
{
	struct trace_reader *reader;
	struct err err;
	int bad;

	reader = trace_reader__open(path, &err);
	if (!reader)
		return cmd__fail(&err);
	bad = records__to_json(reader, stdout, &err);
	trace_reader__close(reader);
	return bad ? cmd__fail(&err) : EXIT_DONE;
}

int cmd_export(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return cmd__help(usage);
		if (option != 'f')
			return cmd__bad_option(usage, argv);
		if (strcmp(optarg, "json"))
			return cmd__misuse(usage, "--format %s: there is json", optarg);
	}
	if (argc - optind != 1)
		return cmd__misuse(usage, "export: give one trace file");
	return export(argv[optind]);
}
