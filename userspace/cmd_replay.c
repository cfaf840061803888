// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/json_text.h"
#include "base/privilege.h"
#include "base/units.h"
#include "cmd.h"
#include "hunt/hunt.h"
#include "hunt/replay.h"
#include "hunt/result.h"

static const char usage[] =
	"usage: cutset replay DIR [--times N]\n"
	"\n"
	"Runs the fault set that the hunt in DIR found again, in the hunt's scenario. As root.\n"
	"\n"
	"  --times N          how often (default 1)\n"
	"\n"
	"  cutset replay result --times 5\n"
	"\n"
	"exit codes: 1 broken again at least once, 0 the promise was kept each time, 4 neither could be\n"
	"said of any run, 2 wrong usage, 3 this machine cannot, 5 a target was lost\n";

static int take_arguments(int argc, char **argv, const char **ret_dir, long *ret_times, bool *ret_help)
{
	static const struct option options[] = {
		{ "times", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			*ret_help = true;
			return 0;
		}
		if (option != 't')
			return cmd__bad_option(usage, argv);
		if (units__parse_count(optarg, 1, 100000, ret_times))
			return cmd__misuse(usage, "--times %s: not a number from 1 to 100000", optarg);
	}
	if (argc - optind != 1)
		return cmd__misuse(usage, "replay: give the folder of one hunt");
	*ret_dir = argv[optind];
	return 0;
}

static void show(void *ctx, const struct session *session, const struct experiment *experiment)
{
	const struct run *run = &experiment->run;
	char faults[1024];

	if (cmd__json) {
		cmd__print_json(json_pack("{s:o, s:o, s:s, s:o, s:f, s:o}", "run", json_text(run->dir), "faults",
					  fault_set__to_json(&run->faults, &session->names), "verdict",
					  verdict__name(experiment->verdict), "why", json_text(experiment->why),
					  "seconds", (double)run->ns / NSEC_PER_SEC, "reports",
					  reports__to_json(&run->faults, run->reports,
							   &session->names)));
		return;
	}
	fault_set__print(faults, sizeof(faults), &run->faults, &session->names);
	printf("%-9s %5.1fs  %s: %s\n", verdict__name(experiment->verdict),
	       (double)run->ns / NSEC_PER_SEC, faults, experiment->why);
	fflush(stdout);
}

int cmd_replay(int argc, char **argv)
{
	struct replay_result result;
	const char *dir = NULL;
	struct err err = { 0 };
	bool help = false;
	long times = 1;
	int ret = take_arguments(argc, argv, &dir, &times, &help);

	if (ret)
		return ret;
	if (help)
		return cmd__help(usage);
	if (privilege__check(JOB_INJECT, "replay", &err))
		return cmd__fail(&err);
	interrupt__catch();
	if (replay__run(dir, (unsigned int)times, show, NULL, &result, &err))
		return cmd__fail(&err);
	if (cmd__json)
		cmd__print_json(json_pack("{s:i, s:i, s:i}", "broken", (int)result.broken, "made",
					  (int)result.made, "runs", (int)result.runs));
	else
		printf("broken in %u of %u runs in which the promise was made; traces: %s\n",
		       result.broken, result.made, result.dir);
	if (result.broken)
		return EXIT_VIOLATION;
	return result.made == result.runs && result.runs ? EXIT_DONE : EXIT_UNDECIDED;
}
