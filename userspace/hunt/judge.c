// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/judge.h"

#include <string.h>

#include "model/support_trace.h"

static uint32_t end_of(const struct fault *fault, uint32_t heal)
{
	if (fault->kind == FAULT_LOSS) /* a stream waits for it until then, a datagram for ever */
		return heal;
	if (fault->until)
		return fault->until;
	return fault->kind == FAULT_SILENCE ? NOW_END : heal;
}

/*
 * A message's step is the clock's at the entry of its system call, before its bytes reached the
 * stack: whatever a fault covers should have been cut, from its first instant. What was taken after
 * the fault's end may have been held back until then, and sent again.
 */
static size_t leaks_of(const struct graph *graph, const struct fault *fault, uint32_t heal)
{
	const uint64_t end_ns = graph__instant(graph, end_of(fault, heal));
	size_t leaks = 0;

	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);

		if (message->delivered && !message->cut && message->received_ns &&
		    message->received_ns < end_ns &&
		    fault__covers(fault, message->src, message->dst, message->step, heal))
			leaks++;
	}
	return leaks;
}

/*
 * A stalled stream lets nothing pass behind the first message of it that was cut, until the stall ends.
 * Which stream it is the run alone shows.
 */
static size_t leaks_of_stall(const struct graph *graph, const struct fault *fault, uint32_t heal)
{
	const uint64_t end_ns = graph__instant(graph, end_of(fault, heal));
	const size_t cnt = graph__message_cnt(graph);
	uint32_t stream = UINT32_MAX;
	size_t leaks = 0;

	for (size_t i = 0; i < cnt; i++) {
		const struct message *message = graph__message(graph, i);

		if (message->src != fault->a || message->dst != fault->b || message->class != MSG_DATA ||
		    message->step < fault->from)
			continue;
		if (stream == UINT32_MAX && message->cut)
			stream = message->stream;
		leaks += message->stream == stream && message->delivered && !message->cut &&
			 message->received_ns && message->received_ns < end_ns;
	}
	return leaks;
}

static int check_lineage(const struct judge *judge, const struct graph *graph, struct facts *facts,
			 struct err *err)
{
	struct lineage lineage = { 0 };

	if (lineage__of(graph, judge->outcome, judge->evidence, &lineage, err))
		return -1;
	facts->unsound |= !lineage.sound;
	lineage__free(&lineage);
	return 0;
}

int judge__facts(const struct judge *judge, struct facts *facts, struct err *err)
{
	struct graph *graph = graph__load(judge->trace, err);
	struct graph_stats stats;
	int ret = 0;

	if (!graph)
		return -1;
	graph__stats(graph, &stats);
	facts->lost = stats.lost;
	facts->unsound = !stats.whole || stats.backward;
	facts->leaked = 0;
	for (size_t i = 0; i < judge->faults->cnt; i++)
		facts->leaked += leaks_of(graph, &judge->faults->v[i], judge->heal);
	for (size_t i = 0; i < judge->faults->cnt; i++)
		if (judge->faults->v[i].kind == FAULT_STALL && !fault__holds(&judge->faults->v[i]))
			facts->leaked += leaks_of_stall(graph, &judge->faults->v[i], judge->heal);
	if (facts->workload.end == COMMAND_YES)
		ret = check_lineage(judge, graph, facts, err);
	graph__free(graph);
	return ret;
}

static bool covered(const struct fault_set *faults, const struct support_member *member, uint32_t heal)
{
	for (size_t i = 0; i < faults->cnt; i++)
		if (fault__covers(&faults->v[i], member->src, member->dst, member->step, heal))
			return true;
	return false;
}

/*
 * What a fault held back and healing let through was delivered late: it stands as a message of the
 * time after healing, which a link fault does not cover and a silence does. So the set itself
 * covers no member, as the model demands.
 */
static int add_uncovered(const struct judge *judge, const struct support *from, struct support *to,
			 struct err *err)
{
	for (size_t i = 0; i < from->cnt; i++) {
		struct support_member member = from->v[i];

		if (covered(judge->faults, &member, judge->heal))
			member.step = NOW_HEALED;
		if (covered(judge->faults, &member, judge->heal))
			continue;
		if (support__add(to, &member))
			return err__set(err, EXIT_MACHINE, "out of memory");
	}
	return 0;
}

static enum support_detail detail_of(const struct judge *judge)
{
	if (!judge->streams)
		return SUPPORT_LINKS;
	for (size_t i = 0; i < judge->faults->cnt; i++)
		if (judge->faults->v[i].kind == FAULT_STALL && !fault__holds(&judge->faults->v[i]))
			return SUPPORT_HEALED;
	return SUPPORT_STREAMS;
}

static int lineage_support(const struct judge *judge, const struct graph *graph, struct support *ret,
			   struct err *err)
{
	struct lineage outcome = { 0 }, promise = { 0 };
	int bad;

	bad = lineage__of(graph, judge->outcome, judge->evidence, &outcome, err) ||
	      lineage__of(graph, OUTCOME_WORKLOAD, judge->evidence, &promise, err) ||
	      support__from_lineage(graph, &outcome, &promise, judge->spare_idle, detail_of(judge), ret,
				    err);
	lineage__free(&promise);
	lineage__free(&outcome);
	return bad ? -1 : 0;
}

static int support_of(const struct judge *judge, bool delivered, struct support *ret,
		      struct course *course, struct err *err)
{
	struct graph *graph = graph__load(judge->trace, err);
	struct support raw = { 0 };
	int bad;

	if (!graph)
		return -1;
	if (delivered)
		bad = support__of_delivered(graph, detail_of(judge), &raw, err);
	else
		bad = lineage_support(judge, graph, &raw, err);
	if (!bad)
		bad = add_uncovered(judge, &raw, ret, err);
	if (!bad && course)
		bad = course__of_run(graph, course, err);
	support__free(&raw);
	graph__free(graph);
	return bad ? -1 : 0;
}

int judge__support(const struct judge *judge, struct support *ret, struct course *course, struct err *err)
{
	return support_of(judge, false, ret, course, err);
}

int judge__delivered(const struct judge *judge, struct support *ret, struct course *course,
		     struct err *err)
{
	return support_of(judge, true, ret, course, err);
}

int judge__transcript(const struct judge *judge, struct transcript *ret, struct err *err)
{
	struct graph *graph = graph__load(judge->trace, err);
	int bad = graph ? transcript__of_run(graph, ret, err) : -1;

	graph__free(graph);
	return bad;
}

int judge__learn_idle(const char *trace, struct evidence *evidence, uint64_t *ret_run_ns, struct err *err)
{
	struct graph *graph = graph__load(trace, err);
	uint64_t begin_ns, end_ns;
	int bad;

	if (!graph)
		return -1;
	bad = evidence__learn_idle(evidence, graph);
	begin_ns = graph__phase(graph, PHASE_WORKLOAD).begin_ns;
	end_ns = graph__phase(graph, PHASE_END).begin_ns;
	if (ret_run_ns)
		*ret_run_ns = begin_ns && end_ns > begin_ns ? end_ns - begin_ns : 0;
	graph__free(graph);
	return bad ? err__set(err, EXIT_MACHINE, "out of memory") : 0;
}

int judge__last_step(const char *trace, uint32_t *ret, struct err *err)
{
	struct graph *graph = graph__load(trace, err);

	if (!graph)
		return -1;
	*ret = NOW_WORKLOAD;
	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		uint32_t step = graph__message(graph, i)->step;

		if (step < NOW_CHECK && step > *ret)
			*ret = step;
	}
	graph__free(graph);
	return 0;
}
