// SPDX-License-Identifier: GPL-2.0-only
#include "report/scene.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "causal/key.h"

#define DRAWN 0.5f /* confidence from which the outcome is drawn to rest on a message */
#define DRAWN_MAX 160
#define CUTS_MAX 8 /* links of which a cut message is drawn that nothing else asks for */
#define BURST_NS (20 * NSEC_PER_MSEC) /* log lines of a node so close together are one */
#define LOGS_MAX 48
#define LETTERS_LEAST 2 /* less is a number, a dot: no line for people */

/* Of what looks alike in a phase: the first and the last, which stands for those between. */
struct repeat {
	uint32_t last, cnt;
};

static uint64_t kind_of(const struct graph *graph, const struct message *message)
{
	return hash_u64(align__look(graph, message), align__phase(message));
}

static bool matters(const struct scene *scene, const struct message *message)
{
	return message__is_between_nodes(message) && message->class == MSG_DATA &&
	       scene->account->relevance.of[message->id] >= DRAWN;
}

static int choose_messages(struct scene *scene, struct repeat *repeats)
{
	const struct graph *graph = scene->account->graph;
	uint32_t kinds = 0;

	for (uint32_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);
		struct repeat *repeat;
		uint32_t *slot;

		if (!matters(scene, message))
			continue;
		slot = intern__slot(&scene->kinds, kind_of(graph, message));
		if (!slot)
			return -1;
		if (*slot == NONE)
			*slot = kinds++;
		repeat = &repeats[*slot];
		if (repeat->cnt++ > 1)
			scene->times[repeat->last] = 0;
		repeat->last = i;
		scene->times[i] = repeat->cnt > 1 ? repeat->cnt - 1 : 1;
	}
	return 0;
}

static int by_relevance(const void *a, const void *b)
{
	const float *x = a, *y = b;

	return *x > *y ? -1 : *x < *y;
}

/* A picture of thousands of arrows shows nothing: the surest are drawn, of equal ones the latest.
 */
static int thin_out(struct scene *scene)
{
	size_t messages = graph__message_cnt(scene->account->graph), cnt = 0;
	const float *of = scene->account->relevance.of;
	float *drawn = malloc((messages + 1) * sizeof(*drawn)), least;

	if (!drawn)
		return -1;
	for (size_t i = 0; i < messages; i++)
		if (scene->times[i])
			drawn[cnt++] = of[i];
	if (cnt > DRAWN_MAX) {
		qsort(drawn, cnt, sizeof(*drawn), by_relevance);
		least = drawn[DRAWN_MAX - 1];
		cnt = 0;
		for (size_t i = messages; i > 0; i--)
			if (scene->times[i - 1] && (of[i - 1] < least || ++cnt > DRAWN_MAX))
				scene->times[i - 1] = 0;
	}
	free(drawn);
	return 0;
}

/* The first cut message of a link stands for all of them. */
static void choose_cuts(struct scene *scene)
{
	const struct graph *graph = scene->account->graph;
	uint32_t first[CUTS_MAX];
	size_t cnt = 0, k;

	for (uint32_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);

		if (!message->cut || message->delivered || scene->times[i] ||
		    !message__is_between_nodes(message))
			continue;
		for (k = 0; k < cnt; k++)
			if (graph__message(graph, first[k])->src == message->src &&
			    graph__message(graph, first[k])->dst == message->dst)
				break;
		if (k == CUTS_MAX)
			continue;
		if (k == cnt)
			first[cnt++] = i;
		scene->times[first[k]]++;
	}
}

static bool is_client(const struct graph *graph, uint16_t id)
{
	const struct trace_node *node = graph__node(graph, id);

	return node && node->client;
}

static uint64_t log_kind(const struct graph *graph, const struct happening *happening)
{
	char text[160];

	scene__log_text(text, sizeof(text), graph, happening);
	return hash_u64(key__skeleton((const uint8_t *)text, strlen(text)), happening->node);
}

static bool is_for_people(const struct graph *graph, const struct happening *event)
{
	const char *text = graph__happenings(graph)->texts + event->text;
	size_t letters = 0;

	if (event->step == NOW_IDLE && graph__phase(graph, PHASE_WORKLOAD).begin_ns)
		return false; /* before it all began */
	for (size_t i = 0; i < event->text_len && letters < LETTERS_LEAST; i++)
		letters += isalpha((unsigned char)text[i]) != 0;
	return letters >= LETTERS_LEAST;
}

/* Of a client, which asks again and again, what it says first and last; of others bursts. */
static int choose_logs(struct scene *scene)
{
	const struct graph *graph = scene->account->graph;
	const struct happenings *events = graph__happenings(graph);
	uint32_t open[MAX_NODES] = {0}; /* of each node: its burst, index + 1 */
	struct intern said = {0};

	for (uint32_t i = 0; i < events->cnt; i++) {
		const struct happening *event = &events->v[i];
		uint32_t *slot, burst = open[event->node];

		if (event->kind != EV_LOG || !is_for_people(graph, event) ||
		    !graph__node(graph, event->node))
			continue;
		if (burst && event->ts_ns - events->v[burst - 1].ts_ns < BURST_NS) {
			scene->lines[burst - 1]++;
			continue;
		}
		slot = intern__slot(&said, log_kind(graph, event));
		if (!slot) {
			intern__free(&said);
			return -1;
		}
		if (*slot != NONE && is_client(graph, event->node))
			scene->lines[*slot] = 0;
		*slot = i;
		scene->lines[i] = 1;
		open[event->node] = i + 1;
	}
	intern__free(&said);
	return 0;
}

int scene__choose(struct scene *scene, const struct account *account)
{
	size_t messages = graph__message_cnt(account->graph);
	struct repeat *repeats = calloc(messages + 1, sizeof(*repeats));
	int bad;

	*scene = (struct scene){.account = account};
	scene->times = calloc(messages + 1, sizeof(*scene->times));
	scene->lines = calloc(graph__happenings(account->graph)->cnt + 1, sizeof(*scene->lines));
	bad = !repeats || !scene->times || !scene->lines || choose_messages(scene, repeats) ||
	      thin_out(scene) || choose_logs(scene);
	free(repeats);
	return bad ? -1 : 0;
}

void scene__force(struct scene *scene, uint32_t message)
{
	if (!scene->times[message])
		scene->times[message] = 1;
}

/* Is there another like it already? */
static bool has_kind(const struct scene *scene, uint32_t message)
{
	const struct graph *graph = scene->account->graph;

	return intern__get(&scene->kinds, kind_of(graph, graph__message(graph, message))) != NONE;
}

void scene__join(struct scene *scene, const uint32_t *mate, struct scene *other)
{
	for (size_t i = 0; i < graph__message_cnt(scene->account->graph); i++) {
		if (mate[i] == ALIGN_NONE)
			continue;
		if (scene->times[i] && !has_kind(other, mate[i]))
			scene__force(other, mate[i]);
		else if (other->times[mate[i]] && !has_kind(scene, (uint32_t)i))
			scene__force(scene, (uint32_t)i);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct scene_event *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	return x->index < y->index ? -1 : x->index > y->index;
}

static void add(struct scene *scene, struct scene_event event)
{
	scene->v[scene->cnt++] = event;
	scene->nodes |= 1ULL << event.node;
}

static void add_message(struct scene *scene, const struct message *message)
{
	add(scene, (struct scene_event){message->sent_ns, message->id, message->step, message->src,
					SCENE_SENT});
	scene->nodes |= 1ULL << message->dst;
	if (message->received_ns)
		add(scene, (struct scene_event){message->received_ns, message->id, message->step,
						message->dst, SCENE_RECEIVED});
}

static void add_logs(struct scene *scene)
{
	const struct happenings *events = graph__happenings(scene->account->graph);
	size_t cnt = 0;

	for (uint32_t i = 0; i < events->cnt && cnt < LOGS_MAX; i++) {
		const struct happening *event = &events->v[i];

		if (!scene->lines[i])
			continue;
		add(scene,
		    (struct scene_event){event->ts_ns, i, event->step, event->node, SCENE_LOG});
		cnt++;
	}
}

int scene__order(struct scene *scene)
{
	const struct graph *graph = scene->account->graph;
	size_t messages = graph__message_cnt(graph);

	choose_cuts(scene);
	scene->v = calloc(2 * messages + LOGS_MAX + 1, sizeof(*scene->v));
	if (!scene->v)
		return -1;
	for (uint32_t i = 0; i < messages; i++)
		if (scene->times[i])
			add_message(scene, graph__message(graph, i));
	add_logs(scene);
	if (scene->cnt)
		qsort(scene->v, scene->cnt, sizeof(*scene->v), by_time);
	scene->begin_ns = graph__phase(graph, PHASE_WORKLOAD).begin_ns;
	if (scene->cnt && (!scene->begin_ns || scene->v[0].ts_ns < scene->begin_ns))
		scene->begin_ns = scene->v[0].ts_ns;
	return 0;
}

void scene__free(struct scene *scene)
{
	free(scene->v);
	free(scene->times);
	free(scene->lines);
	intern__free(&scene->kinds);
	memset(scene, 0, sizeof(*scene));
}

#define HEAD_BYTES 56 /* a time of day begins within that many, if it stands before the text */

static bool is_clock(const char *text, size_t len)
{
	return len >= 8 && isdigit(text[0]) && isdigit(text[1]) && text[2] == ':' &&
	       isdigit(text[3]) && isdigit(text[4]) && text[5] == ':' && isdigit(text[6]) &&
	       isdigit(text[7]);
}

/* "18084:X 27 Nov 2026 06:41:20.139 # +sdown" begins at "+sdown". */
static size_t begin_of(const char *text, size_t len)
{
	for (size_t i = 0; i + 8 < len && i < HEAD_BYTES; i++) {
		if (!is_clock(text + i, len - i))
			continue;
		while (i < len && !isspace((unsigned char)text[i]))
			i++;
		while (i < len && !isalnum((unsigned char)text[i]) && text[i] != '+' &&
		       text[i] != '"' && text[i] != '{' && text[i] != '(')
			i++;
		return i < len ? i : 0;
	}
	return 0;
}

char *scene__log_text(char *buf, size_t size, const struct graph *graph,
		      const struct happening *happening)
{
	const char *text = graph__happenings(graph)->texts + happening->text;
	size_t len = happening->text_len, i = begin_of(text, len), at = 0;

	for (; i < len && at + 1 < size && (text[i] != '\n' || !at); i++)
		if (!isspace((unsigned char)text[i]) || (at && buf[at - 1] != ' '))
			buf[at++] = isspace((unsigned char)text[i]) ? ' ' : text[i];
	buf[at] = '\0';
	return buf;
}
