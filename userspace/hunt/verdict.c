// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[VERDICTS] = {
	[VERDICT_NONE] = "none",	 [VERDICT_SURVIVED] = "survived",
	[VERDICT_VIOLATED] = "violated", [VERDICT_VACUOUS] = "vacuous",
	[VERDICT_UNKNOWN] = "unknown",	 [VERDICT_MISSED] = "missed",
	[VERDICT_LOST] = "lost",	 [VERDICT_BROKEN] = "broken",
	[VERDICT_INTERRUPTED] = "interrupted",
};

const char *verdict__name(enum verdict verdict)
{
	return names[verdict];
}

enum verdict verdict__named(const char *name)
{
	for (int i = 0; i < VERDICTS; i++)
		if (!strcmp(names[i], name))
			return (enum verdict)i;
	return VERDICT_NONE;
}

struct reason {
	char *buf;
	size_t size;
};

static enum verdict say(struct reason reason, enum verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static enum verdict say(struct reason reason, enum verdict verdict, const char *fmt, ...)
{
	va_list ap;

	if (!reason.buf || !reason.size)
		return verdict;
	va_start(ap, fmt);
	vsnprintf(reason.buf, reason.size, fmt, ap);
	va_end(ap);
	return verdict;
}

static bool was_interrupted(const struct facts *facts)
{
	return facts->reset.end == COMMAND_INTERRUPTED || facts->workload.end == COMMAND_INTERRUPTED ||
	       facts->check.end == COMMAND_INTERRUPTED;
}

/* NULL: both count. */
static const char *called_off_by(const struct facts *facts)
{
	if (command__calls_off(&facts->workload))
		return "workload";
	return command__calls_off(&facts->check) ? "check" : NULL;
}

/* What makes a run no run at all. VERDICT_NONE: nothing does. */
static enum verdict judge_run(const struct facts *facts, struct reason reason)
{
	char end[48];

	if (was_interrupted(facts))
		return say(reason, VERDICT_INTERRUPTED, "interrupted");
	if (facts->reset.end != COMMAND_YES && facts->reset.end != COMMAND_NONE)
		return say(reason, VERDICT_BROKEN, "the reset failed: %s",
			   command__print_end(end, sizeof(end), &facts->reset));
	if (facts->miscast)
		return say(reason, VERDICT_BROKEN, "who has which role is not known");
	if (facts->target_died)
		return say(reason, VERDICT_BROKEN, "a target died or restarted by itself");
	if (facts->lapsed)
		return say(reason, VERDICT_BROKEN,
			   "the lease ran out: the faults were not in force all the time");
	if (called_off_by(facts))
		return say(reason, VERDICT_LOST, "the %s says that the run does not count: exit %d",
			   called_off_by(facts), EXIT_DOES_NOT_COUNT);
	return VERDICT_NONE;
}

/* May its lineage be learned from? VERDICT_NONE: yes. */
static enum verdict judge_trace(const struct facts *facts, struct reason reason)
{
	if (facts->leaked)
		return say(reason, VERDICT_MISSED, "%zu message%s that a fault covers passed uncut",
			   facts->leaked, facts->leaked == 1 ? "" : "s");
	if (facts->unheld)
		return say(reason, VERDICT_MISSED, "%llu packets that were to come late passed at once",
			   (unsigned long long)facts->unheld);
	if (facts->lost)
		return say(reason, VERDICT_LOST, "%llu events were lost",
			   (unsigned long long)facts->lost);
	if (facts->unsound)
		return say(reason, VERDICT_LOST, "the lineage has holes");
	return VERDICT_NONE;
}

/* Without a cut there was no experiment; with a trace that lost events nobody knows whether there
 * was one. VERDICT_NONE: something fired. */
static enum verdict judge_unfired(const struct facts *facts, struct reason reason)
{
	enum verdict trace;

	if (!facts->faults || facts->fired)
		return VERDICT_NONE;
	trace = judge_trace(facts, reason);
	if (trace != VERDICT_NONE)
		return trace;
	return say(reason, VERDICT_MISSED, "no fault of the set had anything to cut");
}

static enum verdict judge_promise(const struct facts *facts, struct reason reason)
{
	char end[48];

	if (facts->workload.end != COMMAND_YES) {
		command__print_end(end, sizeof(end), &facts->workload);
		if (!facts->has_check)
			return say(reason, VERDICT_VIOLATED, "the workload did not succeed: %s", end);
		return say(reason, VERDICT_VACUOUS, "the promise was not made: workload %s", end);
	}
	if (!facts->has_check)
		return say(reason, VERDICT_SURVIVED, "the workload succeeded");
	command__print_end(end, sizeof(end), &facts->check);
	if (facts->check.end == COMMAND_NO)
		return say(reason, VERDICT_VIOLATED, "the promise was made, and the check says broken");
	if (facts->check.end != COMMAND_YES)
		return say(reason, VERDICT_UNKNOWN, "the check says neither kept nor broken: %s", end);
	return say(reason, VERDICT_SURVIVED, "the promise was kept");
}

enum verdict verdict__of(const struct facts *facts, char *why, size_t size)
{
	struct reason reason = { why, size };
	enum verdict run = judge_run(facts, reason), promise, trace;

	if (run == VERDICT_NONE)
		run = judge_unfired(facts, reason);
	if (run != VERDICT_NONE)
		return run;
	promise = judge_promise(facts, reason);
	if (promise == VERDICT_VIOLATED || promise == VERDICT_UNKNOWN)
		return promise;
	trace = judge_trace(facts, reason);
	return trace != VERDICT_NONE ? trace : promise;
}
