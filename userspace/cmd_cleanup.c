// SPDX-License-Identifier: GPL-2.0-only
/* cutset cleanup: remove what a killed run left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "inject/injector.h"
#include "inject/lock.h"

static const char usage[] =
	"usage: cutset cleanup [--json]\n"
	"\n"
	"Looks into every network namespace for filters, qdiscs and devices that a killed cutset\n"
	"left, removes them and prints a line for each. On kernels with tcx (6.6 and later)\n"
	"nothing outlives its process, and there is nothing to be found.\n"
	"\n"
	"  --json    {\"removed\": n, \"what\": [\"...\", ...]}\n"
	"\n"
	"exit codes: 0 done, 2 wrong usage, 3 no privilege, or another cutset is at work\n";

static void print_removed(int removed, char *text)
{
	if (cmd__json)
		cmd__print_json(json_pack("{s:i, s:o}", "removed", removed, "what", cmd__json_lines(text)));
	else if (removed)
		fputs(text, stdout);
	else
		puts("nothing of ours was left");
}

static int clean_up(struct err *err)
{
	int lock_fd = lock__take(err), removed = -1;
	char *text = NULL;
	size_t size;
	FILE *out;

	if (lock_fd < 0)
		return -1;
	out = open_memstream(&text, &size);
	if (out) {
		removed = injector__cleanup(out, err);
		fclose(out);
	} else {
		err__set(err, EXIT_MACHINE, "out of memory");
	}
	if (removed >= 0)
		print_removed(removed, text);
	free(text);
	lock__release(lock_fd);
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
