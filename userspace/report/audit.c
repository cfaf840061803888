// SPDX-License-Identifier: GPL-2.0-only
#include "report/audit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hunt/fault_json.h"
#include "hunt/judge.h"
#include "model/precedent.h"
#include "report/names.h"

struct auditor {
	const struct certificate *certificate;
	const struct hunt_folder *folder;
	const struct evidence *evidence;
	const char *path;
	struct audit *audit;
	struct precedents *precedents; /* where some was foretold */
	struct err *err;
};

static int faults_of(const struct auditor *auditor, const struct told_run *run, struct fault_set *ret)
{
	return fault_set__from_json(run->faults, auditor->certificate->opts.names, ret, auditor->err) ?
		       err__prefix(auditor->err, "run %u of the journal", run->number) :
		       0;
}

static bool ended_so(const struct told_run *run, enum lesson lesson)
{
	switch (lesson) {
	case LESSON_SURVIVED:
		return run->kept;
	case LESSON_VACUOUS:
		return run->verdict == VERDICT_VACUOUS;
	case LESSON_VIOLATED:
		return run->verdict == VERDICT_VIOLATED;
	default:
		return true;
	}
}

static int is_in_journal(const struct auditor *auditor, size_t index)
{
	const struct record *record = &auditor->certificate->records[index];
	const struct told_run *run = hunt_folder__run(auditor->folder, record->run);
	unsigned int line = auditor->certificate->lines[index];
	struct fault_set faults;

	if (!run)
		return err__set(auditor->err, EXIT_VIOLATION, "%s:%u: there is no run %u in the journal",
				auditor->path, line, record->run);
	if (faults_of(auditor, run, &faults))
		return -1;
	if (!fault_set__equal(&faults, &record->faults))
		return err__set(auditor->err, EXIT_VIOLATION, "%s:%u: run %u was under other faults, says the journal",
				auditor->path, line, record->run);
	if (!ended_so(run, record->lesson))
		return err__set(auditor->err, EXIT_VIOLATION, "%s:%u: run %u ended otherwise, says the journal: %s",
				auditor->path, line, record->run, verdict__name(run->verdict));
	return 0;
}

/* A name's number in the certificate; 0: none. */
static uint16_t translate(const struct auditor *auditor, const struct graph *graph, uint16_t id)
{
	const struct name_table *names = auditor->certificate->opts.names;
	const struct trace_node *node = graph__node(graph, id);
	int number = node ? names->id_of(names->ctx, node->name, strlen(node->name)) : -1;

	return number < 0 ? 0 : (uint16_t)number;
}

static bool is_spent(const struct auditor *auditor, const struct fault_set *faults,
		     const struct support_member *member)
{
	for (size_t i = 0; i < faults->cnt; i++)
		if (model_opts__spent(&auditor->certificate->opts, &faults->v[i], member))
			return true;
	return false;
}

static int holds_member(const struct auditor *auditor, const struct told_run *run, size_t index,
			const struct graph *graph, struct support_member member)
{
	const struct certificate *certificate = auditor->certificate;
	struct record *record = &certificate->records[index];
	const char *src = graph__node_name(graph, member.src), *dst = graph__node_name(graph, member.dst);
	uint16_t to_log = member.dst == NODE_OUTSIDE;
	char step[32];

	member.src = translate(auditor, graph, member.src);
	member.dst = to_log ? NODE_OUTSIDE : translate(auditor, graph, member.dst);
	if (is_spent(auditor, &record->faults, &member) ||
	    support__same(&record->support, &member))
		return 0;
	return err__set(auditor->err, EXIT_VIOLATION,
			"%s:%u: run %u rested on more: %s>%s@%s is in its trace and not in what is said",
			auditor->path, certificate->lines[index], run->number, src, to_log ? "*" : dst,
			step__print(step, sizeof(step), member.step));
}

static int read_support(const struct auditor *auditor, const struct told_run *run, enum lesson lesson,
			const char *trace, const struct graph *graph, struct support *ret)
{
	const struct name_table names = names__of(graph);
	struct fault_set faults;
	const struct judge judge = {
		.trace = trace,
		.faults = &faults,
		.heal = auditor->folder->heal,
		.evidence = auditor->evidence,
		.spare_idle = auditor->certificate->opts.spare_idle,
		.outcome = auditor->folder->has_check ? OUTCOME_CHECK : OUTCOME_WORKLOAD,
		.streams = auditor->certificate->opts.budget.max[FAULT_STALL] != 0,
	};

	if (fault_set__from_json(run->faults, &names, &faults, auditor->err))
		return -1;
	return lesson == LESSON_VACUOUS ? judge__delivered(&judge, ret, NULL, auditor->err) :
					  judge__support(&judge, ret, NULL, auditor->err);
}

static int holds_trace(const struct auditor *auditor, const struct told_run *run, size_t index)
{
	struct support support = { 0 };
	struct graph *graph;
	char trace[PATH_MAX];
	int bad;

	hunt_folder__path(auditor->folder, run->number, "trace", trace, sizeof(trace));
	if (access(trace, R_OK)) {
		auditor->audit->untraced++;
		return 0;
	}
	graph = graph__load(trace, auditor->err);
	if (!graph)
		return -1;
	bad = read_support(auditor, run, auditor->certificate->records[index].lesson, trace, graph, &support);
	for (size_t i = 0; !bad && i < support.cnt; i++)
		bad = holds_member(auditor, run, index, graph, support.v[i]);
	auditor->audit->traces += !bad;
	support__free(&support);
	graph__free(graph);
	return bad;
}

/* All runs under the same faults that ended as the certificate's: what they rested on was joined. */
static int holds_runs(const struct auditor *auditor, size_t index)
{
	const struct record *record = &auditor->certificate->records[index];

	if (record->lesson != LESSON_SURVIVED && record->lesson != LESSON_VACUOUS)
		return 0;
	for (size_t i = 0; i < auditor->folder->run_cnt; i++) {
		const struct told_run *run = &auditor->folder->runs[i];
		struct fault_set faults;

		if (!ended_so(run, record->lesson) || run->verdict == VERDICT_LOST ||
		    run->verdict == VERDICT_BROKEN)
			continue;
		if (faults_of(auditor, run, &faults))
			return -1;
		if (!fault_set__equal(&faults, &record->faults))
			continue;
		auditor->audit->runs++;
		if (holds_trace(auditor, run, index))
			return -1;
	}
	return 0;
}

/* Is a set that broke the promise told, or less than it that did? Or is it parked? */
static int is_told(const struct auditor *auditor, const struct told_run *run)
{
	const struct certificate *certificate = auditor->certificate;
	struct fault_set faults;

	if (faults_of(auditor, run, &faults))
		return -1;
	for (size_t i = 0; i < certificate->cnt; i++) {
		const struct record *record = &certificate->records[i];

		if ((record->lesson == LESSON_VIOLATED && fault_set__implies(&faults, &record->faults)) ||
		    (record->lesson == LESSON_PARKED && fault_set__equal(&faults, &record->faults)))
			return 0;
	}
	return err__set(auditor->err, EXIT_VIOLATION,
			"%s: run %u of the journal broke the promise, and nothing is said of it", auditor->path,
			run->number);
}

static int hear_trace(const struct auditor *auditor, const struct told_run *run, const struct graph *graph)
{
	struct transcript said = { 0 };
	struct fault_set faults;
	int bad = faults_of(auditor, run, &faults) || transcript__of_run(graph, &said, auditor->err);

	for (size_t i = 0; !bad && i < said.cnt; i++) {
		said.v[i].node = translate(auditor, graph, said.v[i].node);
		said.v[i].to = said.v[i].to ? translate(auditor, graph, said.v[i].to) : NODE_OUTSIDE;
	}
	if (!bad && precedents__add(auditor->precedents, run->number, &faults,
				    run->verdict == VERDICT_VACUOUS ? LESSON_VACUOUS : LESSON_SURVIVED, &said))
		bad = err__set(auditor->err, EXIT_MACHINE, "out of memory");
	transcript__free(&said);
	return bad;
}

/* What was foretold was so of these runs. */
static int hear_all(const struct auditor *auditor)
{
	for (size_t i = 0; i < auditor->folder->run_cnt; i++) {
		const struct told_run *run = &auditor->folder->runs[i];
		char trace[PATH_MAX];
		struct graph *graph;
		int bad;

		if (run->verdict != VERDICT_SURVIVED && run->verdict != VERDICT_VACUOUS)
			continue;
		hunt_folder__path(auditor->folder, run->number, "trace", trace, sizeof(trace));
		if (access(trace, R_OK))
			continue;
		graph = graph__load(trace, auditor->err);
		bad = graph ? hear_trace(auditor, run, graph) : -1;
		graph__free(graph);
		if (bad)
			return -1;
	}
	return 0;
}

static bool rests_on_no_more(const struct record *record, const struct support *support)
{
	for (size_t i = 0; i < support->cnt; i++)
		if (!support__same(&record->support, &support->v[i]))
			return false;
	return true;
}

static int holds_foretold(const struct auditor *auditor, size_t index)
{
	const struct record *record = &auditor->certificate->records[index];
	const char *doubt = precedents__doubt(auditor->precedents);
	struct support support = { 0 };
	enum lesson lesson;
	int known = precedents__foretell(auditor->precedents, &record->faults, &lesson, &support);
	const bool holds = known == 1 && lesson == record->lesson && rests_on_no_more(record, &support);

	support__free(&support);
	if (known < 0)
		return err__set(auditor->err, EXIT_MACHINE, "out of memory");
	auditor->audit->foretold += holds;
	if (holds || (!known && !doubt && auditor->audit->untraced))
		return 0;
	return err__set(auditor->err, EXIT_VIOLATION, "%s:%u: it was foretold, and does not follow from the runs%s%s",
			auditor->path, auditor->certificate->lines[index], doubt ? ": " : "", doubt ? doubt : "");
}

static int hold(const struct auditor *auditor)
{
	const struct certificate *certificate = auditor->certificate;
	const struct hunt_folder *folder = auditor->folder;

	for (size_t i = 0; i < certificate->cnt; i++)
		if (!certificate->records[i].foretold && (is_in_journal(auditor, i) || holds_runs(auditor, i)))
			return -1;
	if (certificate->opts.lockstep && hear_all(auditor))
		return -1;
	for (size_t i = 0; i < certificate->cnt; i++)
		if (certificate->records[i].foretold && holds_foretold(auditor, i))
			return -1;
	for (size_t i = 0; i < folder->run_cnt; i++)
		if (folder->runs[i].verdict == VERDICT_VIOLATED && is_told(auditor, &folder->runs[i]))
			return -1;
	return 0;
}

int audit__certificate(const struct certificate *certificate, const struct hunt_folder *folder,
		       const char *path, struct audit *ret, struct err *err)
{
	struct evidence *evidence = evidence__new();
	struct precedents *precedents = precedents__new(&certificate->opts);
	const struct auditor auditor = { certificate, folder, evidence, path, ret, precedents, err };
	int bad;

	*ret = (struct audit){ 0 };
	if (!evidence || !precedents)
		bad = err__set(err, EXIT_MACHINE, "out of memory");
	else
		bad = hunt_folder__learn_idle(folder, evidence, err) || hold(&auditor);
	precedents__free(precedents);
	evidence__free(evidence);
	return bad ? -1 : 0;
}
