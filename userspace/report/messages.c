// SPDX-License-Identifier: GPL-2.0-only
#include "report/messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "causal/intern.h"
#include "model/fault.h"
#include "report/caption.h"

#define MESSAGES_MAX 20000 /* of a run; what came after is not listed */

/* Texts that are told once and named by their number. */
struct pool {
	json_t *list;
	struct intern numbers;
};

struct tables {
	struct pool nodes, texts, steps;
	bool failed;
};

static int number_of(struct tables *tables, struct pool *pool, const char *text)
{
	uint32_t *slot = intern__slot(&pool->numbers, hash_bytes(0, text, strlen(text)));

	if (!slot) {
		tables->failed = true;
		return 0;
	}
	if (*slot == NONE) {
		*slot = (uint32_t)json_array_size(pool->list);
		json_array_append_new(pool->list, json_string(text));
	}
	return (int)*slot;
}

static double micros_from(const struct scene *scene, uint64_t ts_ns)
{
	return ((double)ts_ns - (double)scene->begin_ns) / NSEC_PER_USEC;
}

static json_t *message_json(struct tables *tables, const struct scene *scene,
			    const struct message *message)
{
	const struct graph *graph = scene->account->graph;
	char caption[CAPTION_BYTES], step[32];
	json_int_t took = -1;

	if (message->received_ns)
		took = (json_int_t)((message->received_ns - message->sent_ns) / NSEC_PER_USEC);
	return json_pack(
		"[I, I, i, i, i, i, i, i, i]", (json_int_t)micros_from(scene, message->sent_ns),
		took, number_of(tables, &tables->nodes, graph__node_name(graph, message->src)),
		number_of(tables, &tables->nodes, graph__node_name(graph, message->dst)),
		message->server_port,
		number_of(tables, &tables->texts, caption__of(caption, sizeof(caption), message)),
		number_of(tables, &tables->steps, step__print(step, sizeof(step), message->step)),
		message->delivered | message->cut << 1,
		(int)(100 * scene->account->relevance.of[message->id] + 0.5f));
}

static json_t *run_json(struct tables *tables, const struct scene *scene, unsigned int run)
{
	const struct graph *graph = scene->account->graph;
	json_t *list = json_array();
	size_t between = 0;

	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);

		if (!message__is_between_nodes(message))
			continue;
		if (between++ < MESSAGES_MAX)
			json_array_append_new(list, message_json(tables, scene, message));
	}
	return json_pack("{s:i, s:I, s:o}", "run", (int)run, "cnt", (json_int_t)between, "messages",
			 list);
}

/* No text may end the script element, or begin a comment in it. */
static void put_text(const char *text, FILE *out)
{
	for (; *text; text++)
		if (*text == '<')
			fputs("\\u003c", out);
		else
			fputc(*text, out);
}

int messages__put(const struct scene *const *scenes, const unsigned int *runs, size_t cnt,
		  FILE *out)
{
	struct tables tables = {{json_array()}, {json_array()}, {json_array()}};
	json_t *list = json_array(), *root;
	char *text;

	for (size_t i = 0; i < cnt; i++)
		json_array_append_new(list, run_json(&tables, scenes[i], runs[i]));
	root = json_pack("{s:o, s:o, s:o, s:o}", "nodes", tables.nodes.list, "texts",
			 tables.texts.list, "steps", tables.steps.list, "runs", list);
	text = json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (text) {
		fputs("<script type=\"application/json\" id=\"data\">", out);
		put_text(text, out);
		fputs("</script>\n", out);
	}
	intern__free(&tables.nodes.numbers);
	intern__free(&tables.texts.numbers);
	intern__free(&tables.steps.numbers);
	json_decref(root);
	free(text);
	return text && !tables.failed ? 0 : -1;
}
