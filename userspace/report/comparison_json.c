// SPDX-License-Identifier: GPL-2.0-only
#include "report/comparison_json.h"

#include "base/json_text.h"
#include "report/caption.h"

/* The keys by which a message is told. NULL: memory. */
static json_t *message_json(const struct graph *graph, uint32_t id)
{
	const struct message *message = graph__message(graph, id);
	char caption[CAPTION_BYTES], step[32];

	return json_pack("{s:i, s:o, s:o, s:i, s:s, s:o}", "id", (int)id, "from",
			 json_text(graph__node_name(graph, message->src)), "to",
			 json_text(graph__node_name(graph, message->dst)), "port",
			 (int)message->server_port, "step",
			 step__print(step, sizeof(step), message->step), "label",
			 json_text(caption__of(caption, sizeof(caption), message)));
}

static const char *fate_of(const struct comparison *comparison, size_t item)
{
	if (comparison->frontier.v[item].bad == ALIGN_NONE)
		return "never sent";
	return comparison__is_cut(comparison, item) ? "cut" : "not seen to arrive";
}

static json_t *frontier_json(const struct comparison *comparison)
{
	const struct graph *good = comparison->good.account.graph;
	json_t *list = json_array();

	for (size_t i = 0; i < comparison->frontier.cnt; i++) {
		json_t *item = message_json(good, comparison->frontier.v[i].good);

		json_object_set_new(item, "fate", json_string(fate_of(comparison, i)));
		json_object_set_new(item, "good_runs",
				    json_pack("[i, i]", (int)comparison->present[i],
					      (int)comparison->good_runs));
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *repeats_json(const struct comparison *comparison)
{
	const struct graph *bad = comparison->bad.account.graph;
	json_t *list = json_array();

	for (size_t i = 0; i < comparison->repeats.cnt; i++) {
		const struct repeat *repeat = &comparison->repeats.v[i];
		json_t *item = message_json(bad, repeat->first);

		json_object_set_new(item, "sent", json_integer(repeat->bad));
		json_object_set_new(item, "arrived", json_integer(repeat->arrived));
		json_object_set_new(item, "most_in_a_good_run", json_integer(repeat->most));
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *run_json(const struct side_of_page *side)
{
	return side->run ? json_integer(side->run->number) : json_null();
}

json_t *comparison__to_json(const struct comparison *comparison)
{
	return json_pack("{s:o, s:o, s:o, s:i, s:o}", "broken", run_json(&comparison->bad), "kept",
			 run_json(&comparison->good), "frontier", frontier_json(comparison), "missing",
			 (int)comparison->frontier.missing, "more_often", repeats_json(comparison));
}
