// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the search costs: all minimal cut sets of 1000 messages in 10 supports of 100, k = 3 (DESIGN:
 * under 1 s), and one next candidate of a hunt that is under way. Exits 1 where a bound is missed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/units.h"
#include "model/model.h"

static uint64_t state = 1;

static uint32_t below(uint32_t limit)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(state >> 33) % limit;
}

static void must(int failed, const struct err *err)
{
	if (!failed)
		return;
	fprintf(stderr, "bench_solve: %s\n", err->msg);
	exit(2);
}

static struct model *new_model(int silences, int links, int partitions, int total, uint16_t nodes,
			       uint64_t spare)
{
	const struct model_opts opts = { .node_cnt = nodes,
					 .budget = { .max = { silences, links, partitions, 0, 0 },
						     .total = total },
					 .spare_nodes = spare,
					 .from = NOW_WORKLOAD,
					 .until = NOW_CHECK,
					 .heal = NOW_HEALED };
	struct err err = { 0 };
	struct model *model = model__new(&opts, &err);

	must(!model, &err);
	return model;
}

static void learn(struct model *model, unsigned int run, const struct fault_set *faults,
		  struct support *support)
{
	struct err err;

	must(model__learn(model, run, faults, LESSON_SURVIVED, support, NULL, &err), &err);
	support__free(support);
}

static void add(struct support *support, uint16_t src, uint16_t dst, uint32_t step, float confidence)
{
	const struct support_member member = { .src = src, .dst = dst, .step = step,
					       .confidence = confidence, .messages = 1 };

	if (support__add(support, &member) < 0)
		exit(2);
}

/* 1000 messages on links of their own: 40 nodes, 25 links from each. Best of three. */
static double all_cuts(long *ret_cnt)
{
	const struct fault_set none = { 0 };
	double best = 1e9;

	for (int round = 0; round < 3; round++) {
		struct model *model = new_model(0, 3, 0, 3, 40, 0);
		struct candidate *list = NULL;
		uint64_t begin = units__now_ns();
		struct err err;
		bool more;
		double took;

		state = 7;
		for (unsigned int run = 0; run < 10; run++) {
			struct support support = { 0 };

			while (support.cnt < 100) {
				uint32_t m = below(1000);

				add(&support, (uint16_t)(1 + m / 25),
				    (uint16_t)(1 + (m / 25 + 1 + m % 25) % 40), 1,
				    (float)(1 + below(100)) / 100);
			}
			learn(model, run, &none, &support);
		}
		*ret_cnt = model__candidates(model, CLAUSE_MONOTONE, 1000000, &list, &more, &err);
		must(*ret_cnt < 0 || more, &err);
		took = (double)(units__now_ns() - begin) / 1e9;
		if (took < best)
			best = took;
		free(list);
		model__free(model);
	}
	return best;
}

/* 7 nodes, all links, 10 steps, heartbeats everywhere; 60 fault sets have survived by then. */
static void hunt_under_way(double *ret_median, double *ret_most)
{
	struct model *model = new_model(1, 2, 0, -1, 7, 2);
	double took[60], most = 0;

	state = 11;
	for (unsigned int run = 0; run < 60; run++) {
		struct candidate next;
		struct support support = { 0 };
		uint64_t begin = units__now_ns();
		struct err err;

		must(model__next(model, CLAUSE_MONOTONE, &next, &err) != 1, &err);
		took[run] = (double)(units__now_ns() - begin) / 1e9;
		most = took[run] > most ? took[run] : most;
		for (uint32_t i = 0; i < 7 * 7 * 12; i++) {
			uint16_t src = (uint16_t)(1 + i % 7), dst = (uint16_t)(1 + i / 7 % 7);
			uint32_t step = 1 + i / 49;
			bool cut = src == dst;

			step = step == 11 ? NOW_CHECK : step == 12 ? NOW_HEALED : step;
			for (size_t f = 0; f < next.faults.cnt; f++)
				cut |= fault__covers(&next.faults.v[f], src, dst, step, NOW_HEALED);
			if (!cut)
				add(&support, src, dst, step, below(40) ? .01f : .8f);
		}
		learn(model, run, &next.faults, &support);
	}
	for (int i = 1; i < 60; i++)
		for (int j = i; j > 0 && took[j] < took[j - 1]; j--) {
			double t = took[j];

			took[j] = took[j - 1];
			took[j - 1] = t;
		}
	*ret_median = took[30];
	*ret_most = most;
	model__free(model);
}

int main(void)
{
	double all, median, most;
	long cnt;

	all = all_cuts(&cnt);
	printf("solve: 1000 messages, 10 supports of 100, k = 3: %ld minimal cut sets in %.3f s (goal 1 s)\n",
	       cnt, all);
	hunt_under_way(&median, &most);
	printf("solve: next candidate, 7 nodes, 12 steps, up to 60 supports: median %.3f s, most %.3f s (goal 1 s)\n",
	       median, most);
	return all > 1 || most > 1;
}
