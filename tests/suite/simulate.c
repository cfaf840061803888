// SPDX-License-Identifier: GPL-2.0-only
/*
 * The truth about a program of containers/suite: all minimal sets of losses and silences that break
 *its promise, by running its own code in lockstep under sets of growing size. Linked with one
 *program.
 *
 *	simulate-NAME JUDGEMENT TICKS/UNTIL/SILENCES SIZE [udp|tcp|stream|TICKS]
 *
 * prints a set a line, `loss:A>B@1 silence:A@2..4` (any one of these onsets), and on stderr how
 *many sets were run. SIZE: no larger ones are tried. Transports: with `tcp` each message needs an
 *answer in its tick; with `stream` what is lost holds back all that follows it. A number: datagrams that a
 *fault lies on are not lost but come so many ticks late, and a silent node counts.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../containers/suite/judge.h"
#include "../../containers/suite/suite.h"

#define MAX_SIZE 8
#define MAX_TICKS 16
#define MAX_SENDS 512
#define NOBODY 0xff

/* A loss, or a silence (then `to` is NOBODY). */
struct fault {
	uint8_t tick, from, to;
};

struct set {
	int cnt;
	struct fault v[MAX_SIZE]; /* sorted */
};

struct sets {
	size_t cnt, cap;
	struct set *v;
};

enum transport { UDP, TCP, STREAM };

static struct {
	const struct judgement *judgement;
	int ticks, until, silences, size;
	enum transport transport;
	int late; /* ticks; 0: never */
} spec;

/* The run under way. */
static struct {
	const struct set *faults;
	struct node node[MAX_SUITE_NODES];
	bool held[MAX_SUITE_NODES][MAX_SUITE_NODES];
	struct {
		struct fault link; /* when, from whom, to whom */
		int arrival; /* the tick at whose beginning it is handed over */
		char text[MAX_TEXT];
	} send[MAX_SENDS]; /* delivered */
	size_t send_cnt;
	char text[MAX_LINES][MAX_TEXT];
	struct logs logs;
} run;

static void fail(const char *what)
{
	fprintf(stderr, "simulate: %s\n", what);
	exit(2);
}

static bool is_silence(const struct fault *fault)
{
	return fault->to == NOBODY;
}

static bool is_cut(const struct fault *link, bool back)
{
	for (int i = 0; i < run.faults->cnt; i++) {
		const struct fault *fault = &run.faults->v[i];

		if (is_silence(fault)) {
			if (link->tick >= fault->tick &&
			    (fault->from == link->from || fault->from == link->to))
				return true;
		} else if (fault->tick == link->tick) {
			if (fault->from == link->from && fault->to == link->to)
				return true;
			if (back && fault->from == link->to && fault->to == link->from)
				return true;
		}
	}
	return false;
}

void send_to(struct node *node, int to, const char *format, ...)
{
	struct fault link = {(uint8_t)node->tick, (uint8_t)node->id, (uint8_t)to};
	bool *held = &run.held[node->id][to];
	const bool cut = is_cut(&link, spec.transport == TCP);
	va_list args;

	if (cut && !spec.late)
		*held = true;
	if (*held) {
		*held = spec.transport == STREAM;
		return;
	}
	if (run.send_cnt == MAX_SENDS)
		fail("too many messages");
	run.send[run.send_cnt].link = link;
	run.send[run.send_cnt].arrival = node->tick + 1 + (cut ? spec.late : 0);
	va_start(args, format);
	vsnprintf(run.send[run.send_cnt++].text, MAX_TEXT, format, args);
	va_end(args);
}

void send_others(struct node *node, const char *text)
{
	for (int to = 0; to < program.nodes; to++)
		if (to != node->id)
			send_to(node, to, "%s", text);
}

void log_line(struct node *node, const char *format, ...)
{
	size_t line = run.logs.cnt++;
	va_list args;

	if (line == MAX_LINES)
		fail("too many lines");
	va_start(args, format);
	vsnprintf(run.text[line], MAX_TEXT, format, args);
	va_end(args);
	run.logs.line[line].node = node->id;
	run.logs.line[line].text = run.text[line];
}

static void hand_over(struct node *node)
{
	for (int from = 0; from < program.nodes; from++)
		for (size_t i = 0; i < run.send_cnt; i++)
			if (run.send[i].arrival == node->tick &&
			    run.send[i].link.from == from && run.send[i].link.to == node->id)
				program.receive(node, from, run.send[i].text);
}

static void begin(const struct set *faults)
{
	static char states[MAX_SUITE_NODES][4096];

	if (program.state_bytes > sizeof(states[0]))
		fail("too much state");
	memset(states, 0, sizeof(states));
	memset(run.held, 0, sizeof(run.held));
	run.faults = faults;
	run.send_cnt = 0;
	run.logs.cnt = 0;
	run.logs.nodes = program.nodes;
	run.logs.silenced = 0;
	for (int i = 0; i < faults->cnt; i++)
		if (is_silence(&faults->v[i]) && !spec.late)
			run.logs.silenced |= 1U << faults->v[i].from;
	for (int id = 0; id < program.nodes; id++)
		run.node[id] = (struct node){.id = id, .state = states[id]};
}

static void act_all(int tick)
{
	for (int id = 0; id < program.nodes; id++) {
		run.node[id].tick = tick;
		hand_over(&run.node[id]);
	}
	for (int id = 0; id < program.nodes; id++)
		program.act(&run.node[id]);
}

static bool breaks(const struct set *faults)
{
	begin(faults);
	for (int tick = 1; tick <= spec.ticks; tick++)
		act_all(tick);
	return spec.judgement->made(&run.logs) && !spec.judgement->kept(&run.logs);
}

static int compare_sets(const void *left, const void *right)
{
	const struct set *x = left, *y = right;

	return x->cnt != y->cnt ? x->cnt - y->cnt
				: memcmp(x->v, y->v, (size_t)x->cnt * sizeof(x->v[0]));
}

static void add_set(struct sets *sets, const struct set *set)
{
	if (sets->cnt == sets->cap) {
		sets->cap = sets->cap ? sets->cap * 2 : 64;
		sets->v = realloc(sets->v, sets->cap * sizeof(*sets->v));
		if (!sets->v)
			fail("out of memory");
	}
	sets->v[sets->cnt++] = *set;
}

static void sort_sets(struct sets *sets)
{
	size_t kept = 0;

	qsort(sets->v, sets->cnt, sizeof(*sets->v), compare_sets);
	for (size_t i = 0; i < sets->cnt; i++)
		if (!i || compare_sets(&sets->v[i], &sets->v[kept - 1]))
			sets->v[kept++] = sets->v[i];
	sets->cnt = kept;
}

/* Does @set hold @fault, or a silence of the same node from earlier on? */
static bool implies(const struct set *set, const struct fault *fault)
{
	for (int i = 0; i < set->cnt; i++) {
		const struct fault *have = &set->v[i];

		if (have->from == fault->from && have->to == fault->to &&
		    (have->tick == fault->tick || (is_silence(have) && have->tick < fault->tick)))
			return true;
	}
	return false;
}

static bool contains_one_of(const struct set *set, const struct sets *broken)
{
	for (size_t i = 0; i < broken->cnt; i++) {
		bool all = true;

		for (int k = 0; k < broken->v[i].cnt && all; k++)
			all = implies(set, &broken->v[i].v[k]);
		if (all)
			return true;
	}
	return false;
}

static void add_child(struct sets *children, const struct set *set, struct fault fault)
{
	struct set child = *set;
	int at = child.cnt++;

	for (; at && memcmp(&child.v[at - 1], &fault, sizeof(fault)) > 0; at--)
		child.v[at] = child.v[at - 1];
	child.v[at] = fault;
	add_set(children, &child);
}

/* One fault more; a loss only of what was sent in the run that has just ended. */
static void add_children(struct sets *children, const struct set *set)
{
	unsigned int silenced = 0;

	for (int i = 0; i < set->cnt; i++)
		if (is_silence(&set->v[i]))
			silenced |= 1U << set->v[i].from;

	for (size_t i = 0; i < run.send_cnt; i++) {
		struct fault link = run.send[i].link;

		if (link.tick >= spec.until || implies(set, &link))
			continue;
		add_child(children, set, link);
		if (spec.transport == TCP)
			add_child(children, set, (struct fault){link.tick, link.to, link.from});
	}
	for (int id = 0; id < program.nodes && __builtin_popcount(silenced) < spec.silences; id++)
		for (int tick = 1; tick <= spec.ticks && !(silenced >> id & 1); tick++)
			add_child(children, set,
				  (struct fault){(uint8_t)tick, (uint8_t)id, NOBODY});
}

static bool same_but_onset(const struct set *x, const struct set *y)
{
	for (int i = 0; i < x->cnt; i++) {
		struct fault fault = x->v[i];
		bool found = false;

		for (int k = 0; k < y->cnt; k++)
			found |= y->v[k].from == fault.from && y->v[k].to == fault.to &&
				 (is_silence(&fault) || y->v[k].tick == fault.tick);
		if (!found)
			return false;
	}
	return x->cnt == y->cnt;
}

/* The onsets of this silence for which @set breaks the promise: FIRST..LAST. */
static void print_onsets(const struct sets *broken, const struct set *set,
			 const struct fault *fault, int words)
{
	int first = MAX_TICKS, last = 0;

	for (size_t i = 0; i < broken->cnt; i++) {
		if (!same_but_onset(&broken->v[i], set))
			continue;
		for (int k = 0; k < set->cnt; k++) {
			const struct fault *other = &broken->v[i].v[k];

			if (!is_silence(other) || other->from != fault->from)
				continue;
			first = other->tick < first ? other->tick : first;
			last = other->tick > last ? other->tick : last;
		}
	}
	printf("%ssilence:%s@%d", words ? " " : "", program.names[fault->from], first);
	if (last > first)
		printf("..%d", last);
}

static void print_loss(const struct fault *fault, int words)
{
	printf("%sloss:%s>%s@%d", words ? " " : "", program.names[fault->from],
	       program.names[fault->to], fault->tick);
}

static void print_set(const struct sets *broken, size_t index)
{
	const struct set *set = &broken->v[index];
	int words = 0;

	for (size_t i = 0; i < index; i++)
		if (same_but_onset(&broken->v[i], set))
			return;
	for (int i = 0; i < set->cnt; i++)
		if (!is_silence(&set->v[i]))
			print_loss(&set->v[i], words++);
	for (int i = 0; i < set->cnt; i++)
		if (is_silence(&set->v[i]))
			print_onsets(broken, set, &set->v[i], words++);
	putchar('\n');
}

static size_t search(void)
{
	struct sets level = {0}, broken = {0};
	size_t runs = 0;

	add_set(&level, &(struct set){0});
	for (int size = 0; size <= spec.size && level.cnt; size++) {
		struct sets children = {0}, found = {0};

		for (size_t i = 0; i < level.cnt; i++) {
			if (contains_one_of(&level.v[i], &broken))
				continue;
			runs++;
			if (breaks(&level.v[i]))
				add_set(&found, &level.v[i]);
			else if (size < spec.size)
				add_children(&children, &level.v[i]);
		}
		for (size_t i = 0; i < found.cnt; i++) {
			print_set(&found, i);
			add_set(&broken, &found.v[i]);
		}
		sort_sets(&children);
		free(found.v);
		free(level.v);
		level = children;
	}
	free(level.v);
	free(broken.v);
	return runs;
}

int main(int argc, char **argv)
{
	if (argc < 4 || argc > 5 ||
	    sscanf(argv[2], "%d/%d/%d", &spec.ticks, &spec.until, &spec.silences) != 3)
		fail("usage: simulate-NAME JUDGEMENT TICKS/UNTIL/SILENCES SIZE [udp|tcp|stream|TICKS]");
	spec.judgement = judgement__find(argv[1]);
	spec.size = atoi(argv[3]);
	if (argc > 4)
		spec.transport = !strcmp(argv[4], "tcp")      ? TCP
				 : !strcmp(argv[4], "stream") ? STREAM
							      : UDP;
	spec.late = argc > 4 ? atoi(argv[4]) : 0;
	if (!spec.judgement || spec.ticks < 1 || spec.ticks >= MAX_TICKS || spec.size > MAX_SIZE)
		fail("no such judgement, or too large");
	fprintf(stderr, "%zu sets run\n", search());
	return 0;
}
