// SPDX-License-Identifier: GPL-2.0-only
#include "model/precedent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "causal/intern.h"

#define STEPS_MAX 1000

/* What a node said in a step, of transcripts' sayings. */
struct act {
	size_t begin, cnt;
	uint64_t words;
	unsigned int run;
};

/* Whom a node asked for connections in a step: bit 1 << id; or a run's lesson. */
struct fact {
	uint64_t value;
	unsigned int run;
};

struct precedents {
	const struct model_opts *opts;
	struct saying *sayings;
	size_t saying_cnt, saying_cap;
	struct act *acts;
	size_t act_cnt, act_cap;
	struct fact *facts;
	size_t fact_cnt, fact_cap;
	struct intern act_of, fact_of; /* by what the node was handed; by that, or by how all ended */
	uint32_t *steps;	       /* rising */
	size_t step_cnt, step_cap;
	char doubt[160];
	struct transcript told; /* of the run that is being foretold */
};

/* A run as it goes on, from step to step. */
struct play {
	const struct fault_set *faults;
	uint64_t handed[MAX_NODES]; /* in the steps before, hashed */
	uint64_t lines[MAX_NODES];  /* logged in the whole run, whatever the order; 0: nothing */
	uint64_t made[MAX_NODES], taken[MAX_NODES]; /* in this step: connections to others and from them, bits */
	uint64_t next[MAX_NODES]; /* handed in this step, whatever the order */
};

struct precedents *precedents__new(const struct model_opts *opts)
{
	struct precedents *precedents = calloc(1, sizeof(*precedents));

	if (precedents)
		precedents->opts = opts;
	return precedents;
}

void precedents__free(struct precedents *precedents)
{
	if (!precedents)
		return;
	free(precedents->sayings);
	free(precedents->acts);
	free(precedents->facts);
	free(precedents->steps);
	intern__free(&precedents->act_of);
	intern__free(&precedents->fact_of);
	transcript__free(&precedents->told);
	free(precedents);
}

size_t precedents__cnt(const struct precedents *precedents)
{
	return precedents->act_cnt + precedents->fact_cnt;
}

const char *precedents__doubt(const struct precedents *precedents)
{
	return precedents->doubt[0] ? precedents->doubt : NULL;
}

static bool takes(const struct precedents *precedents, const struct fault_set *faults, uint16_t src,
		  uint16_t dst, uint32_t step)
{
	for (size_t i = 0; i < faults->cnt; i++)
		if (fault__covers(&faults->v[i], src, dst, step, precedents->opts->heal))
			return true;
	return false;
}

static uint64_t silenced(const struct fault_set *faults)
{
	uint64_t nodes = 0;

	for (size_t i = 0; i < faults->cnt; i++)
		if (faults->v[i].kind == FAULT_SILENCE)
			nodes |= 1ULL << faults->v[i].a;
	return nodes;
}

static uint64_t before(const struct play *play, uint16_t node, uint32_t step)
{
	return hash_u64(hash_u64(play->handed[node], node), step);
}

static uint64_t in_step(const struct play *play, uint16_t node, uint32_t step)
{
	return hash_u64(hash_u64(before(play, node, step) + 1, play->made[node]), play->taken[node]);
}

/* What @node has logged in the end follows from what it was handed before the last step; when it logged does not matter,
 * since what it logs as a step begins may fall before. */
static uint64_t all_lines(const struct play *play, uint16_t node, uint32_t last)
{
	return hash_u64(before(play, node, last) + 2, 0);
}

/* All logs that are asked for, and of whom. */
static uint64_t end_of(const struct precedents *precedents, const struct play *play)
{
	const uint64_t silent = silenced(play->faults);
	uint64_t hash = hash_u64(2, silent);

	for (uint16_t id = 1; id <= precedents->opts->node_cnt; id++)
		if (!(silent >> id & 1))
			hash = hash_u64(hash, play->lines[id]);
	return hash;
}

static void begin_step(struct play *play)
{
	memset(play->made, 0, sizeof(play->made));
	memset(play->taken, 0, sizeof(play->taken));
	memset(play->next, 0, sizeof(play->next));
}

static void connect(struct play *play, uint16_t from, uint16_t to)
{
	play->made[from] |= 1ULL << to;
	play->taken[to] |= 1ULL << from;
}

static void hear(struct play *play, const struct saying *saying)
{
	if (saying->to == NODE_OUTSIDE)
		play->lines[saying->node] += hash_u64(saying->words, 1);
	else if (saying->came && !saying->opens)
		play->next[saying->to] += hash_u64(saying->words, saying->node);
}

static void end_step(const struct precedents *precedents, struct play *play, uint32_t step)
{
	for (uint16_t id = 1; id <= precedents->opts->node_cnt; id++)
		if (play->next[id] || play->made[id] || play->taken[id])
			play->handed[id] = hash_u64(in_step(play, id, step), play->next[id]);
}

static int compare_sayings(const void *x, const void *y)
{
	const struct saying *a = x, *b = y;

	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return a->words < b->words ? -1 : a->words > b->words;
}

static int see_step(struct precedents *precedents, uint32_t step)
{
	size_t at = precedents->step_cnt;

	while (at && precedents->steps[at - 1] > step)
		at--;
	if (at && precedents->steps[at - 1] == step)
		return 0;
	if (grow(&precedents->steps, &precedents->step_cap, precedents->step_cnt + 1) < 0)
		return -1;
	memmove(&precedents->steps[at + 1], &precedents->steps[at],
		(precedents->step_cnt++ - at) * sizeof(*precedents->steps));
	precedents->steps[at] = step;
	return 0;
}

static void doubt(struct precedents *precedents, unsigned int run, unsigned int other, const char *what)
{
	if (!precedents->doubt[0])
		snprintf(precedents->doubt, sizeof(precedents->doubt), "runs %u and %u %s", other, run, what);
}

/* Those in which nobody said anything, too: somebody might, had he been handed something else. */
static int see_steps(struct precedents *precedents, unsigned int run, const struct transcript *said)
{
	uint32_t last = said->last_step;

	if (!last || last > NOW_WORKLOAD + STEPS_MAX) {
		snprintf(precedents->doubt, sizeof(precedents->doubt), "run %u had %s", run,
			 last ? "more than a thousand steps" : "no steps");
		last = 0;
	}
	for (uint32_t step = NOW_WORKLOAD; step <= last; step++)
		if (see_step(precedents, step))
			return -1;
	for (size_t i = 0; i < said->cnt && last; i++)
		if (see_step(precedents, said->v[i].step))
			return -1;
	return 0;
}

/* A fact, or what speaks against it. 0 or -1 (memory). */
static int add_fact(struct precedents *precedents, uint64_t key, uint64_t value, unsigned int run,
		    const char *otherwise)
{
	uint32_t *slot = intern__slot(&precedents->fact_of, key);

	if (!slot)
		return -1;
	if (*slot != NONE) {
		if (precedents->facts[*slot].value != value)
			doubt(precedents, run, precedents->facts[*slot].run, otherwise);
		return 0;
	}
	if (grow(&precedents->facts, &precedents->fact_cap, precedents->fact_cnt + 1) < 0)
		return -1;
	*slot = (uint32_t)precedents->fact_cnt;
	precedents->facts[precedents->fact_cnt++] = (struct fact){value, run};
	return 0;
}

static const struct fact *find_fact(const struct precedents *precedents, uint64_t key)
{
	const uint32_t slot = intern__get(&precedents->fact_of, key);

	return slot == NONE ? NULL : &precedents->facts[slot];
}

static int add_act(struct precedents *precedents, uint64_t key, const struct saying *said, size_t cnt,
		   unsigned int run)
{
	uint32_t *slot = intern__slot(&precedents->act_of, key);
	struct act act = {.begin = precedents->saying_cnt, .cnt = cnt, .run = run};

	if (!slot)
		return -1;
	for (size_t i = 0; i < cnt; i++)
		act.words = hash_u64(hash_u64(act.words, said[i].words), (uint64_t)said[i].to << 1 | said[i].opens);
	if (*slot != NONE) {
		if (precedents->acts[*slot].words != act.words)
			doubt(precedents, run, precedents->acts[*slot].run,
			      "differ in what a node said after it was handed the same");
		return 0;
	}
	if (grow(&precedents->sayings, &precedents->saying_cap, precedents->saying_cnt + cnt + 1) < 0 ||
	    grow(&precedents->acts, &precedents->act_cap, precedents->act_cnt + 1) < 0)
		return -1;
	if (cnt)
		memcpy(&precedents->sayings[precedents->saying_cnt], said, cnt * sizeof(*said));
	precedents->saying_cnt += cnt;
	*slot = (uint32_t)precedents->act_cnt;
	precedents->acts[precedents->act_cnt++] = act;
	return 0;
}

/* What was said in one step, by each node, of sorted sayings. */
static int add_step(struct precedents *precedents, struct play *play, uint32_t step, const struct saying *said,
		    size_t cnt, unsigned int run)
{
	begin_step(play);
	for (size_t i = 0; i < cnt; i++)
		if (said[i].opens && said[i].came)
			connect(play, said[i].node, said[i].to);
	for (uint16_t id = 1; id <= precedents->opts->node_cnt; id++) {
		uint64_t asked = 0;
		size_t own = 0;

		/* lines are sorted before messages */
		for (; cnt && said->node == id && said->to == NODE_OUTSIDE; said++, cnt--)
			hear(play, said);
		while (own < cnt && said[own].node == id) {
			asked |= said[own].opens ? 1ULL << said[own].to : 0;
			hear(play, &said[own++]);
		}
		if (add_fact(precedents, before(play, id, step), asked, run,
			     "differ in whom a node connects to after it was handed the same") ||
		    add_act(precedents, in_step(play, id, step), said, own, run))
			return -1;
		said += own;
		cnt -= own;
	}
	end_step(precedents, play, step);
	return 0;
}

static bool comes_late(const struct fault_set *faults)
{
	for (size_t i = 0; i < faults->cnt; i++)
		if (fault__holds(&faults->v[i]) || faults->v[i].kind == FAULT_STALL)
			return true;
	return false;
}

int precedents__add(struct precedents *precedents, unsigned int run, const struct fault_set *faults,
		    enum lesson lesson, struct transcript *said)
{
	struct play play = {.faults = faults};
	uint64_t lines_of[MAX_NODES] = {0};
	size_t at = 0;

	if (comes_late(faults))
		return 0;
	if (said->cut_off && !precedents->doubt[0])
		snprintf(precedents->doubt, sizeof(precedents->doubt),
			 "in run %u more was said than the trace keeps of a message", run);
	if (said->cnt)
		qsort(said->v, said->cnt, sizeof(*said->v), compare_sayings);
	if (see_steps(precedents, run, said))
		return -1;
	for (size_t i = 0; i < precedents->step_cnt; i++) {
		const uint32_t step = precedents->steps[i];
		const size_t begin = at;

		while (at < said->cnt && said->v[at].step == step)
			at++;
		if (i + 1 == precedents->step_cnt)
			for (uint16_t id = 1; id <= precedents->opts->node_cnt; id++)
				lines_of[id] = all_lines(&play, id, step);
		if (add_step(precedents, &play, step, said->v + begin, at - begin, run))
			return -1;
	}
	for (uint16_t id = 1; id <= precedents->opts->node_cnt; id++)
		if (add_fact(precedents, lines_of[id], play.lines[id], run,
			     "differ in what a node logged after it was handed the same"))
			return -1;
	return add_fact(precedents, end_of(precedents, &play), lesson, run,
			"logged the same and ended differently");
}

/* Whom each node asks in this step, and who is reached. False: nobody knows. */
static bool foretell_connections(const struct precedents *precedents, struct play *play, uint32_t step)
{
	for (uint16_t id = 1; id <= precedents->opts->node_cnt; id++) {
		const struct fact *asked = find_fact(precedents, before(play, id, step));

		if (!asked)
			return false;
		for (uint16_t to = 1; to <= precedents->opts->node_cnt; to++)
			if ((asked->value >> to & 1) && !takes(precedents, play->faults, id, to, step) &&
			    !takes(precedents, play->faults, to, id, step))
				connect(play, id, to);
	}
	return true;
}

/* What each node will have logged, before the last step is played. False: nobody knows. */
static bool foretell_lines(const struct precedents *precedents, struct play *play, uint32_t last)
{
	for (uint16_t id = 1; id <= precedents->opts->node_cnt; id++) {
		const struct fact *lines = find_fact(precedents, all_lines(play, id, last));

		if (!lines)
			return false;
		play->lines[id] = lines->value;
	}
	return true;
}

/* 1, 0: nobody knows, -1: memory */
static int foretell_step(struct precedents *precedents, struct play *play, uint32_t step)
{
	begin_step(play);
	if (!foretell_connections(precedents, play, step))
		return 0;
	for (uint16_t id = 1; id <= precedents->opts->node_cnt; id++) {
		const uint32_t slot = intern__get(&precedents->act_of, in_step(play, id, step));
		const struct act *act;

		if (slot == NONE)
			return 0;
		act = &precedents->acts[slot];
		for (size_t i = 0; i < act->cnt; i++) {
			struct saying saying = precedents->sayings[act->begin + i];

			saying.came = saying.opens ? play->made[id] >> saying.to & 1 :
						     !takes(precedents, play->faults, id, saying.to, step);
			hear(play, &saying);
			if (transcript__add(&precedents->told, &saying))
				return -1;
		}
	}
	end_step(precedents, play, step);
	return 1;
}

static int rest_on(struct support *support, uint16_t src, uint16_t dst, uint32_t step)
{
	const struct support_member member = {
		.src = src, .dst = dst, .step = step, .confidence = 1, .messages = 1};

	return support__add(support, &member);
}

/* What came; with @latest only what came while its receiver was still to say something that counts. */
static int support_of(const struct transcript *told, uint32_t *latest, struct support *ret)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = told->cnt; i-- > 0;) {
			const struct saying *saying = &told->v[i];

			if (saying->to == NODE_OUTSIDE || !saying->came ||
			    (latest && latest[saying->to] < saying->step))
				continue;
			if (latest && latest[saying->node] < saying->step) {
				latest[saying->node] = saying->step;
				more = true;
			}
			if (!support__find(ret, saying->node, saying->to, saying->step) &&
			    rest_on(ret, saying->node, saying->to, saying->step))
				return -1;
			/* the answer to an attempt to connect */
			if (saying->opens && !support__find(ret, saying->to, saying->node, saying->step) &&
			    rest_on(ret, saying->to, saying->node, saying->step))
				return -1;
		}
	}
	return 0;
}

/* Logs are read in the end, of those that speak. */
static int support_of_logs(const struct precedents *precedents, const struct play *play, struct support *ret)
{
	const uint64_t silent = silenced(play->faults);
	uint32_t latest[MAX_NODES] = {0};

	for (uint16_t id = 1; id <= precedents->opts->node_cnt; id++) {
		if (!play->lines[id] || silent >> id & 1)
			continue;
		latest[id] = UINT32_MAX;
		if (rest_on(ret, id, NODE_OUTSIDE, NOW_HEALED))
			return -1;
	}
	return support_of(&precedents->told, latest, ret);
}

int precedents__foretell(struct precedents *precedents, const struct fault_set *faults,
			 enum lesson *ret_lesson, struct support *ret_support)
{
	struct play play = {.faults = faults};
	const struct fact *end;

	precedents->told.cnt = 0;
	if (precedents->doubt[0])
		return 0;
	for (size_t i = 0; i < precedents->step_cnt; i++) {
		const uint32_t step = precedents->steps[i];
		int known;

		if (i + 1 == precedents->step_cnt && !foretell_lines(precedents, &play, step))
			return 0;
		known = foretell_step(precedents, &play, step);
		if (known != 1)
			return known;
	}
	end = find_fact(precedents, end_of(precedents, &play));
	if (!end || (end->value != LESSON_SURVIVED && end->value != LESSON_VACUOUS))
		return 0;
	*ret_lesson = (enum lesson)end->value;
	if (*ret_lesson == LESSON_VACUOUS ? support_of(&precedents->told, NULL, ret_support) :
					    support_of_logs(precedents, &play, ret_support))
		return -1;
	return 1;
}
