// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cmd.h"

#define VERSION "0.1"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "doctor", cmd_doctor, "what this machine can do, what is missing, how to mend it" },
	{ "trace", cmd_trace, "record what the targets send each other" },
	{ "show", cmd_show, "nodes, links and messages of a trace, how much matched, losses" },
	{ "lineage", cmd_lineage, "the messages that an outcome rested on" },
	{ "solve", cmd_solve, "minimal sets of faults that cut every known support" },
	{ "inject", cmd_inject, "one run of a command under given faults" },
	{ "init", cmd_init, "a scenario to begin with, from what runs" },
	{ "hunt", cmd_hunt, "find the faults that a system does not survive" },
	{ "replay", cmd_replay, "run a found violation again" },
	{ "verify", cmd_verify, "does a hunt's certificate hold?" },
	{ "explain", cmd_explain, "the report of a hunt: one page, what broke and why" },
	{ "export", cmd_export, "a trace or a hunt for other programs: graphviz, Perfetto, JUnit, ..." },
	{ "cleanup", cmd_cleanup, "remove what a killed run left" },
};

#define COMMAND_CNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
	fputs("usage: cutset [-v] [--debug=bpf,sat,tc,hunt] [--json] COMMAND [options]\n\n", out);
	for (size_t i = 0; i < COMMAND_CNT; i++)
		fprintf(out, "  %-8s  %s\n", commands[i].name, commands[i].help);
	fputs("\n`cutset COMMAND --help` says more.\n\n"
	      "exit codes: 0 done (hunt: tolerant within the budget), 1 violation found, 2 wrong usage\n"
	      "or input, 3 this machine cannot, 4 undecided, 5 a target was lost\n",
	      out);
}

/* Takes one global option. Returns 1 when it was one, 0 when not, -1 when it is wrong. */
static int take_global(const char *arg)
{
	if (!strcmp(arg, "-v") || !strcmp(arg, "--verbose"))
		log__set_level(LOG_VERBOSE);
	else if (!strcmp(arg, "--json"))
		cmd__json = true;
	else if (!strncmp(arg, "--debug=", 8))
		return log__set_topics(arg + 8) ? -1 : 1;
	else
		return 0;
	return 1;
}

/* Moves the global options out of @argv. Returns the new count, -1 when one is wrong (*ret_bad). */
static int strip_globals(int argc, char **argv, const char **ret_bad)
{
	int kept = 1, i, taken;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		taken = take_global(argv[i]);
		if (taken < 0) {
			*ret_bad = argv[i];
			return -1;
		}
		if (!taken)
			argv[kept++] = argv[i];
	}
	while (i < argc)
		argv[kept++] = argv[i++];
	argv[kept] = NULL;
	return kept;
}

int main(int argc, char **argv)
{
	const char *bad;

	argc = strip_globals(argc, argv, &bad);
	if (argc < 0)
		return cmd__failf(EXIT_USAGE, "%s: the topics are bpf, sat, tc and hunt", bad);
	if (argc < 2) {
		if (cmd__json)
			return cmd__failf(EXIT_USAGE, "no command was given");
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("cutset " VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < COMMAND_CNT; i++)
		if (!strcmp(commands[i].name, argv[1]))
			return commands[i].run(argc - 1, argv + 1);
	return cmd__failf(EXIT_USAGE, "there is no command `%s`; `cutset --help` lists them", argv[1]);
}
