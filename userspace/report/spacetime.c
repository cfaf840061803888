// SPDX-License-Identifier: GPL-2.0-only
#include "report/spacetime.h"

#include <inttypes.h>
#include <string.h>

#include "report/caption.h"
#include "report/markup.h"

#define LEFT 78 /* for times and steps */
#define COLUMN_LEAST 86
#define COLUMN_MOST 170
#define WIDTH 690 /* that columns make use of, as far as they go */
#define RIGHT 14
#define TOP 34 /* for the nodes' names */
#define BOTTOM 30
#define CHARACTER 6.1		      /* a label's letters are about so wide */
#define CUT_AT 0.42		      /* of its way a cut message is drawn */
#define SPOKEN_NS (5 * NSEC_PER_MSEC) /* times are printed no closer than that */
#define SURE 0.5f
#define CAPTION_SHOWN 38 /* bytes; the whole is in the title */
#define LOG_SHOWN 46
#define ELLIPSIS "\xe2\x80\xa6"
#define TIMES "\xc3\x97"

static int column_width(const struct panel *panel)
{
	int cnt = __builtin_popcountll(panel->columns);
	int width = cnt ? (WIDTH - LEFT - RIGHT) / cnt : COLUMN_LEAST;

	return width < COLUMN_LEAST ? COLUMN_LEAST : width > COLUMN_MOST ? COLUMN_MOST : width;
}

/* Clients stand at the left, where everything begins. */
static uint64_t clients_of(const struct panel *panel)
{
	uint64_t clients = 0;

	for (uint16_t id = 1; id < MAX_NODES; id++) {
		const struct trace_node *node = graph__node(panel->scene->account->graph, id);

		if (node && node->client)
			clients |= 1ULL << id;
	}
	return clients & panel->columns;
}

static int column_x(const struct panel *panel, uint16_t node)
{
	uint64_t clients = clients_of(panel), lower = (1ULL << node) - 1;
	bool is_client = clients >> node & 1;
	int before = __builtin_popcountll(is_client ? clients & lower
						    : panel->columns & ~clients & lower);

	if (!is_client)
		before += __builtin_popcountll(clients);
	return LEFT + column_width(panel) / 2 + before * column_width(panel);
}

static int width_of(const struct panel *panel)
{
	return LEFT + column_width(panel) * __builtin_popcountll(panel->columns) + RIGHT;
}

static int bottom_of(const struct panel *panel)
{
	return TOP + panel->height + LAYOUT_ROW;
}

static int y_of(const struct panel *panel, size_t event)
{
	return TOP + panel->places[event].y;
}

char *spacetime__span(char *buf, size_t size, double ns)
{
	if (ns < 100 * (double)NSEC_PER_MSEC && ns > -100 * (double)NSEC_PER_MSEC)
		snprintf(buf, size, "%.1f ms", ns / NSEC_PER_MSEC);
	else if (ns < (double)NSEC_PER_SEC && ns > -(double)NSEC_PER_SEC)
		snprintf(buf, size, "%.0f ms", ns / NSEC_PER_MSEC);
	else
		snprintf(buf, size, "%.2f s", ns / NSEC_PER_SEC);
	return buf;
}

void spacetime__put_marks(FILE *out)
{
	fputs("<svg class=\"marks\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\n", out);
	for (int sure = 0; sure < 2; sure++)
		fprintf(out,
			"<marker id=\"head%d\" class=\"head%d\" viewBox=\"0 0 8 8\" refX=\"7\" "
			"refY=\"4\" "
			"markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" "
			"orient=\"auto\"><path d=\"M0 .8L7.5 4L0 7.2Z\"/></marker>\n",
			sure, sure);
	fputs("</defs></svg>\n", out);
}

static const char *name_of(const struct panel *panel, uint16_t node)
{
	const struct trace_node *known = graph__node(panel->scene->account->graph, node);

	return known ? known->title : graph__node_name(panel->scene->account->graph, node);
}

static void put_heads(const struct panel *panel, int y, FILE *out)
{
	for (uint16_t id = 1; id < MAX_NODES; id++) {
		if (!(panel->columns >> id & 1))
			continue;
		fprintf(out, "<text class=\"head\" x=\"%d\" y=\"%d\">", column_x(panel, id), y);
		markup__put(out, name_of(panel, id));
		fputs("</text>", out);
	}
	fputc('\n', out);
}

static void put_lives(const struct panel *panel, FILE *out)
{
	for (uint16_t id = 1; id < MAX_NODES; id++)
		if (panel->columns >> id & 1)
			fprintf(out, "<path class=\"life\" d=\"M%d %dV%d\"/>", column_x(panel, id),
				TOP - 6, bottom_of(panel));
	fputc('\n', out);
}

/* A label from a node outwards: to the right, or where that leaves the picture to the left. */
static void put_label(const struct panel *panel, const char *class, int x, int y, bool rightwards,
		      const char *text, FILE *out)
{
	double width = (double)strlen(text) * CHARACTER;

	if (rightwards && x + 6 + width > width_of(panel))
		rightwards = x - 6 - width < 0;
	else if (!rightwards && x - 6 - width < 0)
		rightwards = true;
	if (rightwards && x + 6 + width > width_of(panel))
		x = width_of(panel) - (int)width - 8;
	fprintf(out, "<text class=\"%s%s\" x=\"%d\" y=\"%d\">", class, rightwards ? "" : " end",
		rightwards ? x + 6 : x - 6, y);
	markup__put(out, text);
	fputs("</text>", out);
}

/* A node that is silent: its line is a broken one, and the word stands beside it. */
static void put_silence(const struct panel *panel, const struct fault_span *span, FILE *out)
{
	int x = column_x(panel, span->fault.a), end = bottom_of(panel), begin;
	char text[96];

	if (span->begin_ns == ~0ULL || !(panel->columns >> span->fault.a & 1))
		return;
	begin = TOP + layout__y(panel->scene, panel->places, span->begin_ns);
	if (span->end_ns != ~0ULL)
		end = TOP + layout__y(panel->scene, panel->places, span->end_ns);
	if (end < begin + LAYOUT_ROW)
		end = begin + LAYOUT_ROW;
	fprintf(out,
		"<path class=\"mute\" d=\"M%d %dV%d\"/><path class=\"silent\" d=\"M%d %dV%d\"/>"
		"<path class=\"cross\" d=\"M%d %dl8 8m0 -8l-8 8\"/>",
		x, begin, end, x, begin, end, x - 4, begin - 4);
	snprintf(text, sizeof(text), "%s falls silent", name_of(panel, span->fault.a));
	put_label(panel, "fault", x + 4, begin + 4, true, text, out);
}

/* A step begins with this event: a line across, and its name. */
static void put_band(const struct panel *panel, size_t event, FILE *out)
{
	int y = y_of(panel, event) - LAYOUT_ROW / 2 - LAYOUT_BAND + 4;
	char step[32];

	fprintf(out,
		"<path class=\"band\" d=\"M0 %dH%d\"/><text class=\"step\" x=\"2\" "
		"y=\"%d\">%s</text>\n",
		y, width_of(panel), y + 13,
		step__print(step, sizeof(step), panel->scene->v[event].step));
}

static size_t hidden_between(const struct scene *scene, uint64_t from_ns, uint64_t to_ns)
{
	const struct graph *graph = scene->account->graph;
	size_t cnt = 0;

	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);

		cnt += message->sent_ns > from_ns && message->sent_ns < to_ns && !scene->times[i] &&
		       message__is_between_nodes(message);
	}
	return cnt;
}

static void put_fold(const struct panel *panel, size_t event, FILE *out)
{
	const struct scene *scene = panel->scene;
	uint64_t from = scene->v[event - 1].ts_ns, to = scene->v[event].ts_ns;
	size_t hidden = hidden_between(scene, from, to);
	char span[32];
	int y = y_of(panel, event) - LAYOUT_ROW / 2 - LAYOUT_FOLD / 2 -
		(panel->places[event].begins ? LAYOUT_BAND : 0);

	fprintf(out,
		"<g class=\"fold\" role=\"button\" tabindex=\"0\" data-run=\"%u\" "
		"data-from=\"%.0f\" "
		"data-to=\"%.0f\"><rect x=\"0\" y=\"%d\" width=\"%d\" height=\"16\"/>"
		"<text x=\"%d\" y=\"%d\">%s later%s",
		panel->run, ((double)from - (double)scene->begin_ns) / NSEC_PER_USEC,
		((double)to - (double)scene->begin_ns) / NSEC_PER_USEC, y - 8, width_of(panel),
		LEFT + 4, y + 4, spacetime__span(span, sizeof(span), (double)(to - from)),
		hidden ? "; between: " : "");
	if (hidden)
		fprintf(out, "%zu message%s that did not matter", hidden, hidden == 1 ? "" : "s");
	fputs("</text></g>\n", out);
}

static void put_time(const struct panel *panel, size_t event, FILE *out)
{
	const struct scene *scene = panel->scene;
	char span[32];

	fprintf(out, "<text class=\"time\" x=\"%d\" y=\"%d\">%s</text>", LEFT - 8,
		y_of(panel, event) + 4,
		spacetime__span(span, sizeof(span),
				(double)scene->v[event].ts_ns - (double)scene->begin_ns));
}

static void put_ruler(const struct panel *panel, FILE *out)
{
	const struct scene *scene = panel->scene;
	uint64_t spoken = 0;

	for (size_t i = 0; i < scene->cnt; i++) {
		const struct place *place = &panel->places[i];

		if (place->begins)
			put_band(panel, i, out);
		if (place->folded)
			put_fold(panel, i, out);
		if (i && !place->begins && !place->folded && scene->v[i].ts_ns - spoken < SPOKEN_NS)
			continue;
		put_time(panel, i, out);
		spoken = scene->v[i].ts_ns;
	}
	fputc('\n', out);
}

static void put_badge(int x, int y, size_t number, FILE *out)
{
	fprintf(out,
		"<circle class=\"badge\" cx=\"%d\" cy=\"%d\" r=\"8\"/><text class=\"number\" "
		"x=\"%d\" "
		"y=\"%d\">%zu</text>",
		x, y, x, y + 4, number);
}

static const char *fate_of(const struct message *message)
{
	if (message->delivered)
		return message->cut ? "cut, delivered later" : "delivered";
	return message->cut ? "cut" : "not seen to arrive";
}

static void put_title(const struct panel *panel, const struct message *message, FILE *out)
{
	char link[160], caption[CAPTION_BYTES], span[32], step[32];

	fputs("<title>", out);
	markup__printf(
		out,
		"%s\n%s\n%s, %s from the beginning\n%u bytes, %s; the outcome rested on it: %.2f",
		caption__link(link, sizeof(link), panel->scene->account->graph, message),
		caption__of(caption, sizeof(caption), message),
		step__print(step, sizeof(step), message->step),
		spacetime__span(span, sizeof(span),
				(double)message->sent_ns - (double)panel->scene->begin_ns),
		message->len, fate_of(message), panel->scene->account->relevance.of[message->id]);
	fputs("</title>", out);
}

/* Where its receive stands; -1: it has none. */
static int received_y(const struct panel *panel, uint32_t message, size_t from)
{
	for (size_t i = from; i < panel->scene->cnt; i++)
		if (panel->scene->v[i].kind == SCENE_RECEIVED &&
		    panel->scene->v[i].index == message)
			return y_of(panel, i);
	return -1;
}

static void put_arrow(const struct message *message, int x1, int y1, int x2, int y2, bool sure,
		      FILE *out)
{
	int x = x1 + (int)((x2 - x1) * CUT_AT);

	if (y2 >= 0) {
		fprintf(out, "<path class=\"way\" marker-end=\"url(#head%d)\" d=\"M%d %dL%d %d\"/>",
			sure, x1, y1, x2 + (x2 > x1 ? -2 : 2), y2);
		return;
	}
	fprintf(out, "<path class=\"way\" d=\"M%d %dL%d %d\"/>", x1, y1, x, y1 + 2);
	if (message->cut)
		fprintf(out, "<path class=\"cross\" d=\"M%d %dl8 8m0 -8l-8 8\"/>", x - 4, y1 - 2);
}

/* Cut after @max bytes, and shown to be. */
static void shorten(char *text, size_t max)
{
	if (strlen(text) > max)
		strcpy(text + max - 1, ELLIPSIS);
}

static void put_message(const struct panel *panel, size_t event, FILE *out)
{
	const struct scene *scene = panel->scene;
	uint32_t id = scene->v[event].index;
	const struct message *message = graph__message(scene->account->graph, id);
	int x1 = column_x(panel, message->src), x2 = column_x(panel, message->dst);
	int y = y_of(panel, event), number = panel->numbers ? panel->numbers[id] : 0;
	bool sure = scene->account->relevance.of[id] >= SURE;
	char caption[CAPTION_BYTES], text[CAPTION_BYTES + 48];

	shorten(caption__of(caption, sizeof(caption), message), CAPTION_SHOWN);
	if (message->cut && !message->delivered)
		snprintf(text, sizeof(text),
			 scene->times[id] > 1 ? "%s: cut, as %u more" : "%s: cut", caption,
			 scene->times[id] - 1);
	else
		snprintf(text, sizeof(text), scene->times[id] > 1 ? "%s  " TIMES "%u" : "%s",
			 caption, scene->times[id]);
	fprintf(out, "<g class=\"m%s%s%s\">", sure ? " sure" : "",
		message->cut && !message->delivered ? " cut" : "", number ? " first" : "");
	put_title(panel, message, out);
	put_arrow(message, x1, y, x2, received_y(panel, id, event + 1), sure, out);
	put_label(panel, "say", x1 + (number ? (x2 > x1 ? 10 : -10) : 0), y - 4, x2 > x1, text,
		  out);
	if (number)
		put_badge(x1, y, (size_t)number, out);
	fputs("</g>\n", out);
}

static void put_log(const struct panel *panel, size_t event, FILE *out)
{
	const struct scene *scene = panel->scene;
	const struct happening *happening =
		&graph__happenings(scene->account->graph)->v[scene->v[event].index];
	uint32_t lines = scene->lines[scene->v[event].index];
	int x = column_x(panel, scene->v[event].node), y = y_of(panel, event);
	char text[160], shown[200];

	scene__log_text(text, sizeof(text), scene->account->graph, happening);
	fprintf(out, "<g class=\"log\"><title>");
	markup__printf(out, "%s wrote: %s", name_of(panel, scene->v[event].node), text);
	shorten(text, LOG_SHOWN);
	snprintf(shown, sizeof(shown), lines > 1 ? "%s (+%u)" : "%s", text, lines - 1);
	if (lines > 1)
		markup__printf(out, "\nand %u more line%s at once", lines - 1,
			       lines == 2 ? "" : "s");
	fprintf(out, "</title><rect x=\"%d\" y=\"%d\" width=\"6\" height=\"6\"/>", x - 3, y - 3);
	put_label(panel, "wrote", x + 3, y + 3, true, shown, out);
	fputs("</g>\n", out);
}

static void put_ghost(const struct panel *panel, const struct ghost *ghost, FILE *out)
{
	int x1 = column_x(panel, ghost->src), x2 = column_x(panel, ghost->dst), y = TOP + ghost->y;

	fputs("<g class=\"ghost first\">", out);
	fprintf(out, "<path class=\"way\" d=\"M%d %dL%d %d\"/>", x1, y, x2, y + LAYOUT_ROW / 2);
	put_label(panel, "say", x1 + (x2 > x1 ? 10 : -10), y - 4, x2 > x1, "never sent here", out);
	put_badge(x1, y, ghost->number, out);
	fputs("</g>\n", out);
}

static void put_events(const struct panel *panel, FILE *out)
{
	for (size_t i = 0; i < panel->scene->cnt; i++) {
		if (panel->scene->v[i].kind == SCENE_SENT)
			put_message(panel, i, out);
		else if (panel->scene->v[i].kind == SCENE_LOG)
			put_log(panel, i, out);
	}
	for (size_t i = 0; i < panel->ghost_cnt; i++)
		put_ghost(panel, &panel->ghosts[i], out);
}

void spacetime__put(const struct panel *panel, FILE *out)
{
	int width = width_of(panel), height = bottom_of(panel) + BOTTOM;

	fprintf(out,
		"<svg class=\"spacetime\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
		"role=\"group\" "
		"aria-label=\"",
		width, height, width, height);
	markup__put(out, panel->title);
	fputs("\">\n", out);
	put_lives(panel, out);
	for (size_t i = 0; panel->faults && i < panel->faults->cnt; i++)
		if (panel->faults->v[i].fault.kind == FAULT_SILENCE)
			put_silence(panel, &panel->faults->v[i], out);
	put_heads(panel, TOP - 14, out);
	put_ruler(panel, out);
	put_events(panel, out);
	put_heads(panel, bottom_of(panel) + 18, out);
	fputs("</svg>\n", out);
}
