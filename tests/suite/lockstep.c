// SPDX-License-Identifier: GPL-2.0-only
#include "tests/suite/lockstep.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "causal/key.h"
#include "containers/suite/judge.h"
#include "containers/suite/suite.h"

#define MAX_MESSAGES 1024

/* How sure it is that what was received led to what was done, as in traces of the same programs over sockets
 * (causal/evidence.h): a line is logged, or an answer sent, while a message is taken, or at the tick that follows. */
#define ACTIVATION 0.8f
#define THREAD 0.05f
#define LEAST 0.001f

struct sent {
	int from, to, tick;
	bool taken; /* by a fault */
	int late;   /* ticks */
	uint64_t form;
	char text[MAX_TEXT];
	float *causes; /* by message: how sure it is that this one rests on it */
};

struct lockstep {
	const struct program *program;
	const struct fault_set *faults;
	struct lockstep_run *run;
	struct node nodes[MAX_SUITE_NODES];
	struct sent *sent;
	size_t sent_cnt;
	size_t inbox[MAX_SUITE_NODES][MAX_MESSAGES]; /* what each was handed, in order */
	size_t inbox_cnt[MAX_SUITE_NODES];
	struct logs logs;
	bool receiving; /* not acting */
	float outcome[MAX_MESSAGES];
};

static struct lockstep *current; /* the programs' calls carry no context */

static void rest_on(float *causes, size_t message, float confidence)
{
	const struct sent *sent = &current->sent[message];

	if (confidence < LEAST)
		confidence = LEAST;
	if (causes[message] < confidence)
		causes[message] = confidence;
	for (size_t i = 0; i < message; i++) {
		float further = sent->causes[i] * confidence;

		if (sent->causes[i] > 0 && further < LEAST)
			further = LEAST;
		if (causes[i] < further)
			causes[i] = further;
	}
}

/* The tick at whose beginning it is handed over. */
static int arrival(const struct sent *sent)
{
	return sent->tick + 1 + sent->late;
}

static bool same_class(const struct sent *x, const struct sent *y)
{
	return x->from == y->from && x->form == y->form;
}

/* Is it the latest of its class among what @node was handed? */
static bool is_latest(const struct node *node, size_t at)
{
	const size_t *inbox = current->inbox[node->id];

	for (size_t i = at + 1; i < current->inbox_cnt[node->id]; i++)
		if (same_class(&current->sent[inbox[i]], &current->sent[inbox[at]]))
			return false;
	return true;
}

/* What @node does now rests on all that it was handed, the latest most. */
static void explain(const struct node *node, float *causes)
{
	const size_t *inbox = current->inbox[node->id];
	size_t rank = 0, classes = 0;

	for (size_t i = current->inbox_cnt[node->id]; i-- > 0;) {
		bool now = current->receiving && arrival(&current->sent[inbox[i]]) == node->tick;

		if (now)
			rest_on(causes, inbox[i], ACTIVATION / (float)++rank);
		else if (is_latest(node, i))
			rest_on(causes, inbox[i], THREAD / (float)++classes);
		else
			rest_on(causes, inbox[i], LEAST);
	}
}

static bool reaches(const struct fault *fault, const struct sent *sent)
{
	const uint16_t from = (uint16_t)(sent->from + 1), to = (uint16_t)(sent->to + 1);
	const uint32_t step = NOW_WORKLOAD + (uint32_t)sent->tick;

	if (fault->kind == FAULT_STALL)
		return fault->a == from && fault->b == to && step >= fault->from &&
		       fault->selector.port == LOCKSTEP_PORT;
	return fault__reaches(fault, from, to, step, NOW_END);
}

static void meet_faults(struct sent *sent)
{
	const struct fault_set *faults = current->faults;

	for (size_t i = 0; i < faults->cnt; i++) {
		const int late = (int)(faults->v[i].delay_ns / LOCKSTEP_TICK_NS);

		if (!reaches(&faults->v[i], sent))
			continue;
		current->run->fired[i] = true;
		sent->taken |= !faults->v[i].delay_ns;
		if (late > sent->late)
			sent->late = late;
	}
}

void send_to(struct node *node, int to, const char *format, ...)
{
	struct sent *sent = &current->sent[current->sent_cnt++];
	va_list ap;

	assert(current->sent_cnt <= MAX_MESSAGES);
	sent->from = node->id;
	sent->to = to;
	sent->tick = node->tick;
	meet_faults(sent);
	sent->causes = calloc(MAX_MESSAGES, sizeof(*sent->causes));
	va_start(ap, format);
	vsnprintf(sent->text, sizeof(sent->text), format, ap);
	va_end(ap);
	sent->form = key__skeleton((const uint8_t *)sent->text, strlen(sent->text));
	explain(node, sent->causes);
}

void send_others(struct node *node, const char *text)
{
	for (int to = 0; to < current->program->nodes; to++)
		if (to != node->id)
			send_to(node, to, "%s", text);
}

static void tell(int from, int to, int tick, bool came, const char *text)
{
	const struct saying saying = {
		.node = (uint16_t)(from + 1),
		.to = (uint16_t)(to + 1),
		.came = came,
		.step = NOW_WORKLOAD + (uint32_t)tick,
		.words = transcript__hash((const uint8_t *)text, strlen(text)),
	};

	if (transcript__add(&current->run->said, &saying))
		abort();
}

void log_line(struct node *node, const char *format, ...)
{
	struct logs *logs = &current->logs;
	char text[MAX_TEXT];
	va_list ap;

	assert(logs->cnt < MAX_LINES);
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	tell(node->id, -1, node->tick, true, text);
	logs->line[logs->cnt].node = node->id;
	logs->line[logs->cnt++].text = strdup(text);
	explain(node, current->outcome);
}

static void hand_over(struct lockstep *lockstep, size_t message)
{
	const struct sent *sent = &lockstep->sent[message];
	struct node *node = &lockstep->nodes[sent->to];

	lockstep->inbox[sent->to][lockstep->inbox_cnt[sent->to]++] = message;
	lockstep->receiving = true;
	if (lockstep->program->receive)
		lockstep->program->receive(node, sent->from, sent->text);
	lockstep->receiving = false;
}

static void tick(struct lockstep *lockstep, int now)
{
	const size_t cnt = lockstep->sent_cnt;

	for (int id = 0; id < lockstep->program->nodes; id++)
		lockstep->nodes[id].tick = now;
	for (int from = 0; from < lockstep->program->nodes; from++)
		for (size_t i = 0; i < cnt; i++)
			if (arrival(&lockstep->sent[i]) == now && lockstep->sent[i].from == from &&
			    !lockstep->sent[i].taken)
				hand_over(lockstep, i);
	for (int id = 0; id < lockstep->program->nodes; id++)
		lockstep->program->act(&lockstep->nodes[id]);
}

static void add(struct support *support, const struct sent *sent, float confidence)
{
	const struct support_member member = {
		.src = (uint16_t)(sent->from + 1),
		.dst = (uint16_t)(sent->to + 1),
		.step = NOW_WORKLOAD + (uint32_t)sent->tick,
		.confidence = confidence,
		.promise = confidence / (float)current->program->nodes,
		.messages = 1,
		.port = LOCKSTEP_PORT,
	};

	if (sent->from != sent->to && support__add(support, &member))
		abort();
}

/* Its log is read in the end. */
static void add_log(struct lockstep *lockstep, int id)
{
	const struct support_member member = {
		.src = (uint16_t)(id + 1),
		.dst = NODE_OUTSIDE,
		.step = NOW_HEALED,
		.confidence = 1.0f / (float)lockstep->program->nodes,
	};
	bool any = false;

	for (size_t i = 0; i < lockstep->logs.cnt; i++)
		any |= lockstep->logs.line[i].node == id;
	if (any && support__add(&lockstep->run->lineage, &member))
		abort();
}

static void note(struct lockstep *lockstep, int from, int to, uint32_t step, const char *text)
{
	if (course__add(&lockstep->run->course, (uint16_t)(from + 1), (uint16_t)(to + 1), step,
			key__skeleton((const uint8_t *)text, strlen(text))))
		abort();
}

static void note_course(struct lockstep *lockstep)
{
	const struct logs *logs = &lockstep->logs;

	for (size_t i = 0; i < lockstep->sent_cnt; i++) {
		const struct sent *sent = &lockstep->sent[i];

		if (sent->from == sent->to)
			continue;
		note(lockstep, sent->from, sent->to, NOW_WORKLOAD + (uint32_t)sent->tick, sent->text);
		tell(sent->from, sent->to, sent->tick, !sent->taken, sent->text);
	}
	for (size_t i = 0; i < logs->cnt; i++)
		note(lockstep, logs->line[i].node, NODE_OUTSIDE - 1, 0, logs->line[i].text);
}

static void conclude(struct lockstep *lockstep, const struct judgement *judgement, int ticks)
{
	struct lockstep_run *run = lockstep->run;
	struct logs *logs = &lockstep->logs;

	for (size_t i = 0; i < lockstep->faults->cnt; i++)
		if (lockstep->faults->v[i].kind == FAULT_SILENCE && !lockstep->faults->v[i].delay_ns)
			logs->silenced |= 1U << (lockstep->faults->v[i].a - 1);
	run->made = judgement->made(logs);
	run->kept = judgement->kept(logs);
	run->said.last_step = NOW_WORKLOAD + (uint32_t)ticks;
	note_course(lockstep);
	for (int id = 0; id < lockstep->program->nodes; id++)
		if (!(logs->silenced >> id & 1))
			add_log(lockstep, id);
	for (size_t i = 0; i < lockstep->sent_cnt; i++) {
		const struct sent *sent = &lockstep->sent[i];

		if (!sent->taken && (!sent->late || arrival(sent) <= ticks))
			add(&run->delivered, sent, 1);
		if (lockstep->outcome[i] > 0)
			add(&run->lineage, sent, lockstep->outcome[i]);
	}
}

void lockstep__run(const struct program *program, const struct judgement *judgement, int ticks,
		   const struct fault_set *faults, struct lockstep_run *ret)
{
	struct lockstep *lockstep = calloc(1, sizeof(*lockstep));

	memset(ret, 0, sizeof(*ret));
	*lockstep = (struct lockstep){.program = program, .faults = faults, .run = ret};
	lockstep->logs.nodes = program->nodes;
	lockstep->sent = calloc(MAX_MESSAGES, sizeof(*lockstep->sent));
	for (int id = 0; id < program->nodes; id++)
		lockstep->nodes[id] =
			(struct node){.id = id, .state = calloc(1, program->state_bytes + 1)};
	current = lockstep;
	for (int now = 1; now <= ticks; now++)
		tick(lockstep, now);
	conclude(lockstep, judgement, ticks);
	for (int id = 0; id < program->nodes; id++)
		free(lockstep->nodes[id].state);
	for (size_t i = 0; i < lockstep->sent_cnt; i++)
		free(lockstep->sent[i].causes);
	for (size_t i = 0; i < lockstep->logs.cnt; i++)
		free((char *)lockstep->logs.line[i].text);
	free(lockstep->sent);
	free(lockstep);
}

void lockstep__free(struct lockstep_run *run)
{
	support__free(&run->lineage);
	support__free(&run->delivered);
	course__free(&run->course);
	transcript__free(&run->said);
}

const struct judgement *lockstep__judgement(const char *name)
{
	return judgement__find(name);
}

uint16_t lockstep__nodes(const struct program *program)
{
	return (uint16_t)program->nodes;
}

const char *lockstep__name(const struct program *program, uint16_t id)
{
	return id && id <= program->nodes ? program->names[id - 1] : NULL;
}
