// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/privilege.h"
#include "base/progress_line.h"
#include "base/units.h"
#include "cmd.h"
#include "hunt/hunt.h"
#include "hunt/result.h"
#include "hunt/words.h"
#include "report/page.h"
#include "target/role.h"

static const char usage[] =
	"usage: cutset hunt SCENARIO.yaml -o DIR [--resume] [options]\n"
	"       cutset hunt SCENARIO.yaml --dry-run\n"
	"\n"
	"Runs the scenario without faults, works out what its good outcome rests on, and tries the\n"
	"smallest sets of faults that would take that away, until the promise breaks, no candidate\n"
	"within the budget is left, or time is up. As root.\n"
	"\n"
	"  -o DIR             journal, runs and result go there; must be empty or new\n"
	"  --resume           go on with the hunt in DIR\n"
	"  --max N            try at most N fault sets (else the scenario's runs.max)\n"
	"  --seed N           breaks ties, and rules chance (default 1)\n"
	"  --strategy NAME    lineage (default), random or exhaustive\n"
	"  --all              go on until every minimal set of faults that breaks it is known\n"
	"  --dry-run          say what would be run, on whom, and how long at most; run nothing\n"
	"  --json             an object for each run, then the result\n"
	"  --progress         with --json: an object at each phase of each run, too\n"
	"\n"
	"  cutset hunt shop.yaml -o result\n"
	"\n"
	"exit codes: 0 tolerant within the budget, 1 violation found, 2 wrong usage or scenario,\n"
	"3 this machine cannot, 4 undecided, 5 a target was lost\n";

static struct progress_line foot;

static void print_progress(void *ctx, const struct session *session,
			   const struct hunt_progress *progress)
{
	const struct run *run = &progress->experiment->run;
	json_t *left = progress->candidates < 0 ? json_null() : json_integer(progress->candidates);

	cmd__print_json(json_pack("{s:s, s:i, s:s, s:o, s:f, s:o, s:b}", "phase", progress->phase, "run",
				  (int)run->number, "purpose", progress->experiment->purpose, "faults",
				  fault_set__to_json(&run->faults, &session->names), "seconds_left",
				  (double)progress->left_ns / NSEC_PER_SEC, "candidates_left", left,
				  "more", progress->more));
}

/* "  12  candidate: check; 28 min left, 14 candidates; {silence:redis1@check.0}" */
static void show_progress(void *ctx, const struct session *session,
			  const struct hunt_progress *progress)
{
	const struct run *run = &progress->experiment->run;
	unsigned long long seconds = progress->left_ns / NSEC_PER_SEC;
	char faults[1024], text[1280], left[48] = "";

	fault_set__print(faults, sizeof(faults), &run->faults, &session->names);
	if (progress->candidates >= 0)
		snprintf(left, sizeof(left), ", %ld%s candidate%s", progress->candidates,
			 progress->more ? " or more" : "", progress->candidates == 1 ? "" : "s");
	snprintf(text, sizeof(text), "%4u  %s: %s; %llu %s left%s; %s", run->number,
		 progress->experiment->purpose, progress->phase, seconds < 120 ? seconds : seconds / 60,
		 seconds < 120 ? "s" : "min", left, faults);
	progress_line__show(&foot, text);
}

/* Who is told. */
struct watcher {
	const char *dir;
	bool all;
};

static void show_began(void *ctx, const struct session *session, const struct scenario *scenario)
{
	char title[NODE_TITLE_MAX];

	if (cmd__json)
		return;
	printf("hunting in %s: %zu nodes (", scenario->name, session->nodes.cnt);
	for (size_t i = 0; i < session->nodes.cnt; i++)
		printf("%s%s", i ? ", " : "", node__title(&session->nodes.v[i], title, sizeof(title)));
	printf(")\n%4s  %-9s %-9s %6s  %s\n", "run", "purpose", "verdict", "time", "faults");
	fflush(stdout);
}

static json_t *experiment_json(const struct session *session, const struct experiment *experiment,
			       const char *learned)
{
	const struct run *run = &experiment->run;

	return json_pack("{s:i, s:s, s:o, s:s, s:o, s:f, s:o, s:b, s:o}", "run", (int)run->number,
			 "purpose", experiment->purpose, "faults",
			 fault_set__to_json(&run->faults, &session->names), "verdict",
			 verdict__name(experiment->verdict), "why", json_text(experiment->why), "seconds",
			 (double)run->ns / NSEC_PER_SEC, "learned", json_text(learned), "recalled",
			 experiment->was_recalled, "reports",
			 reports__to_json(&run->faults, run->reports, &session->names));
}

/* A part that had nothing to cut: which, and why. */
static void show_unfired(const struct session *session, const struct run *run)
{
	char text[FAULT_TEXT_MAX];

	if (!run->facts.fired || run->facts.fired == run->facts.faults)
		return;
	for (size_t i = 0; i < run->faults.cnt; i++)
		if (!run__in_effect(run, i))
			printf("      unfired: %s: %s\n",
			       fault__print(text, sizeof(text), &run->faults.v[i], &session->names),
			       run->reports[i].why);
}

static void show_experiment(void *ctx, const struct session *session,
			    const struct experiment *experiment, const char *learned)
{
	const struct run *run = &experiment->run;
	char faults[1024];

	progress_line__clear(&foot);
	if (cmd__json) {
		cmd__print_json(experiment_json(session, experiment, learned));
		return;
	}
	fault_set__print(faults, sizeof(faults), &run->faults, &session->names);
	printf("%4u  %-9s %-9s %5.1fs  %s%s\n", run->number, experiment->purpose,
	       verdict__name(experiment->verdict), (double)run->ns / NSEC_PER_SEC, faults,
	       experiment->was_recalled ? "  (from the journal)" : "");
	if (experiment->verdict != VERDICT_SURVIVED && experiment->verdict != VERDICT_VIOLATED)
		printf("      %s\n", experiment->why);
	show_unfired(session, run);
	if (*learned)
		printf("      %s\n", learned);
	fflush(stdout);
}

static void show_say(void *ctx, const char *text)
{
	progress_line__clear(&foot);
	if (!cmd__json)
		printf("      %s\n", text);
	fflush(stdout);
}

/* "it breaks when that comes 2.7s late, and is kept with 2.2s (2 of 2 runs)" */
static void show_shrinking(const struct violation *violation, const struct scenario *scenario)
{
	char text[256];

	shortest__words(text, sizeof(text), &violation->shortest, scenario->delay_ns);
	if (*text)
		printf("%s\n", text);
	if (violation->unshrunk && !scenario->shrink_runs)
		printf("it was not made smaller: the scenario says so (runs.shrink)\n");
	else if (violation->unshrunk)
		printf("it may be smaller: after %u runs no more were spent on that (runs.shrink)\n",
		       violation->shrink_runs);
}

static void show_violation(const struct session *session, const struct scenario *scenario,
			   const struct hunt_result *result, const char *dir)
{
	const struct violation *first = hunt_result__first(result);
	char text[1024];

	printf("\nviolation: the promise is broken %s\n",
	       first->faults.cnt ? "when" : "without any fault; mend the scenario or the system first");
	for (size_t i = 0; i < first->faults.cnt; i++) {
		printf("  - %s\n", words__fault(text, sizeof(text), &first->faults.v[i],
						&session->names, scenario->heal));
		printf("      %s\n", fault__print(text, sizeof(text), &first->faults.v[i],
						  &session->names));
		if (result->near_misses[i].run)
			printf("      without it the promise was kept (run %u), by  %s\n",
			       result->near_misses[i].run, result->near_misses[i].message);
	}
	if (scenario->check)
		printf("the workload succeeds (exit 0: the promise is made) and the check says broken:\n"
		       "  %s/runs/%04u/check.out\n",
		       dir, first->run);
	else
		printf("then the workload does not succeed:\n  %s/runs/%04u/workload.out\n", dir, first->run);
	if (first->faults.cnt)
		printf("broken in %u of %u runs with these faults, in %u of %u without\n",
		       first->with.broken, first->with.made, result->without.broken,
		       result->without.made);
	else
		printf("broken in %u of %u runs\n", result->without.broken, result->without.made);
	show_shrinking(first, scenario);
	if (!first->minimal)
		printf("whether a fault can be left out is not known: the hunt was stopped, or smaller sets\n"
		       "were not tried or could not be judged\n");
	else if (first->faults.cnt > 1)
		printf("no fault of the set can be left out\n");
	printf("again: %s replay %s\n", program_invocation_name, dir);
}

/* With --all: each in a line, and whether there can be others. */
static void show_all(const struct session *session, const struct hunt_result *result)
{
	char text[4096];

	printf("\nminimal sets that break it: %zu%s\n", result->violation_cnt,
	       result->all ? "; within the budget there is no other" : ", so far");
	for (size_t i = 0; i < result->violation_cnt; i++)
		printf("  %s\n", fault_set__print(text, sizeof(text),
						  &result->violations[i].faults, &session->names));
	if (result->certificate[0])
		printf("certificate: %s\n", result->certificate);
	if (result->why[0])
		printf("%s\n", result->why);
}

static void show_ended(void *ctx, const struct session *session, const struct scenario *scenario,
		       const struct hunt_result *result)
{
	const struct watcher *watcher = ctx;
	const char *dir = watcher->dir;
	char delay[32];

	progress_line__clear(&foot);
	if (cmd__json) {
		cmd__print_json(hunt_result__to_json(result, &session->names));
		return;
	}
	if (result->end == HUNT_VIOLATION)
		show_violation(session, scenario, result, dir);
	else if (result->end == HUNT_TOLERANT)
		printf("\ntolerant within the budget%s%s: no candidate is left%s%s\n",
		       result->delay_ns ? ", for delays of " : "",
		       result->delay_ns ? units__print_span(delay, sizeof(delay), result->delay_ns) : "",
		       result->certificate[0] ? "; certificate: " : "", result->certificate);
	else
		printf("\nundecided: %s\n", result->why);
	if (result->end == HUNT_VIOLATION && watcher->all)
		show_all(session, result);
	if (result->end == HUNT_UNDECIDED && result->candidates_left)
		printf("%zu%s candidates were left\n", result->candidates_left,
		       result->more_left ? " or more" : "");
	printf("%u fault sets, %u runs, %.0f s", result->experiments, result->runs, result->seconds);
	if (result->foretold)
		printf("; %u more foretold from what nodes did in those", result->foretold);
	if (result->vacuous)
		printf("; %zu set%s kept the promise from being made", result->vacuous,
		       result->vacuous == 1 ? "" : "s");
	if (result->parked)
		printf("; %zu parked", result->parked);
	putchar('\n');
}

/* A hunt is no worse for a report that could not be written. */
static void write_report(const char *dir)
{
	char path[PATH_MAX];
	struct err err;

	if (snprintf(path, sizeof(path), "%s/report.html", dir) >= (int)sizeof(path))
		return;
	if (page__write(dir, path, NULL, &err))
		log__warn("no report was written: %s", err.msg);
	else if (!cmd__json)
		printf("report: %s\n", path);
}

struct arguments {
	struct hunt_opts hunt;
	const char *scenario;
	bool progress;
	bool dry_run, help;
};

static int take_option(struct arguments *args, int option)
{
	long n;

	switch (option) {
	case 'o':
		args->hunt.dir = optarg;
		return 0;
	case 'r':
		args->hunt.resume = true;
		return 0;
	case 'm':
		if (units__parse_count(optarg, 1, 1000000, &n))
			return cmd__misuse(usage, "--max %s: not a number from 1 to 1000000", optarg);
		args->hunt.max = (unsigned int)n;
		return 0;
	case 's':
		if (units__parse_count(optarg, 0, INT32_MAX, &n))
			return cmd__misuse(usage, "--seed %s: not a number from 0 to %d", optarg,
					   INT32_MAX);
		args->hunt.has_seed = true;
		args->hunt.seed = (uint64_t)n;
		return 0;
	case 't':
		if (strategy__named(optarg, &args->hunt.strategy))
			return cmd__misuse(usage, "--strategy %s: there are lineage, random and exhaustive",
					   optarg);
		args->hunt.has_strategy = true;
		return 0;
	case 'p':
		args->progress = true;
		return 0;
	case 'a':
		args->hunt.all = true;
		return 0;
	case 'n':
		args->dry_run = true;
		return 0;
	default: /* 'h' */
		args->help = true;
		return 0;
	}
}

static int take_arguments(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "resume", no_argument, NULL, 'r' },
		{ "max", required_argument, NULL, 'm' },
		{ "seed", required_argument, NULL, 's' },
		{ "strategy", required_argument, NULL, 't' },
		{ "all", no_argument, NULL, 'a' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "progress", no_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	int option, ret;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		ret = option == '?' ? cmd__bad_option(usage, argv) : take_option(args, option);
		if (ret || args->help)
			return ret;
	}
	if (argc - optind != 1)
		return cmd__misuse(usage, argc == optind ? "hunt: which scenario?" :
							   "hunt: one scenario at a time");
	args->scenario = argv[optind];
	if (!args->hunt.dir && !args->dry_run)
		return cmd__misuse(usage, "hunt: where to? give -o DIR");
	if (args->progress && !cmd__json)
		return cmd__misuse(usage, "--progress goes with --json; on a terminal progress is shown anyway");
	return 0;
}

int cmd_hunt(int argc, char **argv)
{
	struct arguments args = {
		.hunt.view = { .began = show_began,
			       .experiment = show_experiment,
			       .say = show_say,
			       .ended = show_ended },
	};
	struct hunt_result result;
	struct scenario *scenario;
	struct watcher watcher;
	struct err err = { 0 };
	int ret = take_arguments(argc, argv, &args);

	if (ret)
		return ret;
	if (args.help)
		return cmd__help(usage);
	watcher = (struct watcher){ .dir = args.hunt.dir, .all = args.hunt.all };
	args.hunt.view.ctx = &watcher;
	scenario = scenario__load(args.scenario, &err);
	if (!scenario)
		return cmd__fail(&err);
	if (args.dry_run) {
		ret = cmd__plan(scenario);
		scenario__free(scenario);
		return ret;
	}
	if (privilege__check(JOB_INJECT, "hunt", &err)) {
		scenario__free(scenario);
		return cmd__fail(&err);
	}
	interrupt__catch();
	progress_line__open(&foot, STDERR_FILENO);
	if (cmd__json)
		args.hunt.view.progress = args.progress ? print_progress : NULL;
	else if (foot.fd >= 0)
		args.hunt.view.progress = show_progress;
	if (hunt__run(scenario, &args.hunt, &result, &err)) {
		progress_line__clear(&foot);
		ret = cmd__fail(&err);
	} else {
		write_report(args.hunt.dir);
		ret = hunt_result__code(&result);
	}
	hunt_result__free(&result);
	scenario__free(scenario);
	return ret;
}
