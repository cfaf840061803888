// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the search costs, on made supports: 1,000 messages in 10 of them (DESIGN: all minimal cut sets, k = 3, under
 * 1 s), 100,000 in 50, and a hunt under way. Beside it, on the same supports, what enumerates and filters: MiniSat's
 * models with at most k messages, each blocked by itself; and every set of at most k messages, tried as bits.
 *
 * Prints a table, writes FILE (as bench.py's measures), exits 1 where a goal is missed. BENCH_QUICK=1: one round, and
 * rivals for a moment. Each measurement is a process of its own, for its peak memory.
 */
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "model/model.h"
#include "solve/cardinality.h"

#define ROUNDS 3
#define RIVAL_SECONDS 20
#define BEST 100

static bool quick;
static uint64_t state;

static uint32_t below(uint32_t limit)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(state >> 33) % limit;
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_solve: %s\n", what);
	exit(2);
}

/* Which messages each support holds. Message m is alone on its link and step. */
struct instance {
	uint32_t message_cnt, support_cnt;
	uint64_t *supports; /* by message: bits */
	float *confidence;
};

static struct instance new_instance(uint32_t message_cnt, uint32_t support_cnt)
{
	struct instance in = { .message_cnt = message_cnt,
			       .support_cnt = support_cnt,
			       .supports = calloc(message_cnt, sizeof(*in.supports)),
			       .confidence = calloc(message_cnt, sizeof(*in.confidence)) };

	must(in.supports && in.confidence, "out of memory");
	for (uint32_t m = 0; m < message_cnt; m++)
		in.confidence[m] = (float)(1 + below(1000)) / 1000;
	return in;
}

static struct instance small_instance(void)
{
	struct instance in;

	state = 7;
	in = new_instance(1000, 10);
	for (uint32_t s = 0; s < in.support_cnt; s++)
		for (uint32_t cnt = 0; cnt < 100;) {
			uint64_t *supports = &in.supports[below(1000)];

			cnt += !(*supports >> s & 1);
			*supports |= 1ULL << s;
		}
	return in;
}

/*
 * About 4,500 messages a support. Messages come in groups that share their fate, of @group each. One in 200 groups is
 * in about half of the supports, the others are in one of 20.
 */
static struct instance large_instance(uint32_t group)
{
	struct instance in;

	state = 7;
	in = new_instance(100000, 50);
	for (uint32_t m = 0; m < in.message_cnt; m += group) {
		const uint32_t often = m % (200 * group) ? 46 : 450 + below(200);

		for (uint32_t s = 0; s < in.support_cnt; s++)
			for (uint32_t i = 0, there = below(1000) < often; i < group && there; i++)
				in.supports[m + i] |= 1ULL << s;
	}
	return in;
}

/* 1000 links, of 40 nodes 25 from each, and as many steps as it takes. */
static struct model *learn(const struct instance *in, int k)
{
	const struct fault_set none = { 0 };
	const struct model_opts opts = { .node_cnt = 40,
					 .budget = { .max = { [FAULT_LOSS] = k }, .total = k },
					 .from = NOW_WORKLOAD,
					 .until = NOW_CHECK,
					 .heal = NOW_HEALED };
	struct err err = { 0 };
	struct model *model = model__new(&opts, &err);

	must(model, err.msg);
	for (uint32_t s = 0; s < in->support_cnt; s++) {
		struct support support = { 0 };

		for (uint32_t m = 0; m < in->message_cnt; m++) {
			const uint32_t src = m % 1000 / 25;
			const struct support_member member = { .src = (uint16_t)(1 + src),
							       .dst = (uint16_t)(1 + (src + 1 + m % 25) % 40),
							       .step = 1 + m / 1000,
							       .confidence = in->confidence[m],
							       .messages = 1 };

			if (in->supports[m] >> s & 1)
				must(!support__add(&support, &member), "out of memory");
		}
		must(!model__learn(model, s + 1, &none, LESSON_SURVIVED, &support, NULL, &err), err.msg);
		support__free(&support);
	}
	return model;
}

struct outcome {
	double seconds, most;
	size_t cnt;
	bool more, complete;
	double mebibytes;
};

/* What is measured, in a process of its own. */
struct job {
	void (*run)(const struct job *job, struct outcome *ret);
	const struct instance *in;
	int k;
	size_t max;
};

static void count(void *ctx, const struct candidate *candidate)
{
}

static void search(const struct job *job, struct outcome *ret)
{
	const struct search_opts opts = { .max = job->max, .take = count };
	struct search_end end;
	struct err err = { 0 };
	struct model *model = learn(job->in, job->k);

	must(!model__search(model, CLAUSE_MONOTONE, &opts, &end, &err), err.msg);
	*ret = (struct outcome){ .cnt = end.cnt, .more = end.more, .complete = end.complete };
}

static void search_next(const struct job *job, struct outcome *ret)
{
	struct candidate next;
	struct err err = { 0 };
	int found = model__next(learn(job->in, job->k), CLAUSE_MONOTONE, &next, &err);

	must(found >= 0, err.msg);
	*ret = (struct outcome){ .cnt = (size_t)found, .complete = true };
}

/* Does each message take a support that the others leave? */
static bool is_minimal(const struct instance *in, const uint32_t *set, int cnt)
{
	const uint64_t all = (1ULL << in->support_cnt) - 1;

	for (int i = 0; i < cnt; i++) {
		uint64_t others = 0;

		for (int j = 0; j < cnt; j++)
			others |= j == i ? 0 : in->supports[set[j]];
		if (others == all)
			return false;
	}
	return true;
}

static size_t try_sets(const struct instance *in, int k, uint32_t *set, int cnt, uint64_t hit)
{
	const uint64_t all = (1ULL << in->support_cnt) - 1;
	size_t found = hit == all && is_minimal(in, set, cnt);

	for (uint32_t m = cnt ? set[cnt - 1] + 1 : 0; cnt < k && m < in->message_cnt; m++) {
		set[cnt] = m;
		/* the last is not worth a call of its own */
		if (cnt + 1 < k || (hit | in->supports[m]) == all)
			found += try_sets(in, k, set, cnt + 1, hit | in->supports[m]);
	}
	return found;
}

static void try_all(const struct job *job, struct outcome *ret)
{
	uint32_t set[8];

	*ret = (struct outcome){ .cnt = try_sets(job->in, job->k, set, 0, 0), .complete = true };
}

static struct sat *load(const struct instance *in, int k)
{
	struct cnf cnf = { 0 };
	int *vars = calloc(in->message_cnt, sizeof(*vars));
	struct sat *sat;

	must(vars, "out of memory");
	for (uint32_t m = 0; m < in->message_cnt; m++)
		vars[m] = cnf__new_var(&cnf, true);
	for (uint32_t s = 0; s < in->support_cnt; s++) {
		for (uint32_t m = 0; m < in->message_cnt; m++)
			if (in->supports[m] >> s & 1)
				cnf__add(&cnf, vars[m]);
		cnf__add(&cnf, 0);
	}
	cardinality__at_most(&cnf, vars, in->message_cnt, (size_t)k);
	sat = cnf__solver(&cnf);
	must(sat, "out of memory");
	cnf__free(&cnf);
	free(vars);
	return sat;
}

static void enumerate_models(const struct job *job, struct outcome *ret)
{
	struct sat *sat = load(job->in, job->k);
	uint32_t set[8];

	memset(ret, 0, sizeof(*ret));
	while (sat__solve(sat, -1) == SAT_SATISFIABLE) {
		int cnt = 0;

		for (uint32_t m = 0; m < job->in->message_cnt; m++)
			if (sat__value(sat, (int)m + 1))
				set[cnt++] = m;
		ret->cnt += is_minimal(job->in, set, cnt);
		for (uint32_t m = 0, at = 0; m < job->in->message_cnt; m++) {
			const bool in_set = at < (uint32_t)cnt && set[at] == m;

			sat__add(sat, in_set ? -(int)m - 1 : (int)m + 1);
			at += in_set;
		}
		sat__add(sat, 0);
	}
	ret->complete = true;
}

static double median(double *v, int cnt)
{
	for (int i = 1; i < cnt; i++)
		for (int j = i; j > 0 && v[j] < v[j - 1]; j--) {
			const double t = v[j];

			v[j] = v[j - 1];
			v[j - 1] = t;
		}
	return v[cnt / 2];
}

/* What a run delivered under @faults: 7 nodes, all links, 12 steps; one message in 40 is a heartbeat. */
static void deliver(const struct fault_set *faults, struct support *ret)
{
	for (uint32_t i = 0; i < 7 * 7 * 12; i++) {
		struct support_member member = { .src = (uint16_t)(1 + i % 7), .dst = (uint16_t)(1 + i / 7 % 7),
						 .step = 1 + i / 49, .messages = 1 };
		bool cut = member.src == member.dst;

		member.step = member.step == 11 ? NOW_CHECK : member.step == 12 ? NOW_HEALED : member.step;
		for (size_t f = 0; f < faults->cnt; f++)
			cut |= fault__covers(&faults->v[f], member.src, member.dst, member.step, NOW_HEALED);
		if (cut)
			continue;
		member.confidence = below(40) ? .01f : .8f;
		must(!support__add(ret, &member), "out of memory");
	}
}

/* Sixty fault sets, each the best that is left, and each survives. */
static void hunt(const struct job *job, struct outcome *ret)
{
	const struct model_opts opts = { .node_cnt = 7, .budget = { .max = { 1, 2 }, .total = -1 },
					 .spare_nodes = 2, .from = NOW_WORKLOAD, .until = NOW_CHECK,
					 .heal = NOW_HEALED };
	struct err err = { 0 };
	struct model *model = model__new(&opts, &err);
	double took[60];

	must(model, err.msg);
	memset(ret, 0, sizeof(*ret));
	state = 11;
	for (unsigned int run = 0; run < 60; run++) {
		const uint64_t begin = units__now_ns();
		struct support support = { 0 };
		struct candidate next;

		must(model__next(model, CLAUSE_MONOTONE, &next, &err) == 1, "the hunt is at its end");
		took[run] = (double)(units__now_ns() - begin) / 1e9;
		ret->most = took[run] > ret->most ? took[run] : ret->most;
		deliver(&next.faults, &support);
		must(!model__learn(model, run, &next.faults, LESSON_SURVIVED, &support, NULL, &err), err.msg);
		support__free(&support);
	}
	ret->seconds = median(took, 60);
	ret->complete = true;
}

static void child(const struct job *job, int fd)
{
	const uint64_t begin = units__now_ns();
	struct outcome outcome;

	job->run(job, &outcome);
	if (!outcome.seconds)
		outcome.seconds = (double)(units__now_ns() - begin) / 1e9;
	_exit(write(fd, &outcome, sizeof(outcome)) != sizeof(outcome));
}

/* False: it did not come to its end in time. */
static bool run_job(const struct job *job, int seconds, struct outcome *ret)
{
	struct pollfd end;
	struct rusage usage;
	int fds[2], status;
	bool done;
	pid_t pid;

	must(!pipe(fds), "no pipe");
	pid = fork();
	must(pid >= 0, "no process");
	if (!pid)
		child(job, fds[1]);
	close(fds[1]);
	end = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	done = poll(&end, 1, seconds * 1000) > 0;
	if (!done)
		kill(pid, SIGKILL);
	must(!done || read(fds[0], ret, sizeof(*ret)) == sizeof(*ret), "a measurement failed");
	close(fds[0]);
	must(wait4(pid, &status, 0, &usage) == pid, "no end");
	ret->mebibytes = (double)usage.ru_maxrss / 1024;
	return done;
}

static json_t *measures;
static bool missed;

static double rounded(double x)
{
	char text[32];

	snprintf(text, sizeof(text), "%.3g", x);
	return atof(text);
}

/* @goal: at most that, 0: none. Takes @rivals (may be NULL). */
static void add(const char *name, const char *unit, double ours, double goal, int rounds, json_t *rivals, json_t *more)
{
	json_t *measure = json_pack("{s:s, s:s, s:f, s:n, s:n, s:i, s:o}", "name", name, "unit", unit, "ours",
				    rounded(ours), "baseline", "ratio", "pairs", rounds, "rivals",
				    rivals ? rivals : json_object());
	char text[32];

	if (goal) {
		snprintf(text, sizeof(text), "ours <= %g", goal);
		json_object_set_new(measure, "goal", json_string(text));
		json_object_set_new(measure, "met", json_boolean(ours <= goal));
		missed |= ours > goal;
	}
	if (more)
		json_object_update(measure, more);
	json_decref(more);
	json_array_append_new(measures, measure);
	printf("%-78s %9.3g %-3s %s\n", name, ours, unit, goal ? ours <= goal ? text : "GOAL MISSED" : "");
	json_object_foreach(json_object_get(measure, "rivals"), name, more) {
		if (json_object_get(more, "value"))
			printf("    %-74s %9.3g %s\n", name, json_number_value(json_object_get(more, "value")), unit);
		else
			printf("    %-74s    %s\n", name, json_string_value(json_object_get(more, "unable")));
	}
	fflush(stdout);
}

/* It must find as many as we did. */
static json_t *rival(const struct job *job, const struct outcome *ours)
{
	struct outcome outcome;
	char text[64];

	if (!run_job(job, quick ? 1 : RIVAL_SECONDS, &outcome)) {
		snprintf(text, sizeof(text), "not done in %d s", quick ? 1 : RIVAL_SECONDS);
		return json_pack("{s:s}", "unable", text);
	}
	must(ours->more ? outcome.cnt > ours->cnt : outcome.cnt == ours->cnt, "solvers disagree");
	return json_pack("{s:f, s:f}", "value", rounded(outcome.seconds), "ratio",
			 rounded(outcome.seconds / ours->seconds));
}

static json_t *rivals_of(struct job job, const struct outcome *ours)
{
	json_t *rivals = json_object();

	job.run = enumerate_models;
	json_object_set_new(rivals, "MiniSat, models, then the minimal ones", rival(&job, ours));
	job.run = try_all;
	json_object_set_new(rivals, "every set of at most k, then the minimal ones", rival(&job, ours));
	return rivals;
}

static struct outcome measure(const struct job *job)
{
	const int rounds = quick ? 1 : ROUNDS;
	struct outcome outcome;
	double seconds[ROUNDS];

	for (int i = 0; i < rounds; i++) {
		must(run_job(job, 600, &outcome), "not done in ten minutes");
		must(outcome.complete, "gave up");
		seconds[i] = outcome.seconds;
	}
	outcome.seconds = median(seconds, rounds);
	return outcome;
}

static void bench_small(const struct instance *in, int k)
{
	struct job job = { .run = search, .in = in, .k = k, .max = 100000000 };
	const struct outcome ours = measure(&job);
	char name[128];

	snprintf(name, sizeof(name), "all minimal cut sets, 1000 messages, 10 supports of 100, k = %d", k);
	add(name, "s", ours.seconds, k == 3 ? 1 : 0, quick ? 1 : ROUNDS, rivals_of(job, &ours),
	    json_pack("{s:I, s:f}", "found", (json_int_t)ours.cnt, "peak_mib", rounded(ours.mebibytes)));
}

static void bench_large(const struct instance *in, const char *which, int k, bool with_rivals)
{
	struct job job = { .run = search, .in = in, .k = k, .max = BEST };
	struct outcome ours = measure(&job);
	char name[128];

	snprintf(name, sizeof(name), "best %d, 100000 messages, 50 supports, %s, k = %d", BEST, which, k);
	add(name, "s", ours.seconds, 0, quick ? 1 : ROUNDS, with_rivals ? rivals_of(job, &ours) : NULL,
	    json_pack("{s:I, s:b}", "found", (json_int_t)ours.cnt, "more", ours.more));
	snprintf(name, sizeof(name), "its peak memory, %s, k = %d", which, k);
	add(name, "MiB", ours.mebibytes, 0, quick ? 1 : ROUNDS, NULL, NULL);
	job.run = search_next;
	ours = measure(&job);
	snprintf(name, sizeof(name), "a hunt's first candidate, %s, k = %d", which, k);
	add(name, "s", ours.seconds, 0, quick ? 1 : ROUNDS, NULL,
	    json_pack("{s:I, s:f}", "found", (json_int_t)ours.cnt, "peak_mib", rounded(ours.mebibytes)));
}

static void bench_hunt(void)
{
	const struct job job = { .run = hunt };
	const struct outcome ours = measure(&job);

	add("next candidate of a hunt, 7 nodes, 12 steps, up to 60 supports, median", "s", ours.seconds, 1,
	    quick ? 1 : ROUNDS, NULL, NULL);
	add("next candidate of a hunt, the longest", "s", ours.most, 1, quick ? 1 : ROUNDS, NULL, NULL);
}

int main(int argc, char **argv)
{
	struct instance small, alone, groups;

	must(argc == 2, "usage: bench_solve FILE");
	quick = getenv("BENCH_QUICK") && *getenv("BENCH_QUICK");
	measures = json_array();
	small = small_instance();
	for (int k = 1; k <= 4; k++)
		bench_small(&small, k);
	groups = large_instance(25);
	alone = large_instance(1);
	for (int k = 1; k <= 3; k++) {
		bench_large(&groups, "25 alike each", k, k > 1);
		bench_large(&alone, "each for itself", k, k > 1);
	}
	bench_hunt();
	must(!json_dump_file(measures, argv[1], JSON_INDENT(1)), "cannot write the file");
	return missed && !quick;
}
