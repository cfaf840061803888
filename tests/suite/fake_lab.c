// SPDX-License-Identifier: GPL-2.0-only
#include "tests/suite/fake_lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "hunt/because.h"
#include "hunt/fault_json.h"

#define MAX_RUNS 20000

static const struct fake_hunt *now;
static struct lockstep_run *runs; /* by number */

static int id_of(void *ctx, const char *name, size_t len)
{
	const struct program *program = ctx;

	for (uint16_t id = 1; id <= lockstep__nodes(program); id++)
		if (strlen(lockstep__name(program, id)) == len &&
		    !memcmp(lockstep__name(program, id), name, len))
			return id;
	return -1;
}

static const char *name_of(void *ctx, uint16_t id)
{
	return lockstep__name(ctx, id);
}

const struct name_table *fake_hunt__names(const struct program *program)
{
	static struct name_table names;

	names = (struct name_table){id_of, name_of, (void *)program};
	return &names;
}

/* What stands here in place of session, run, experiment, judge and because. */

int scenario__session(const struct scenario *scenario, struct session *session, struct err *err)
{
	memset(session, 0, sizeof(*session));
	session->names = *fake_hunt__names(now->program);
	session->nodes.cnt = lockstep__nodes(now->program);
	session->nodes.v = calloc(session->nodes.cnt, sizeof(*session->nodes.v));
	for (uint16_t id = 1; id <= session->nodes.cnt; id++) {
		struct node *node = &session->nodes.v[id - 1];

		node->id = id;
		snprintf(node->name, sizeof(node->name), "%s", lockstep__name(now->program, id));
	}
	return session->nodes.v ? 0 : -1;
}

void session__close(struct session *session)
{
	free(session->nodes.v);
}

int lab__open(struct lab *lab, const struct scenario *scenario, struct session *session,
	      struct journal *journal, const char *dir, struct err *err)
{
	*lab = (struct lab){.scenario = scenario, .session = session, .journal = journal};
	snprintf(lab->dir, sizeof(lab->dir), "%s", dir);
	runs = calloc(MAX_RUNS, sizeof(*runs));
	return runs ? 0 : -1;
}

void lab__close(struct lab *lab)
{
	for (unsigned int i = 0; i < lab->runs; i++)
		lockstep__free(&runs[i + 1]);
	free(runs);
	runs = NULL;
}

int experiment__run(struct lab *lab, const struct fault_set *faults, const char *purpose, uint64_t idle_ns,
		    struct experiment *ret, struct err *err)
{
	const struct judgement *judgement = lockstep__judgement(now->judgement);
	struct lockstep_run *run = &runs[++lab->runs];
	struct facts *facts = &ret->run.facts;
	struct fault_set had = *faults;

	if (lab->runs == MAX_RUNS)
		return err__set(err, EXIT_MACHINE, "too many runs");
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < had.cnt; i++)
		if (had.v[i].delay_ns > now->wobble_ns && lab->runs % 3 == 0)
			had.v[i].delay_ns -= now->wobble_ns;
	lockstep__run(now->program, judgement, now->ticks, &had, run);
	ret->purpose = purpose;
	ret->run.number = lab->runs;
	ret->run.faults = *faults;
	ret->run.ns = (uint64_t)now->ticks * LOCKSTEP_TICK_NS;
	facts->workload.end = run->made ? COMMAND_YES : COMMAND_NO;
	facts->has_check = true;
	facts->check.end = run->kept ? COMMAND_YES : COMMAND_NO;
	facts->faults = faults->cnt;
	for (size_t i = 0; i < faults->cnt; i++) {
		ret->run.reports[i].fired = run->fired[i];
		facts->fired += run__in_effect(&ret->run, i);
	}
	ret->verdict = verdict__of(facts, ret->why, sizeof(ret->why));
	if (now->racing && !strcmp(purpose, "repeat"))
		ret->verdict = VERDICT_VACUOUS;
	if (now->lost_from && lab->runs >= now->lost_from && lab->runs < now->lost_from + 3)
		ret->verdict = VERDICT_LOST;
	return 0;
}

bool experiment__kept(const struct experiment *experiment)
{
	const struct lockstep_run *run = &runs[experiment->run.number];

	return run->made && run->kept;
}

struct judge lab__judge(const struct lab *lab, const struct fault_set *faults, unsigned int number,
			char *path)
{
	sprintf(path, "%u", number);
	return (struct judge){.trace = path, .faults = faults, .heal = NOW_END};
}

struct judge experiment__judge(const struct lab *lab, const struct experiment *experiment,
			       char *path)
{
	return lab__judge(lab, &experiment->run.faults, experiment->run.number, path);
}

static int copy(const struct support *from, struct support *to)
{
	for (size_t i = 0; i < from->cnt; i++)
		if (support__add(to, &from->v[i]))
			return -1;
	return 0;
}

static int join(const struct lockstep_run *run, struct course *course)
{
	struct course copy = {0};

	return course && (course__copy(&run->course, &copy) || course__join(course, &copy));
}

int judge__support(const struct judge *judge, struct support *ret, struct course *course, struct err *err)
{
	const struct lockstep_run *run = &runs[atoi(judge->trace)];
	const struct support_member own = {
		.src = 1, .dst = 2, .step = NOW_WORKLOAD + 100 + (uint32_t)atoi(judge->trace), .confidence = 0.01f, .messages = 1};

	if (now->restless && support__add(ret, &own))
		return -1;
	return copy(&run->lineage, ret) || join(run, course) ? -1 : 0;
}

int judge__delivered(const struct judge *judge, struct support *ret, struct course *course,
		     struct err *err)
{
	const struct lockstep_run *run = &runs[atoi(judge->trace)];

	return copy(&run->delivered, ret) || join(run, course) ? -1 : 0;
}

int judge__transcript(const struct judge *judge, struct transcript *ret, struct err *err)
{
	const struct transcript *said = &runs[atoi(judge->trace)].said;

	for (size_t i = 0; i < said->cnt; i++)
		if (transcript__add(ret, &said->v[i]))
			return -1;
	ret->last_step = said->last_step;
	if (ret->cnt && (unsigned int)atoi(judge->trace) == now->moody_run)
		ret->v[0].words++;
	return 0;
}

int judge__learn_idle(const char *trace, struct evidence *evidence, uint64_t *ret_run_ns, struct err *err)
{
	if (ret_run_ns)
		*ret_run_ns = 0;
	return 0;
}

int judge__last_step(const char *trace, uint32_t *ret, struct err *err)
{
	*ret = NOW_WORKLOAD + (uint32_t)now->ticks;
	return 0;
}

int because__find(const struct judge *near_miss, const struct fault *fault, char *buf, size_t size,
		  struct err *err)
{
	return 0;
}

bool run__in_effect(const struct run *run, size_t index)
{
	const struct fault *fault = &run->faults.v[index];

	return run->reports[index].fired || (fault->kind == FAULT_SILENCE && !fault->delay_ns);
}

char *run__path(const struct run *run, const char *file, char *buf, size_t size)
{
	snprintf(buf, size, "%u", run->number);
	return buf;
}

int run__execute(struct session *session, const struct scenario *scenario, struct run *run,
		 struct err *err)
{
	return err__set(err, EXIT_MACHINE, "there is no machine");
}

static void must_be(const json_t *set)
{
	const char *standing = json_string_value(json_object_get(set, "standing"));
	struct fault_set faults;
	struct lockstep_run run;
	char text[4096];

	if (fault_set__from_json(json_object_get(set, "faults"), fake_hunt__names(now->program), &faults, NULL))
		abort();
	lockstep__run(now->program, lockstep__judgement(now->judgement), now->ticks, &faults, &run);
	if (!strcmp(standing, "vacuous") ? run.made : !strcmp(standing, "survived") ? !run.made || !run.kept : true) {
		fprintf(stderr, "wrongly foretold: %s under %s\n", standing,
			fault_set__print(text, sizeof(text), &faults, fake_hunt__names(now->program)));
		abort();
	}
	lockstep__free(&run);
}

/* What was foretold is so. */
static void check_foretold(const char *dir)
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/journal.jsonl", dir);
	file = fopen(path, "re");
	while (file && getline(&line, &size, file) > 0) {
		json_t *json = json_loads(line, 0, NULL), *set;
		const char *event = json_string_value(json_object_get(json, "event"));
		size_t i;

		json_array_foreach(json_object_get(json, "sets"), i, set)
			if (!strcmp(event, "foretold"))
				must_be(set);
		json_decref(json);
	}
	free(line);
	fclose(file);
}

static void remove_all(const char *dir)
{
	static const char *const files[] = {"journal.jsonl", "result.json", "certificate.cnf"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
}

void fake_hunt__run(const struct fake_hunt *hunt, struct hunt_result *ret)
{
	char dir[] = "/tmp/cutset-hunt-XXXXXX", path[64];
	struct scenario scenario = {
		.path = path,
		.dir = dir,
		.name = "lockstep",
		.workload = "true",
		.check = "true",
		.budget = {.total = -1},
		.from = NOW_WORKLOAD + 1,
		.until = NOW_WORKLOAD + hunt->until,
		.heal = NOW_END,
		.baseline_runs = 1,
		.repeat_runs = hunt->repeat_runs ? hunt->repeat_runs : hunt->racing ? 2 : 1,
		.shrink_runs = hunt->shrink_runs ? hunt->shrink_runs : MAX_RUNS,
		.delay_ns = hunt->delay_ns,
		.shorten = hunt->shorten,
		.max_experiments = MAX_RUNS / 4,
		.max_time_ns = 600 * NSEC_PER_SEC,
	};
	struct hunt_opts opts = hunt->opts;
	struct err err = {0};

	now = hunt;
	scenario.monotone = hunt->monotone;
	scenario.lockstep = hunt->lockstep;
	if (hunt->total)
		scenario.budget.total = hunt->total;
	scenario.budget.max[FAULT_LOSS] = hunt->losses;
	scenario.budget.max[FAULT_STALL] = hunt->stalls;
	scenario.budget.max[FAULT_SILENCE] = hunt->silences;
	if (!mkdtemp(dir))
		abort();
	snprintf(path, sizeof(path), "%s", "/dev/null"); /* its content is hashed */
	opts.dir = dir;
	if (hunt__run(&scenario, &opts, ret, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		abort();
	}
	check_foretold(dir);
	remove_all(dir);
}
