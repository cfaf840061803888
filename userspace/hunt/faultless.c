// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/faultless.h"

#include <stdio.h>
#include <stdlib.h>

/* Runs that it takes to say how often the promise breaks by itself. */
#define RATE_RUNS 5
#define MAX_BROKEN_ROW 3

static unsigned int max_of(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static unsigned int wanted(const struct hunt *hunt)
{
	unsigned int runs = hunt->scenario->baseline_runs;

	return hunt->baseline->seen[VERDICT_VIOLATED] ? max_of(runs, RATE_RUNS) : runs;
}

/*
 * What comes by itself in a run comes by itself in a rest of that length: once it is watched for so long, and a bit. What
 * nobody spares need not be known so well.
 */
static uint64_t rest_ns(struct hunt *hunt)
{
	const struct scenario *scenario = hunt->scenario;
	uint64_t rest_ns = scenario->idle_ns;

	if (rest_ns && scenario->spare_idle && hunt->longest_ns > hunt->rested_ns)
		rest_ns = hunt->longest_ns + hunt->longest_ns / 4;
	if (rest_ns < scenario->idle_ns)
		rest_ns = scenario->idle_ns;
	if (rest_ns > hunt->rested_ns)
		hunt->rested_ns = rest_ns;
	return rest_ns;
}

/* One run. Its support waits until the idle phases of all are known. */
static int run_once(struct hunt *hunt, struct experiment *ret, struct err *err)
{
	const struct fault_set none = { 0 };
	char trace[PATH_MAX];
	uint64_t run_ns;

	if (experiment__run(&hunt->lab, &none, "baseline", rest_ns(hunt), ret, err))
		return -1;
	hunt->baseline->seen[ret->verdict]++;
	/* the one to be shown: the last that broke */
	if (ret->verdict == VERDICT_VIOLATED || !tried__broken(hunt->baseline))
		hunt->baseline->last_run = ret->run.number;
	if (hunt->opts->view.experiment)
		hunt->opts->view.experiment(hunt->opts->view.ctx, hunt->session, ret, "");
	if (ret->verdict == VERDICT_INTERRUPTED)
		hunt->stop = STOP_INTERRUPTED;
	if (ret->verdict == VERDICT_INTERRUPTED || ret->verdict == VERDICT_BROKEN)
		return 0;
	run__path(&ret->run, "trace", trace, sizeof(trace));
	if (judge__learn_idle(trace, hunt->lab.evidence, &run_ns, err))
		return -1;
	if (run_ns > hunt->longest_ns)
		hunt->longest_ns = run_ns;
	return 0;
}

static int learn(struct hunt *hunt, const struct experiment *runs, unsigned int cnt,
		 uint32_t *ret_last_step, struct err *err)
{
	char trace[PATH_MAX];
	struct judge judge;
	uint32_t step;

	*ret_last_step = NOW_WORKLOAD;
	for (unsigned int i = 0; i < cnt; i++) {
		if (runs[i].verdict != VERDICT_SURVIVED)
			continue;
		judge = experiment__judge(&hunt->lab, &runs[i], trace);
		if (trial__add_support(hunt, hunt->baseline, &runs[i], err) ||
		    judge__delivered(&judge, &hunt->seen, NULL, err) || judge__last_step(trace, &step, err))
			return -1;
		if (step > *ret_last_step)
			*ret_last_step = step;
	}
	hunt->baseline->standing = STANDING_SURVIVED;
	return 0;
}

static int run_all(struct hunt *hunt, struct experiment *runs, unsigned int *ret_cnt, struct err *err)
{
	unsigned int cnt = 0, tries = 0;

	while (cnt < wanted(hunt) && tries++ < wanted(hunt) + 2 && !hunt__stopped(hunt)) {
		if (run_once(hunt, &runs[cnt], err))
			return -1;
		if (runs[cnt].verdict != VERDICT_BROKEN) {
			hunt->broken_row = 0;
			cnt += runs[cnt].verdict != VERDICT_LOST;
		} else if (++hunt->broken_row >= MAX_BROKEN_ROW) {
			return err__set(err, EXIT_TARGET,
					"three runs in a row were broken, without any fault; the last: %s",
					runs[cnt].why);
		}
	}
	*ret_cnt = cnt;
	return 0;
}

int faultless__run(struct hunt *hunt, struct err *err)
{
	const struct fault_set none = { 0 };
	struct experiment *runs = calloc(max_of(hunt->scenario->baseline_runs, RATE_RUNS), sizeof(*runs));
	unsigned int cnt = 0;
	int bad;

	hunt->baseline = tried__get(&hunt->tried, &none);
	if (!runs || !hunt->baseline) {
		free(runs);
		return err__set(err, EXIT_MACHINE, "out of memory");
	}
	bad = run_all(hunt, runs, &cnt, err) || learn(hunt, runs, cnt, &hunt->last_step, err);
	free(runs);
	return bad ? -1 : 0;
}

/* What the runs say against hunting; NULL: nothing. */
static const char *objection(const struct hunt *hunt)
{
	const unsigned int *seen = hunt->baseline->seen;

	if (hunt->stop == STOP_TIME)
		return "the time was up during the baseline runs";
	if (hunt->stop != STOP_NONE)
		return "the hunt was stopped during the baseline runs";
	if (!seen[VERDICT_SURVIVED] && seen[VERDICT_VIOLATED])
		return "the promise is broken without any fault; mend the scenario or the system first";
	if (!seen[VERDICT_SURVIVED] && seen[VERDICT_VACUOUS])
		return "the promise was never made, even without faults: see workload.out of the runs";
	if (!seen[VERDICT_SURVIVED] && seen[VERDICT_UNKNOWN])
		return "the check never said kept or broken, even without faults: see check.out of the runs";
	if (!seen[VERDICT_SURVIVED])
		return "no run without faults could be used";
	if (hunt->kind == STRATEGY_LINEAGE && !hunt->baseline->support.cnt)
		return "the lineage of the good outcome holds no message between nodes: nothing to cut. "
		       "Do the targets name the processes that the commands talk to?";
	return NULL;
}

bool faultless__ends(struct hunt *hunt, struct hunt_result *ret)
{
	const unsigned int broken = tried__broken(hunt->baseline), made = tried__made(hunt->baseline);
	const char *why = objection(hunt);

	/* a workload that always fails is more often a wrong scenario than a find */
	if (hunt->stop == STOP_NONE && hunt->scenario->check && broken >= 2 && broken * 2 > made) {
		ret->end = HUNT_VIOLATION;
		return true;
	}
	if (why)
		snprintf(ret->why, sizeof(ret->why), "%s", why);
	else if (broken)
		hunt__say(hunt, "the promise broke in %u of %u runs without any fault: only a set that "
				"breaks it clearly more often can be found", broken, made);
	return why;
}
