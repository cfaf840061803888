// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <limits.h>
#include <stdio.h>

#include "cmd.h"
#include "report/page.h"

static const char usage[] = "usage: cutset explain DIR [-o FILE]\n"
			    "\n"
			    "Writes the report of the hunt in DIR: one HTML page, which needs no "
			    "other file and no network.\n"
			    "Of a violation it tells what broke the promise, how surely, and where "
			    "the run parts from a good\n"
			    "one, with both of them drawn side by side; then every experiment, "
			    "what is known, and on what\n"
			    "machine. A hunt writes it at its end.\n"
			    "\n"
			    "  -o FILE            (default DIR/report.html)\n"
			    "  --json             what it tells of the two runs, as an object\n"
			    "\n"
			    "  cutset explain result -o report.html\n"
			    "\n"
			    "exit codes: 0 written, 2 wrong usage, or DIR holds no hunt\n";

static int explain(const char *dir, const char *path)
{
	char beside[PATH_MAX];
	json_t *told = NULL;
	struct err err;

	if (!path) {
		if (snprintf(beside, sizeof(beside), "%s/report.html", dir) >= (int)sizeof(beside))
			return cmd__failf(EXIT_USAGE, "explain: the folder's path is too long");
		path = beside;
	}
	if (page__write(dir, path, cmd__json ? &told : NULL, &err))
		return cmd__fail(&err);
	if (!cmd__json) {
		printf("%s\n", path);
		return EXIT_DONE;
	}
	json_object_set_new(told, "report", json_string(path));
	cmd__print_json(told);
	return EXIT_DONE;
}

int cmd_explain(int argc, char **argv)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{NULL},
	};
	const char *path = NULL;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		if (option == 'h')
			return cmd__help(usage);
		if (option != 'o')
			return cmd__bad_option(usage, argv);
		path = optarg;
	}
	if (argc - optind != 1)
		return cmd__misuse(usage, "explain: give the folder of one hunt");
	return explain(argv[optind], path);
}
