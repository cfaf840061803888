// SPDX-License-Identifier: GPL-2.0-only
#include "model/certificate.h"

#include <errno.h>
#include <string.h>

#include "base/units.h"
#include "model/selector.h"

#define MEMBERS_A_LINE 8

static void write_meaning(FILE *out, enum clause_mode mode)
{
	fprintf(out, "c UNSATISFIABLE (minisat: exit code 20) says: no set of faults within the budget\n"
		     "c takes something away from every known way in which the promise was kept, and is\n"
		     "c neither known to be vacuous nor parked. A model is a fault set still to be tried.\n");
	if (mode == CLAUSE_MONOTONE)
		fprintf(out, "c mode: monotone\nc Assumed: a way that was seen to work works whenever none of\n"
			     "c its messages is cut (and, where nodes are judged by their logs, none speaks that was\n"
			     "c silent then), whatever else is.\n");
	else
		fprintf(out, "c mode: exact\nc A way that was seen to work under some faults is assumed to work\n"
			     "c only where all of these faults are in force.\n");
}

static void write_limits(FILE *out, const struct model_opts *opts)
{
	char from[32], until[32], delay[32];

	fprintf(out, "c budget:");
	for (int kind = 0; kind < CHAIN_KINDS; kind++) {
		if (kind == FAULT_STALL && !opts->budget.max[kind])
			continue;
		if (opts->budget.max[kind] < 0)
			fprintf(out, " %s any", fault__kind_name((enum fault_kind)kind));
		else
			fprintf(out, " %s %d", fault__kind_name((enum fault_kind)kind),
				opts->budget.max[kind]);
	}
	if (opts->budget.total >= 0)
		fprintf(out, " total %d", opts->budget.total);
	fprintf(out,
		"\nc from: %s\nc until: %s\nc heal: %s\n"
		"c Faults begin in that span, silences after its end too. A loss is of what is sent in its step; links\n"
		"c and partitions end with the %s.\n",
		step__print(from, sizeof(from), opts->from),
		step__print(until, sizeof(until), opts->until),
		opts->heal == NOW_HEALED ? "check" : "end",
		opts->heal == NOW_HEALED ? "hold, before the check" : "run");
	if (opts->budget.max[FAULT_STALL])
		fprintf(out, "c Stalls do so, too. They are those that are variables below, no others.\n");
	if (opts->delay_ns)
		fprintf(out, "c delay: %s\nc What a fault takes comes so late, a loss's messages too. Of longer and of\n"
			     "c shorter delays nothing was shown.\n",
			units__print_span(delay, sizeof(delay), opts->delay_ns));
}

static const char *node_name(const struct model_opts *opts, uint16_t id)
{
	const char *name = opts->names ? opts->names->name_of(opts->names->ctx, id) : NULL;

	return name ? name : "?";
}

static void write_nodes(FILE *out, const struct model_opts *opts)
{
	for (uint16_t id = 1; id <= opts->node_cnt; id++)
		fprintf(out, "c node: %s%s\n", node_name(opts, id),
			opts->spare_nodes >> id & 1 ? " (spared)" : "");
}

static void write_assumptions(FILE *out, const struct model_opts *opts)
{
	fprintf(out, "c causality: happens-before as observed. Whatever a process received before it sent may\n"
		     "c have caused it; confidences rank and exclude nothing. Messages to and from what is\n"
		     "c not traced cannot be cut. A TCP stream delivers in order: what is lost of it takes what is\n"
		     "c sent behind it. Runs whose traces lost events prove nothing.\n");
	if (opts->lockstep)
		fprintf(out, "c lockstep: assumed\n"
			     "c What a node says in a step follows from what it was handed in the steps before. Run 0 is none:\n"
			     "c what it tells follows from the others, and no two of them speak against that.\n");
	if (opts->spare_idle)
		fprintf(out, "c background: spared\n"
			     "c Messages of forms that were also seen without a workload, and that no more than their order,\n"
			     "c or a thread that took them some time before, ties to the outcome are assumed not to be what\n"
			     "c it rested on, nor what led to nothing but such messages.\n");
}

/* A comment must stay one line whatever a reason says. */
static void write_line(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc(*text == '\n' || *text == '\r' ? ' ' : *text, out);
}

/* "/6379#SET", as far as it is known */
static char *print_class(char *buf, size_t size, const struct support_member *member)
{
	const struct selector port = { .port = member->port, .nth = 1 };
	const struct selector *class = selector__numbered(member->class);

	buf[0] = '\0';
	return member->port ? selector__print(buf, size, class ? class : &port) : buf;
}

/* "a>b@workload.1 a>b/80#GET@workload.1 a>*@check.0": the log of a is read in the end */
static void write_support(FILE *out, const struct support *support, const struct model_opts *opts)
{
	char step[32], class[160];

	for (size_t i = 0; i < support->cnt; i++) {
		const struct support_member *member = &support->v[i];

		fprintf(out, "%s %s>%s%s@%s", i % MEMBERS_A_LINE ? "" : i ? "\nc   rests on" : "c   rests on",
			node_name(opts, member->src),
			member->dst == NODE_OUTSIDE ? "*" : node_name(opts, member->dst),
			print_class(class, sizeof(class), member),
			member->step == NOW_HEALED ? "healed" :
						     step__print(step, sizeof(step), member->step));
	}
	if (support->cnt)
		fputc('\n', out);
}

static void write_run(FILE *out, const struct record *record, const struct model_opts *opts)
{
	char text[MAX_FAULTS * FAULT_TEXT_MAX];

	fprintf(out, "c run %u %s under %s\n", record->run, lesson__name(record->lesson),
		fault_set__print(text, sizeof(text), &record->faults, opts->names));
	if (record->why) {
		fprintf(out, "c   because ");
		write_line(out, record->why);
		fputc('\n', out);
	}
	if (record->covered)
		fprintf(out, "c   although cut: %zu\n", record->covered);
	write_support(out, &record->support, opts);
}

static void write_runs(FILE *out, const struct search_space *space, bool parked)
{
	for (size_t i = 0; i < space->record_cnt; i++)
		if ((space->records[i].lesson == LESSON_PARKED) == parked)
			write_run(out, &space->records[i], space->vars->opts);
}

static size_t count(const struct search_space *space, enum lesson lesson)
{
	size_t cnt = 0;

	for (size_t i = 0; i < space->record_cnt; i++)
		cnt += space->records[i].lesson == lesson;
	return cnt;
}

static size_t count_foretold(const struct search_space *space)
{
	size_t cnt = 0;

	for (size_t i = 0; i < space->record_cnt; i++)
		cnt += space->records[i].foretold;
	return cnt;
}

static void write_head(FILE *out, const struct search_space *space, enum clause_mode mode)
{
	fprintf(out, CERTIFICATE_FIRST_LINE "\n");
	write_meaning(out, mode);
	write_assumptions(out, space->vars->opts);
	write_nodes(out, space->vars->opts);
	write_limits(out, space->vars->opts);
	fprintf(out, "c runs: %zu survived, %zu vacuous, %zu violated, %zu parked\n",
		count(space, LESSON_SURVIVED), count(space, LESSON_VACUOUS),
		count(space, LESSON_VIOLATED), count(space, LESSON_PARKED));
	if (space->vars->opts->lockstep)
		fprintf(out, "c of these foretold: %zu\n", count_foretold(space));
	write_runs(out, space, false);
	if (count(space, LESSON_PARKED))
		fprintf(out, "c parked, without an answer; while there are any nothing is shown to be tolerant:\n");
	write_runs(out, space, true);
}

int certificate__write(const struct search_space *space, enum clause_mode mode, bool whole,
		       FILE *out, struct err *err)
{
	struct cnf cnf = { 0 };
	int failed;

	formula__write(space->formula, space->records, space->vars, &cnf, NULL, 0);
	if (cnf.failed) {
		cnf__free(&cnf);
		return err__set(err, EXIT_MACHINE, "cannot write the formula: out of memory");
	}
	if (whole)
		write_head(out, space, mode);
	failed = cnf__write_dimacs(&cnf, out);
	cnf__free(&cnf);
	if (failed)
		return err__set(err, EXIT_MACHINE, "cannot write the formula: %s", strerror(errno));
	return 0;
}
