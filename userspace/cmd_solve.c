// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress_line.h"
#include "base/units.h"
#include "cmd.h"
#include "model/baseline.h"
#include "model/model.h"

static const char usage[] =
	"usage: cutset solve F... --faults SPEC [--background cut|spare] [--max N] [--dimacs FILE] [--json]\n"
	"\n"
	"Prints the minimal sets of faults that would have taken something away from every good run,\n"
	"best first. F are traces of good runs without faults.\n"
	"\n"
	"  --faults SPEC   at most so many: silence=1,link=2,partition=1,loss=1,total=3; `any` for\n"
	"                  as many as there are; kinds that are not named are not used\n"
	"  --background spare\n"
	"                  leave out what was also seen before the workload, where no more than its\n"
	"                  order ties it to the outcome (default cut: it is ranked last)\n"
	"  --max N         print at most so many sets (default 100)\n"
	"  --dimacs FILE   write the formula for another solver; UNSATISFIABLE says: there is none\n"
	"\n"
	"Links to and from clients are not cut, and clients are not silenced.\n"
	"Ctrl-C (SIGINT, SIGTERM) ends the search and prints the best so far.\n"
	"\n"
	"  cutset solve t1 t2 t3 --faults silence=1,link=2\n"
	"\n"
	"exit codes: 0 done (also when there is no set), 2 wrong usage, or no trace with an outcome,\n"
	"3 out of memory, 4 interrupted\n";

struct arguments {
	struct budget budget;
	bool has_budget;
	bool spare_idle;
	size_t max;
	const char *dimacs;
	bool help;
};

static int take_count(const char *text, int *ret)
{
	long n;

	if (strcmp(text, "any") == 0) {
		*ret = -1;
		return 0;
	}
	if (units__parse_count(text, 0, MAX_FAULTS, &n))
		return cmd__misuse(usage, "--faults: `%s` is not `any` or a number from 0 to %d", text,
				   MAX_FAULTS);
	*ret = (int)n;
	return 0;
}

static int take_limit(struct budget *budget, char *text)
{
	char *value = strchr(text, '=');

	if (!value)
		return cmd__misuse(usage, "--faults: write KIND=N, as link=2; not `%s`", text);
	*value++ = '\0';
	if (strcmp(text, "total") == 0)
		return take_count(value, &budget->total);
	for (int kind = 0; kind < FAULT_STALL; kind++)
		if (strcmp(text, fault__kind_name((enum fault_kind)kind)) == 0)
			return take_count(value, &budget->max[kind]);
	if (strcmp(text, "stall") == 0)
		return cmd__misuse(usage, "--faults: %s is not supported yet", text);
	return cmd__misuse(usage, "--faults: `%s` is not silence, link, partition, loss or total",
			   text);
}

static int take_budget(struct arguments *args, const char *spec)
{
	char *text = strdup(spec), *save = NULL;
	int code = 0;

	if (!text)
		return cmd__failf(EXIT_MACHINE, "out of memory");
	args->has_budget = true;
	for (char *one = strtok_r(text, ",", &save); one && !code; one = strtok_r(NULL, ",", &save))
		code = take_limit(&args->budget, one);
	free(text);
	return code;
}

static int take_option(struct arguments *args, int option)
{
	long n;

	switch (option) {
	case 'f':
		return take_budget(args, optarg);
	case 'b':
		if (strcmp(optarg, "cut") != 0 && strcmp(optarg, "spare") != 0)
			return cmd__misuse(usage, "--background %s: write `cut` or `spare`", optarg);
		args->spare_idle = strcmp(optarg, "spare") == 0;
		return 0;
	case 'm':
		if (units__parse_count(optarg, 1, 1000000, &n))
			return cmd__misuse(usage, "--max %s: not a number from 1 to 1000000", optarg);
		args->max = (size_t)n;
		return 0;
	case 'd':
		args->dimacs = optarg;
		return 0;
	default: /* 'h' */
		args->help = true;
		return 0;
	}
}

static int take_arguments(struct arguments *args, int argc, char **argv)
{
	static const struct option options[] = {
		{ "faults", required_argument, NULL, 'f' },
		{ "background", required_argument, NULL, 'b' },
		{ "max", required_argument, NULL, 'm' },
		{ "dimacs", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option, code = 0;

	optind = 0;
	opterr = 0;
	while (!code && (option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		code = option == '?' ? cmd__bad_option(usage, argv) : take_option(args, option);
	if (code || args->help)
		return code;
	if (optind == argc)
		return cmd__misuse(usage, "solve: no trace file given");
	if (!args->has_budget)
		return cmd__misuse(usage, "solve: --faults is missing; for example --faults silence=1,link=2");
	return 0;
}

static struct model *learn_all(const struct arguments *args, const struct baseline *baseline,
			       struct err *err)
{
	const struct fault_set none = { 0 };
	const struct model_opts opts = {
		.node_cnt = baseline->node_cnt,
		.names = &baseline->names,
		.budget = args->budget,
		.spare_nodes = baseline->spare,
		.spare_idle = args->spare_idle,
		.from = NOW_WORKLOAD,
		.until = NOW_CHECK,
		.heal = NOW_HEALED,
	};
	struct model *model = model__new(&opts, err);

	for (size_t i = 0; model && i < baseline->cnt; i++)
		if (model__learn(model, (unsigned int)i + 1, &none, LESSON_SURVIVED,
				 &baseline->supports[i], baseline->paths[i], err) < 0) {
			model__free(model);
			return NULL;
		}
	return model;
}

static int write_dimacs(struct model *model, const char *path, struct err *err)
{
	FILE *out = fopen(path, "we");
	int failed;

	if (!out)
		return err__set(err, EXIT_USAGE, "cannot write %s: %s", path, strerror(errno));
	failed = model__write_certificate(model, CLAUSE_MONOTONE, out, err);
	if (fclose(out) && !failed)
		return err__set(err, EXIT_MACHINE, "cannot write %s: %s", path, strerror(errno));
	return failed;
}

/* What is done while sets are looked for, and with each that was found. */
struct output {
	const struct name_table *names;
	json_t *cuts; /* NULL: text */
	uint64_t begin_ns, shown_ns;
	struct progress_line foot;
};

static json_t *cut_json(const struct candidate *cut, const struct name_table *names)
{
	json_t *faults = json_array();
	char text[FAULT_TEXT_MAX];

	for (size_t i = 0; i < cut->faults.cnt; i++)
		json_array_append_new(faults, json_string(fault__print(text, sizeof(text),
								       &cut->faults.v[i], names)));
	return json_pack("{s:o, s:f}", "faults", faults, "score", cut->score);
}

static void take_cut(void *ctx, const struct candidate *cut)
{
	struct output *output = ctx;
	char text[4096];

	progress_line__clear(&output->foot);
	if (output->cuts)
		json_array_append_new(output->cuts, cut_json(cut, output->names));
	else
		printf("%.4f  %s\n", cut->score,
		       fault_set__print(text, sizeof(text), &cut->faults, output->names));
}

/* sets of 3 faults: 4200000 nodes in 12 s, 2731 found, the best 0.4900; Ctrl-C prints the best so far */
static void show_progress(struct output *output, const struct search_state *state, uint64_t now_ns)
{
	char text[200];

	snprintf(text, sizeof(text), "sets of %zu faults: %ld nodes in %llu s, %zu found, the best %.4f; Ctrl-C prints the best so far",
		 state->cost, state->nodes,
		 (unsigned long long)((now_ns - output->begin_ns) / NSEC_PER_SEC), state->found, state->best);
	progress_line__show(&output->foot, text);
	output->shown_ns = now_ns;
}

static bool go_on(void *ctx, const struct search_state *state)
{
	struct output *output = ctx;
	const uint64_t now_ns = units__now_ns();

	if (interrupt__raised())
		return false;
	if (now_ns - output->begin_ns > NSEC_PER_SEC && now_ns - output->shown_ns > NSEC_PER_SEC / 5)
		show_progress(output, state, now_ns);
	return true;
}

static bool was_interrupted(const struct search_end *end)
{
	return !end->complete && interrupt__raised();
}

static void print_end(const struct baseline *baseline, struct output *output, const struct search_end *end)
{
	if (output->cuts) {
		cmd__print_json(json_pack("{s:O, s:b, s:b, s:b, s:I, s:b}", "cuts", output->cuts, "more", end->more,
					  "complete", end->complete, "interrupted", was_interrupted(end),
					  "supports", (json_int_t)baseline->cnt, "sound",
					  baseline->unsound == 0));
		return;
	}
	if (end->cnt == 0 && end->complete)
		printf("no set of faults within the budget cuts every support\n");
	if (was_interrupted(end))
		log__info("interrupted: there may be more, and better ones");
	else if (!end->complete)
		log__info("gave up: there may be more, and better ones");
	else if (end->more)
		log__info("there are more; see --max");
}

/* Until then a signal ends the program: there is nothing to print. */
static int search(struct model *model, const struct arguments *args, struct output *output,
		  struct search_end *ret, struct err *err)
{
	const struct search_opts opts = { .max = args->max, .take = take_cut, .go_on = go_on, .ctx = output };
	int failed;

	progress_line__open(&output->foot, STDERR_FILENO);
	interrupt__catch();
	output->begin_ns = units__now_ns();
	failed = model__search(model, CLAUSE_MONOTONE, &opts, ret, err);
	progress_line__clear(&output->foot);
	return failed;
}

static int solve(const struct arguments *args, struct baseline *baseline)
{
	struct err err = { 0 };
	struct model *model = learn_all(args, baseline, &err);
	struct output output = { .names = &baseline->names, .cuts = cmd__json ? json_array() : NULL };
	struct search_end end;
	int failed = model ? 0 : -1;

	if (!failed && args->dimacs)
		failed = write_dimacs(model, args->dimacs, &err);
	if (!failed)
		failed = search(model, args, &output, &end, &err);
	if (!failed)
		print_end(baseline, &output, &end);
	json_decref(output.cuts);
	model__free(model);
	if (failed)
		return cmd__fail(&err);
	return was_interrupted(&end) ? EXIT_UNDECIDED : EXIT_DONE;
}

int cmd_solve(int argc, char **argv)
{
	struct arguments args = { .max = 100, .budget.total = -1 };
	struct baseline baseline;
	struct err err = { 0 };
	int code = take_arguments(&args, argc, argv);

	if (code)
		return code;
	if (args.help)
		return cmd__help(usage);
	if (baseline__load(&baseline, argv + optind, (size_t)(argc - optind), args.spare_idle, &err) < 0)
		return cmd__fail(&err);
	if (baseline.unsound)
		log__warn("%s lost events or has holes in what the outcome rested on: no proof",
			  baseline.unsound);
	code = solve(&args, &baseline);
	baseline__free(&baseline);
	return code;
}
