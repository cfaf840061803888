// SPDX-License-Identifier: GPL-2.0-only
#include "report/otlp.h"

#include <inttypes.h>

#include "causal/ancestry.h"
#include "model/fault.h"
#include "report/caption.h"
#include "report/json_list.h"
#include "report/relevance.h"
#include "report/timeline.h"
#include "report/wall_clock.h"

#define PARENTS_MAX 8
#define KIND_PRODUCER 4
#define STATUS_ERROR 2

struct spans {
	const struct graph *graph;
	struct ancestry *ancestry;
	uint64_t run; /* the first half of the run's trace numbers */
	int64_t offset_ns;
	struct json_list list;
};

/* Traces of two runs must not be one: they began at different times. */
static uint64_t number_of_run(uint64_t begin_ns, int64_t offset_ns)
{
	uint64_t unix_ns = begin_ns + (uint64_t)offset_ns;

	return (unix_ns ^ begin_ns << 20) | 1;
}

static json_t *text_attribute(const char *key, const char *text)
{
	return json_pack("{s:s, s:{s:s}}", "key", key, "value", "stringValue", text);
}

static json_t *bool_attribute(const char *key, bool value)
{
	return json_pack("{s:s, s:{s:b}}", "key", key, "value", "boolValue", value);
}

/* 64-bit numbers are texts in OTLP JSON. */
static json_t *number_attribute(const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return json_pack("{s:s, s:{s:s}}", "key", key, "value", "intValue", text);
}

static json_t *attributes_of(const struct spans *spans, const struct message *message)
{
	char link[160], step[32];
	json_t *list = json_array();

	json_array_append_new(
		list, text_attribute("cutset.link",
				     caption__link(link, sizeof(link), spans->graph, message)));
	json_array_append_new(list, text_attribute("cutset.step",
						   step__print(step, sizeof(step), message->step)));
	json_array_append_new(list, number_attribute("cutset.bytes", message->len));
	json_array_append_new(list, bool_attribute("cutset.delivered", message->delivered));
	json_array_append_new(list, bool_attribute("cutset.cut", message->cut));
	json_array_append_new(list,
			      text_attribute("network.transport", carrier__name(message->carrier)));
	return list;
}

static void set_ids(json_t *object, const struct spans *spans, const struct message *message)
{
	char trace[33], span[17];

	snprintf(trace, sizeof(trace), "%016" PRIx64 "%016" PRIx64, spans->run,
		 (uint64_t)message->step + 1);
	snprintf(span, sizeof(span), "%016" PRIx64, (uint64_t)message->id + 1);
	json_object_set_new(object, "traceId", json_string(trace));
	json_object_set_new(object, "spanId", json_string(span));
}

static json_t *link_to(const struct spans *spans, const struct lineage_member *parent)
{
	json_t *link = json_object();

	set_ids(link, spans, graph__message(spans->graph, parent->message));
	json_object_set_new(link, "attributes",
			    json_pack("[{s:s, s:{s:f}}]", "key", "cutset.confidence", "value",
				      "doubleValue", (double)parent->confidence));
	return link;
}

static void set_causes(json_t *span, const struct spans *spans, const struct message *message)
{
	struct lineage_member parents[PARENTS_MAX];
	size_t cnt = ancestry__parents(spans->ancestry, message->id, parents, PARENTS_MAX);
	json_t *links = json_array();
	char text[17];

	for (size_t i = 0; i < cnt; i++) {
		const struct message *parent = graph__message(spans->graph, parents[i].message);

		if (!message__is_between_nodes(parent))
			continue;
		if (parent->step != message->step || json_object_get(span, "parentSpanId")) {
			json_array_append_new(links, link_to(spans, &parents[i]));
			continue;
		}
		snprintf(text, sizeof(text), "%016" PRIx64, (uint64_t)parent->id + 1);
		json_object_set_new(span, "parentSpanId", json_string(text));
	}
	json_object_set_new(span, "links", links);
}

static void set_time(json_t *span, const char *name, const struct spans *spans, uint64_t ts_ns)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, (int64_t)ts_ns + spans->offset_ns);
	json_object_set_new(span, name, json_string(text));
}

static json_t *span_of(const struct spans *spans, const struct message *message)
{
	char caption[CAPTION_BYTES];
	json_t *span =
		json_pack("{s:s, s:i, s:o}", "name", caption__of(caption, sizeof(caption), message),
			  "kind", KIND_PRODUCER, "attributes", attributes_of(spans, message));

	if (!span)
		return NULL;
	set_ids(span, spans, message);
	set_time(span, "startTimeUnixNano", spans, message->sent_ns);
	set_time(span, "endTimeUnixNano", spans,
		 message->received_ns ? message->received_ns : message->sent_ns);
	set_causes(span, spans, message);
	if (!message->delivered)
		json_object_set_new(span, "status",
				    json_pack("{s:i, s:s}", "code", STATUS_ERROR, "message",
					      message->cut ? "cut" : "not seen to arrive"));
	return span;
}

static void put_node(struct spans *spans, uint16_t id, FILE *out)
{
	json_list__begin(&spans->list, out,
			 "\"scopeSpans\":[{\"scope\":{\"name\":\"cutset\"},\"spans\":[");
	for (size_t i = 0; i < graph__message_cnt(spans->graph); i++) {
		const struct message *message = graph__message(spans->graph, i);

		if (message->src == id && message__is_between_nodes(message))
			json_list__add(&spans->list, span_of(spans, message));
	}
	json_list__end(&spans->list, "]}]}");
}

static void put_all(struct spans *spans, FILE *out)
{
	const char *comma = "";

	fputs("{\"resourceSpans\":[", out);
	for (uint16_t id = 1; id < MAX_NODES; id++) {
		if (!graph__node(spans->graph, id))
			continue;
		/* names of nodes need no escapes */
		fprintf(out,
			"%s\n{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":"
			"{\"stringValue\":\"%s\"}}]},",
			comma, graph__node_name(spans->graph, id));
		put_node(spans, id, out);
		comma = ",";
	}
	fputs("\n]}\n", out);
}

int otlp__write(const struct graph *graph, FILE *out, struct err *err)
{
	struct spans spans = {.graph = graph, .list.out = out};
	struct timeline timeline;

	if (timeline__of(graph, &timeline))
		return err__set(err, EXIT_MACHINE, "out of memory");
	spans.offset_ns = wall_clock__offset_ns(graph, timeline.begin_ns);
	spans.run = number_of_run(timeline.begin_ns, spans.offset_ns);
	timeline__free(&timeline);
	spans.ancestry = ancestry__new(graph, NULL);
	if (!spans.ancestry)
		return err__set(err, EXIT_MACHINE, "out of memory");
	put_all(&spans, out);
	ancestry__free(spans.ancestry);
	return json_list__finish(&spans.list, err);
}
