// SPDX-License-Identifier: GPL-2.0-only
#include "report/dot.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "causal/ancestry.h"
#include "model/fault.h"
#include "report/caption.h"
#include "report/relevance.h"

#define PARENTS_MAX 4 /* of a message; more say nothing to an eye */
#define SURE 0.3f

struct drawing {
	const struct graph *graph;
	struct relevance relevance;
	struct ancestry *ancestry;
	bool all;
	FILE *out;
};

static bool is_drawn(const struct drawing *drawing, const struct message *message)
{
	return drawing->all ? message__is_between_nodes(message)
			    : relevance__lists(&drawing->relevance, message);
}

/* Between quotes; captions are printable ASCII. */
static void put_quoted(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void put_message(const struct drawing *drawing, const struct message *message)
{
	char link[160], caption[CAPTION_BYTES], step[32];
	float of = drawing->relevance.of[message->id];

	fprintf(drawing->out, "\tm%" PRIu32 " [label=\"", message->id);
	put_quoted(caption__link(link, sizeof(link), drawing->graph, message), drawing->out);
	fputs("\\n", drawing->out);
	put_quoted(caption__of(caption, sizeof(caption), message), drawing->out);
	fprintf(drawing->out, "\\n%s%s\"%s%s];\n", step__print(step, sizeof(step), message->step),
		message->delivered ? ""
		: message->cut	   ? ", cut"
				   : ", not seen to arrive",
		message->delivered ? "" : ", style=dashed", of >= SURE ? ", penwidth=2" : "");
}

static void put_parents(const struct drawing *drawing, const struct message *message)
{
	struct lineage_member parents[PARENTS_MAX];
	size_t cnt = ancestry__parents(drawing->ancestry, message->id, parents, PARENTS_MAX);

	for (size_t i = 0; i < cnt; i++)
		if (is_drawn(drawing, graph__message(drawing->graph, parents[i].message)))
			fprintf(drawing->out,
				"\tm%" PRIu32 " -> m%" PRIu32 " [label=\"%.2f\"%s];\n",
				parents[i].message, message->id, parents[i].confidence,
				parents[i].confidence >= SURE ? "" : ", style=dotted");
}

static void draw(const struct drawing *drawing)
{
	size_t cnt = graph__message_cnt(drawing->graph);

	fputs("digraph run {\n\tnode [shape=box, fontname=\"sans-serif\", fontsize=10];\n"
	      "\tedge [fontname=\"sans-serif\", fontsize=8];\n",
	      drawing->out);
	for (size_t i = 0; i < cnt; i++)
		if (is_drawn(drawing, graph__message(drawing->graph, i)))
			put_message(drawing, graph__message(drawing->graph, i));
	for (size_t i = 0; i < cnt; i++)
		if (is_drawn(drawing, graph__message(drawing->graph, i)))
			put_parents(drawing, graph__message(drawing->graph, i));
	fputs("}\n", drawing->out);
}

int dot__write(const struct graph *graph, bool all, FILE *out, struct err *err)
{
	struct drawing drawing = {.graph = graph, .all = all, .out = out};

	if (relevance__of(graph, NULL, &drawing.relevance, err))
		return -1;
	drawing.ancestry = ancestry__new(graph, NULL);
	if (drawing.ancestry)
		draw(&drawing);
	relevance__free(&drawing.relevance);
	if (!drawing.ancestry)
		return err__set(err, EXIT_MACHINE, "out of memory");
	ancestry__free(drawing.ancestry);
	if (fflush(out) || ferror(out))
		return err__set(err, EXIT_MACHINE, "cannot write the export: %s", strerror(errno));
	return 0;
}
