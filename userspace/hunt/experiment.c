// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/experiment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json_text.h"
#include "base/units.h"

json_t *reports__to_json(const struct fault_set *set, const struct fault_report *reports,
			 const struct name_table *names)
{
	json_t *list = json_array();
	char text[FAULT_TEXT_MAX], step[32];

	for (size_t i = 0; i < set->cnt; i++) {
		const struct fault_report *report = &reports[i];
		json_t *item;

		fault__print(text, sizeof(text), &set->v[i], names);
		item = json_pack("{s:s, s:b, s:I, s:I, s:I}", "fault", text, "fired", report->fired,
				 "dropped", (json_int_t)report->dropped, "parked",
				 (json_int_t)report->parked, "released", (json_int_t)report->released);
		if (report->fired) {
			json_object_set_new(item, "first_step",
					    json_string(step__print(step, sizeof(step),
								    report->first_step)));
			json_object_set_new(item, "first_ns", json_integer((json_int_t)report->first_ns));
			json_object_set_new(item, "last_ns", json_integer((json_int_t)report->last_ns));
		}
		if (report->why[0])
			json_object_set_new(item, "why", json_string(report->why));
		if (report->passed)
			json_object_set_new(item, "passed", json_integer((json_int_t)report->passed));
		if (report->over)
			json_object_set_new(item, "over", json_integer((json_int_t)report->over));
		if (report->matched)
			json_object_set_new(item, "matched", json_integer((json_int_t)report->matched));
		if (report->caught)
			json_object_set_new(item, "caught", json_integer((json_int_t)report->caught));
		if (report->sport)
			json_object_set_new(item, "message",
					    json_pack("{s:I, s:I, s:i, s:i}", "seq",
						      (json_int_t)report->seq, "bytes",
						      (json_int_t)report->len, "sport", report->sport,
						      "dport", report->dport));
		if (report->parked) {
			json_object_set_new(item, "asked_ns", json_integer((json_int_t)report->asked_ns));
			json_object_set_new(item, "achieved_ns",
					    json_integer((json_int_t)report->achieved_ns));
			json_object_set_new(item, "achieved_p99_ns",
					    json_integer((json_int_t)report->achieved_p99_ns));
			json_object_set_new(item, "let_go",
					    json_pack("{s:I, s:I, s:I, s:I}", "due",
						      (json_int_t)fault_report__due(report),
						      "event", (json_int_t)report->by_event, "end",
						      (json_int_t)report->by_end, "lost",
						      (json_int_t)report->lapsed));
		}
		if (report->awaits)
			json_object_set_new(item, "came_ns",
					    report->came_ns
						    ? json_integer((json_int_t)report->came_ns)
						    : json_null());
		json_array_append_new(list, item);
	}
	return list;
}

int lab__open(struct lab *lab, const struct scenario *scenario, struct session *session,
	      struct journal *journal, const char *dir, struct err *err)
{
	memset(lab, 0, sizeof(*lab));
	lab->scenario = scenario;
	lab->session = session;
	lab->journal = journal;
	if (!realpath(dir, lab->dir))
		return err__set(err, EXIT_USAGE, "cannot find the folder %s: %s", dir, strerror(errno));
	lab->evidence = evidence__new();
	lab->recalled = calloc(journal__cnt(journal) + 1, sizeof(*lab->recalled));
	if (!lab->evidence || !lab->recalled)
		return err__set(err, EXIT_MACHINE, "out of memory");
	for (size_t i = 0; i < journal__cnt(journal); i++) {
		json_t *run = json_object_get(journal__at(journal, i), "run");

		if (json_integer_value(run) > lab->last_number)
			lab->last_number = (unsigned int)json_integer_value(run);
	}
	return 0;
}

void lab__close(struct lab *lab)
{
	evidence__free(lab->evidence);
	free(lab->recalled);
	memset(lab, 0, sizeof(*lab));
}

static void set_dir(const struct lab *lab, struct run *run)
{
	if (snprintf(run->dir, sizeof(run->dir), "%s/runs/%04u", lab->dir, run->number) >=
	    (int)sizeof(run->dir))
		run->dir[0] = '\0';
}

static int make_dir(const struct lab *lab, struct run *run, struct err *err)
{
	char runs[PATH_MAX];

	set_dir(lab, run);
	if (snprintf(runs, sizeof(runs), "%s/runs", lab->dir) >= (int)sizeof(runs) || !run->dir[0])
		return err__set(err, EXIT_USAGE, "the folder's path is too long");
	if ((mkdir(runs, 0755) && errno != EEXIST) || mkdir(run->dir, 0755))
		return err__set(err, EXIT_MACHINE, "cannot make the folder %s: %s", run->dir,
				strerror(errno));
	return 0;
}

static int write_file(const struct run *run, const char *name, json_t *value, struct err *err)
{
	char path[PATH_MAX];
	int bad;

	run__path(run, name, path, sizeof(path));
	bad = json_dump_file(value, path, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9));
	json_decref(value);
	return bad ? err__set(err, EXIT_MACHINE, "cannot write %s: %s", path, strerror(errno)) : 0;
}

struct judge lab__judge(const struct lab *lab, const struct fault_set *faults, unsigned int number,
			char *path)
{
	if (snprintf(path, PATH_MAX, "%s/runs/%04u/trace", lab->dir, number) >= PATH_MAX)
		path[0] = '\0';
	return (struct judge){
		.trace = path,
		.faults = faults,
		.heal = lab->scenario->heal,
		.outcome = lab->scenario->check ? OUTCOME_CHECK : OUTCOME_WORKLOAD,
		.evidence = lab->evidence,
		.spare_idle = lab->scenario->spare_idle,
		.streams = lab->scenario->budget.max[FAULT_STALL] != 0,
	};
}

struct judge experiment__judge(const struct lab *lab, const struct experiment *experiment, char *path)
{
	return lab__judge(lab, &experiment->run.faults, experiment->run.number, path);
}

static int judge_it(struct lab *lab, struct experiment *experiment, struct err *err)
{
	struct facts *facts = &experiment->run.facts;
	char path[PATH_MAX];
	struct judge judge = experiment__judge(lab, experiment, path);

	if (facts->workload.end != COMMAND_NONE && facts->workload.end != COMMAND_INTERRUPTED &&
	    judge__facts(&judge, facts, err))
		return -1;
	experiment->verdict = verdict__of(facts, experiment->why, sizeof(experiment->why));
	if ((facts->target_died || facts->miscast) && experiment->run.trouble[0])
		snprintf(experiment->why, sizeof(experiment->why), "%.*s",
			 (int)sizeof(experiment->why) - 1, experiment->run.trouble);
	return 0;
}

bool experiment__kept(const struct experiment *experiment)
{
	const struct facts *facts = &experiment->run.facts;

	return facts->workload.end == COMMAND_YES &&
	       (!facts->has_check || facts->check.end == COMMAND_YES);
}

/* Who was what in the run; NULL where nodes have no roles. */
static json_t *roles_json(const struct nodes *nodes)
{
	json_t *json = json_object();

	for (size_t i = 0; i < nodes->cnt; i++)
		if (nodes->v[i].number)
			json_object_set_new(json, nodes->v[i].role, json_string(nodes->v[i].name));
	if (json_object_size(json))
		return json;
	json_decref(json);
	return NULL;
}

static json_t *ended(const struct lab *lab, const struct experiment *experiment)
{
	const struct run *run = &experiment->run;
	char workload[64], check[64];

	return json_pack(
		"{s:s, s:i, s:s, s:o, s:s, s:o, s:f, s:s, s:s, s:b, s:I, s:I, s:o, s:o*}", "event", "end", "run",
		(int)run->number, "purpose", experiment->purpose, "faults",
		fault_set__to_json(&run->faults, &lab->session->names), "verdict",
		verdict__name(experiment->verdict), "why", json_text(experiment->why), "seconds",
		(double)run->ns / NSEC_PER_SEC, "workload",
		command__print_end(workload, sizeof(workload), &run->facts.workload), "check",
		command__print_end(check, sizeof(check), &run->facts.check), "kept",
		experiment__kept(experiment), "lost",
		(json_int_t)run->facts.lost, "leaked", (json_int_t)run->facts.leaked, "reports",
		reports__to_json(&run->faults, run->reports, &lab->session->names), "roles",
		roles_json(&lab->session->nodes));
}

/* A run knows its phases, and not of which experiment it is. */
struct told {
	const struct lab *lab;
	const struct experiment *experiment;
};

static void tell_phase(void *ctx, const char *phase)
{
	const struct told *told = ctx;

	told->lab->entered(told->lab->ctx, told->experiment, phase);
}

static int execute(struct lab *lab, struct experiment *experiment, uint64_t idle_ns, struct err *err)
{
	struct told told = { lab, experiment };
	struct run *run = &experiment->run;
	json_t *end;

	if (lab->entered) {
		run->entered = tell_phase;
		run->ctx = &told;
	}
	run->number = ++lab->last_number;
	run->idle_ns = idle_ns;
	/* the journal first: a number that it holds is never given out again */
	if (journal__add(lab->journal,
			 json_pack("{s:s, s:i, s:s, s:o}", "event", "begin", "run", (int)run->number,
				   "purpose", experiment->purpose, "faults",
				   fault_set__to_json(&run->faults, &lab->session->names)),
			 err) ||
	    make_dir(lab, run, err) ||
	    write_file(run, "faults.json", fault_set__to_json(&run->faults, &lab->session->names), err))
		return -1;
	if (run__execute(lab->session, lab->scenario, run, err) || judge_it(lab, experiment, err))
		return -1;
	run->entered = NULL;
	end = ended(lab, experiment);
	if (write_file(run, "verdict.json", json_incref(end), err)) {
		json_decref(end);
		return -1;
	}
	return journal__add(lab->journal, end, err);
}

/* Is this journal line an experiment that may stand for the one that is asked for? */
static bool matches(const struct lab *lab, size_t index, const struct experiment *experiment)
{
	const json_t *line = journal__at(lab->journal, index);
	const char *event = json_string_value(json_object_get(line, "event"));
	const char *purpose = json_string_value(json_object_get(line, "purpose"));
	const char *verdict = json_string_value(json_object_get(line, "verdict"));
	struct fault_set faults;

	if (lab->recalled[index] || !event || strcmp(event, "end") || !purpose || !verdict ||
	    strcmp(purpose, experiment->purpose))
		return false;
	if (verdict__named(verdict) == VERDICT_INTERRUPTED ||
	    verdict__named(verdict) == VERDICT_BROKEN || verdict__named(verdict) == VERDICT_NONE)
		return false;
	return !fault_set__from_json(json_object_get(line, "faults"), &lab->session->names, &faults,
				     NULL) &&
	       fault_set__equal(&faults, &experiment->run.faults);
}

static uint64_t number_in(const json_t *item, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(item, name));
}

static void recall_report(const json_t *item, struct fault_report *report)
{
	const char *why = json_string_value(json_object_get(item, "why"));
	const char *step = json_string_value(json_object_get(item, "first_step"));

	report->fired = json_is_true(json_object_get(item, "fired"));
	report->dropped = number_in(item, "dropped");
	report->parked = number_in(item, "parked");
	report->released = number_in(item, "released");
	report->passed = number_in(item, "passed");
	report->matched = number_in(item, "matched");
	report->caught = number_in(item, "caught");
	report->first_ns = number_in(item, "first_ns");
	report->last_ns = number_in(item, "last_ns");
	report->asked_ns = number_in(item, "asked_ns");
	report->achieved_ns = number_in(item, "achieved_ns");
	report->achieved_p99_ns = number_in(item, "achieved_p99_ns");
	if (step)
		step__parse(step, strlen(step), &report->first_step);
	snprintf(report->why, sizeof(report->why), "%s", why ? why : "");
}

static void recall_reports(const json_t *line, struct run *run)
{
	json_t *item, *list = json_object_get(line, "reports");
	size_t i;

	run->facts.faults = run->faults.cnt;
	json_array_foreach(list, i, item) {
		if (i >= run->faults.cnt)
			break;
		recall_report(item, &run->reports[i]);
		run->facts.fired += run__in_effect(run, i);
		run->facts.unheld += run->reports[i].passed;
	}
}

/* The same run again, from the journal. Returns false where there is none. */
static bool recall(struct lab *lab, struct experiment *experiment)
{
	struct run *run = &experiment->run;
	const json_t *line = NULL;
	const char *why;
	size_t i;

	for (i = 0; i < journal__cnt(lab->journal) && !line; i++)
		if (matches(lab, i, experiment))
			line = journal__at(lab->journal, i);
	if (!line)
		return false;
	lab->recalled[i - 1] = true;
	run->number = (unsigned int)json_integer_value(json_object_get(line, "run"));
	set_dir(lab, run);
	run->ns = (uint64_t)(json_number_value(json_object_get(line, "seconds")) * NSEC_PER_SEC);
	run->facts.lost = (uint64_t)json_integer_value(json_object_get(line, "lost"));
	run->facts.leaked = (size_t)json_integer_value(json_object_get(line, "leaked"));
	if (json_is_true(json_object_get(line, "kept")))
		run->facts.workload.end = run->facts.check.end = COMMAND_YES;
	recall_reports(line, run);
	experiment->verdict = verdict__named(json_string_value(json_object_get(line, "verdict")));
	why = json_string_value(json_object_get(line, "why"));
	snprintf(experiment->why, sizeof(experiment->why), "%s", why ? why : "");
	experiment->was_recalled = true;
	lab->recalled_ns += run->ns;
	return true;
}

int experiment__run(struct lab *lab, const struct fault_set *faults, const char *purpose, uint64_t idle_ns,
		    struct experiment *ret, struct err *err)
{
	memset(ret, 0, sizeof(*ret));
	ret->run.faults = *faults;
	ret->purpose = purpose;
	if (!recall(lab, ret) && execute(lab, ret, idle_ns, err))
		return -1;
	if (ret->verdict != VERDICT_INTERRUPTED)
		lab->runs++;
	return 0;
}
