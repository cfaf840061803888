// SPDX-License-Identifier: GPL-2.0-only
#include "report/prov.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "causal/ancestry.h"
#include "model/fault.h"
#include "report/caption.h"
#include "report/relevance.h"
#include "report/timeline.h"
#include "report/wall_clock.h"

#define PARENTS_MAX 8

struct document {
	const struct graph *graph;
	struct relevance relevance;
	struct ancestry *ancestry;
	bool all;
	int64_t offset_ns;
	json_t *entities, *activities, *agents, *generated, *used, *derived, *associated;
};

static bool is_told(const struct document *document, const struct message *message)
{
	return document->all ? message__is_between_nodes(message)
			     : relevance__lists(&document->relevance, message);
}

static char *message_id(char *buf, size_t size, uint32_t id)
{
	snprintf(buf, size, "cutset:m%" PRIu32, id);
	return buf;
}

static json_t *time_of(const struct document *document, uint64_t ts_ns)
{
	char text[48];

	return json_string(
		wall_clock__print(text, sizeof(text), (int64_t)ts_ns + document->offset_ns));
}

static void add_agent(struct document *document, const char *agent, const char *name)
{
	if (!json_object_get(document->agents, agent))
		json_object_set_new(document->agents, agent,
				    json_pack("{s:{s:s, s:s}, s:s}", "prov:type", "$",
					      "prov:SoftwareAgent", "type", "prov:QUALIFIED_NAME",
					      "prov:label", name));
}

/* What @node did in the step: made when it is first needed. */
static char *activity_of(struct document *document, char *buf, size_t size, uint16_t node,
			 uint32_t step)
{
	const char *name = graph__node_name(document->graph, node);
	char agent[96], relation[160], text[32];

	step__print(text, sizeof(text), step);
	snprintf(buf, size, "cutset:%s-in-%s", name, text);
	if (json_object_get(document->activities, buf))
		return buf;
	snprintf(agent, sizeof(agent), "cutset:%s", name);
	add_agent(document, agent, name);
	json_object_set_new(document->activities, buf, json_pack("{s:s}", "cutset:step", text));
	snprintf(relation, sizeof(relation), "_:a%zu", json_object_size(document->associated));
	json_object_set_new(document->associated, relation,
			    json_pack("{s:s, s:s}", "prov:activity", buf, "prov:agent", agent));
	return buf;
}

static void add_entity(struct document *document, const struct message *message)
{
	char id[32], link[160], caption[CAPTION_BYTES], label[sizeof(link) + sizeof(caption)];

	snprintf(label, sizeof(label), "%s %s",
		 caption__link(link, sizeof(link), document->graph, message),
		 caption__of(caption, sizeof(caption), message));
	json_object_set_new(document->entities, message_id(id, sizeof(id), message->id),
			    json_pack("{s:s, s:i, s:b, s:b, s:f}", "prov:label", label,
				      "cutset:bytes", (int)message->len, "cutset:delivered",
				      message->delivered, "cutset:cut", message->cut,
				      "cutset:relevance",
				      (double)document->relevance.of[message->id]));
}

static void add_use(struct document *document, const struct message *message)
{
	char id[32], relation[32], activity[128];

	message_id(id, sizeof(id), message->id);
	snprintf(relation, sizeof(relation), "_:g%" PRIu32, message->id);
	activity_of(document, activity, sizeof(activity), message->src, message->step);
	json_object_set_new(document->generated, relation,
			    json_pack("{s:s, s:s, s:o}", "prov:entity", id, "prov:activity",
				      activity, "prov:time", time_of(document, message->sent_ns)));
	if (!message->received_ns)
		return;
	snprintf(relation, sizeof(relation), "_:u%" PRIu32, message->id);
	activity_of(document, activity, sizeof(activity), message->dst, message->step);
	json_object_set_new(document->used, relation,
			    json_pack("{s:s, s:s, s:o}", "prov:entity", id, "prov:activity",
				      activity, "prov:time",
				      time_of(document, message->received_ns)));
}

static void add_causes(struct document *document, const struct message *message)
{
	struct lineage_member parents[PARENTS_MAX];
	size_t cnt = ancestry__parents(document->ancestry, message->id, parents, PARENTS_MAX);
	char to[32], from[32], relation[64];

	for (size_t i = 0; i < cnt; i++) {
		if (!is_told(document, graph__message(document->graph, parents[i].message)))
			continue;
		snprintf(relation, sizeof(relation), "_:d%" PRIu32 "-%" PRIu32, message->id,
			 parents[i].message);
		json_object_set_new(document->derived, relation,
				    json_pack("{s:s, s:s, s:f}", "prov:generatedEntity",
					      message_id(to, sizeof(to), message->id),
					      "prov:usedEntity",
					      message_id(from, sizeof(from), parents[i].message),
					      "cutset:confidence", (double)parents[i].confidence));
	}
}

static json_t *tell(struct document *document)
{
	json_t *root = json_pack("{s:{s:s}}", "prefix", "cutset", "urn:cutset:");
	const struct {
		const char *name;
		json_t **part;
	} parts[] = {
		{"entity", &document->entities},
		{"activity", &document->activities},
		{"agent", &document->agents},
		{"wasGeneratedBy", &document->generated},
		{"used", &document->used},
		{"wasDerivedFrom", &document->derived},
		{"wasAssociatedWith", &document->associated},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i].part = json_object();
		json_object_set_new(root, parts[i].name, *parts[i].part);
	}
	for (size_t i = 0; i < graph__message_cnt(document->graph); i++) {
		const struct message *message = graph__message(document->graph, i);

		if (!is_told(document, message))
			continue;
		add_entity(document, message);
		add_use(document, message);
		add_causes(document, message);
	}
	return root;
}

static int write_all(struct document *document, FILE *out, struct err *err)
{
	json_t *root = tell(document);
	int bad = json_dumpf(root, out, JSON_INDENT(1) | JSON_ENSURE_ASCII | JSON_SORT_KEYS) ||
		  fputc('\n', out) == EOF || fflush(out);

	json_decref(root);
	return bad ? err__set(err, EXIT_MACHINE, "cannot write the export: %s", strerror(errno))
		   : 0;
}

int prov__write(const struct graph *graph, bool all, FILE *out, struct err *err)
{
	struct document document = {.graph = graph, .all = all};
	struct timeline timeline = {0};
	int ret;

	if (relevance__of(graph, NULL, &document.relevance, err))
		return -1;
	document.ancestry = ancestry__new(graph, NULL);
	if (!document.ancestry || timeline__of(graph, &timeline)) {
		ret = err__set(err, EXIT_MACHINE, "out of memory");
	} else {
		document.offset_ns = wall_clock__offset_ns(graph, timeline.begin_ns);
		ret = write_all(&document, out, err);
	}
	timeline__free(&timeline);
	ancestry__free(document.ancestry);
	relevance__free(&document.relevance);
	return ret;
}
