// SPDX-License-Identifier: GPL-2.0-only
#include "report/perfetto.h"

#include <stdlib.h>

#include "model/fault.h"
#include "report/caption.h"
#include "report/json_list.h"
#include "report/timeline.h"

/* Tracks: process 0 has the phases, each node's process one track for messages, one for the rest.
 */
#define PHASES_PID 0
#define TRACK_MESSAGES 1
#define TRACK_REST 2
#define SLICE_NS 1000 /* a send or receive is drawn so long, or until the next one */

struct tracks {
	const struct graph *graph;
	const struct timeline *timeline;
	struct json_list list;
	uint64_t begin_ns;
	uint64_t *next_ns;	     /* for each moment, when the node's next send or receive is */
	uint64_t free_ns[MAX_NODES]; /* from here on the node's track is empty */
};

static double micros(const struct tracks *tracks, uint64_t ts_ns)
{
	return (double)(ts_ns - tracks->begin_ns) / 1000;
}

static void put_name(struct tracks *tracks, const char *what, int pid, int tid, const char *name)
{
	json_list__add(&tracks->list,
		       json_pack("{s:s, s:s, s:i, s:i, s:{s:s}}", "ph", "M", "name", what, "pid",
				 pid, "tid", tid, "args", "name", name));
}

static void put_names(struct tracks *tracks)
{
	put_name(tracks, "process_name", PHASES_PID, 0, "run");
	for (uint16_t id = 1; id < MAX_NODES; id++) {
		const struct trace_node *node = graph__node(tracks->graph, id);

		if (!node)
			continue;
		put_name(tracks, "process_name", id, TRACK_MESSAGES, node->name);
		put_name(tracks, "thread_name", id, TRACK_MESSAGES, "messages");
		put_name(tracks, "thread_name", id, TRACK_REST, "logs, programs, signals");
	}
}

static void put_phases(struct tracks *tracks)
{
	static const char *const names[] = {
		[PHASE_IDLE] = "idle",	   [PHASE_WORKLOAD] = "workload", [PHASE_HOLD] = "hold",
		[PHASE_SETTLE] = "settle", [PHASE_CHECK] = "check",
	};

	for (int phase = PHASE_IDLE; phase < PHASE_END; phase++) {
		struct graph_phase span = graph__phase(tracks->graph, phase);

		if (!span.begin_ns || span.end_ns < span.begin_ns)
			continue;
		json_list__add(&tracks->list,
			       json_pack("{s:s, s:s, s:s, s:i, s:i, s:f, s:f}", "ph", "X", "name",
					 names[phase], "cat", "phase", "pid", PHASES_PID, "tid", 0,
					 "ts", micros(tracks, span.begin_ns), "dur",
					 (double)(span.end_ns - span.begin_ns) / 1000));
	}
}

static json_t *args_of(const struct tracks *tracks, const struct message *message)
{
	char link[160], step[32];

	return json_pack("{s:s, s:s, s:I, s:b, s:b, s:i}", "link",
			 caption__link(link, sizeof(link), tracks->graph, message), "step",
			 step__print(step, sizeof(step), message->step), "bytes",
			 (json_int_t)message->len, "delivered", message->delivered, "cut",
			 message->cut, "message", (int)message->id);
}

/* Slices of one track must not overlap: one that is under way is over when the next begins. */
static void put_message(struct tracks *tracks, const struct moment *moment, uint64_t next_ns)
{
	const struct message *message = graph__message(tracks->graph, moment->index);
	bool sent = moment->kind == MOMENT_SENT;
	uint64_t begin = moment->ts_ns, span = SLICE_NS;
	char caption[CAPTION_BYTES];

	if (begin < tracks->free_ns[moment->node])
		begin = tracks->free_ns[moment->node];
	if (next_ns < begin + span)
		span = next_ns > begin ? next_ns - begin : 1;
	tracks->free_ns[moment->node] = begin + span;
	json_list__add(&tracks->list,
		       json_pack("{s:s, s:s, s:s, s:i, s:i, s:f, s:f, s:o}", "ph", "X", "name",
				 caption__of(caption, sizeof(caption), message), "cat",
				 sent ? "send" : "receive", "pid", moment->node, "tid",
				 TRACK_MESSAGES, "ts", micros(tracks, begin), "dur",
				 (double)span / 1000, "args", args_of(tracks, message)));
	if (!message->received_ns)
		return;
	json_list__add(&tracks->list,
		       json_pack("{s:s, s:s, s:s, s:s*, s:i, s:i, s:i, s:f}", "ph",
				 sent ? "s" : "f", "name", "message", "cat", "message", "bp",
				 sent ? NULL : "e", "id", (int)message->id, "pid", moment->node,
				 "tid", TRACK_MESSAGES, "ts", micros(tracks, begin)));
}

static void put_happening(struct tracks *tracks, const struct moment *moment)
{
	char caption[160];

	happening__caption(caption, sizeof(caption), tracks->graph,
			   &graph__happenings(tracks->graph)->v[moment->index]);
	json_list__add(&tracks->list,
		       json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:f}", "ph", "i", "s", "t", "name",
				 caption, "cat", "happening", "pid", moment->node, "tid",
				 TRACK_REST, "ts", micros(tracks, moment->ts_ns)));
}

static void note_next(struct tracks *tracks)
{
	uint64_t next[MAX_NODES];

	for (int id = 0; id < MAX_NODES; id++)
		next[id] = UINT64_MAX;
	for (size_t i = tracks->timeline->cnt; i > 0; i--) {
		const struct moment *moment = &tracks->timeline->v[i - 1];

		tracks->next_ns[i - 1] = next[moment->node];
		if (moment->kind != MOMENT_HAPPENED)
			next[moment->node] = moment->ts_ns;
	}
}

static void put_all(struct tracks *tracks, FILE *out)
{
	note_next(tracks);
	json_list__begin(&tracks->list, out, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
	put_names(tracks);
	put_phases(tracks);
	for (size_t i = 0; i < tracks->timeline->cnt; i++)
		if (tracks->timeline->v[i].kind == MOMENT_HAPPENED)
			put_happening(tracks, &tracks->timeline->v[i]);
		else
			put_message(tracks, &tracks->timeline->v[i], tracks->next_ns[i]);
	json_list__end(&tracks->list, "]}\n");
}

int perfetto__write(const struct graph *graph, FILE *out, struct err *err)
{
	struct tracks tracks = {.graph = graph};
	struct timeline timeline;
	int ret;

	if (timeline__of(graph, &timeline))
		return err__set(err, EXIT_MACHINE, "out of memory");
	tracks.timeline = &timeline;
	tracks.begin_ns = timeline.begin_ns;
	tracks.next_ns = calloc(timeline.cnt + 1, sizeof(*tracks.next_ns));
	if (tracks.next_ns)
		put_all(&tracks, out);
	ret = tracks.next_ns ? json_list__finish(&tracks.list, err)
			     : err__set(err, EXIT_MACHINE, "out of memory");
	free(tracks.next_ns);
	timeline__free(&timeline);
	return ret;
}
