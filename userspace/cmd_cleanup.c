// SPDX-License-Identifier: GPL-2.0-only
/* cutset cleanup: remove what a killed run left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "inject/injector.h"

static const char usage[] =
	"usage: cutset cleanup [--json]\n"
	"\n"
	"Looks into every network namespace for filters, qdiscs and devices that a killed cutset\n"
	"left, removes them and prints a line for each. On kernels with tcx (6.6 and later)\n"
	"nothing outlives its process, and there is nothing to be found. Namespaces in which another\n"
	"cutset is at work are left alone and named.\n"
	"\n"
	"  --json    {\"removed\": n, \"what\": [\"...\", ...], \"left_alone\": [\"...\", ...]}\n"
	"\n"
	"exit codes: 0 done, 2 wrong usage, 3 no privilege\n";

struct lines { /* of text, one after the other */
	char *text;
	size_t size;
	FILE *out;
};

static bool lines__open(struct lines *lines)
{
	lines->out = open_memstream(&lines->text, &lines->size);
	return lines->out;
}

static void lines__close(struct lines *lines)
{
	if (lines->out)
		fclose(lines->out);
	lines->out = NULL;
}

static void print(int removed, const struct lines *what, const struct lines *busy)
{
	if (cmd__json) {
		cmd__print_json(json_pack("{s:i, s:o, s:o}", "removed", removed, "what",
					  cmd__json_lines(what->text), "left_alone",
					  cmd__json_lines(busy->text)));
		return;
	}
	fputs(removed ? what->text : "nothing of ours was left\n", stdout);
	if (busy->size)
		fprintf(stderr, "left alone:\n%s", busy->text);
}

static int clean_up(struct err *err)
{
	struct lines what = {}, busy = {};
	int removed = -1;

	if (lines__open(&what) && lines__open(&busy))
		removed = injector__cleanup(what.out, busy.out, err);
	else
		err__set(err, EXIT_MACHINE, "out of memory");
	lines__close(&what);
	lines__close(&busy);
	if (removed >= 0)
		print(removed, &what, &busy);
	free(what.text);
	free(busy.text);
	return removed < 0 ? -1 : 0;
}

int cmd_cleanup(int argc, char **argv)
{
	struct err err = {};

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		return cmd__help(usage);
	if (argc > 1)
		return cmd__misuse(usage, "cleanup takes no argument: %s", argv[1]);
	return clean_up(&err) ? cmd__fail(&err) : EXIT_DONE;
}
