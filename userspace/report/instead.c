// SPDX-License-Identifier: GPL-2.0-only
#include "report/instead.h"

#include "report/caption.h"
#include "report/markup.h"
#include "report/spacetime.h"

#define WROTE_TOLD 4
#define REPEATS_TOLD 4

/* The last that a client was told and the outcome rested on; NULL: nothing. */
static const struct message *last_answer(const struct account *account)
{
	const struct message *last = NULL;

	for (size_t i = 0; i < graph__message_cnt(account->graph); i++) {
		const struct message *message = graph__message(account->graph, i);
		const struct trace_node *node = graph__node(account->graph, message->dst);

		if (node && node->client && message->delivered && message->class == MSG_DATA &&
		    account->relevance.of[i] >= FRONTIER_SURE &&
		    (!last || message->received_ns > last->received_ns))
			last = message;
	}
	return last;
}

static void put_answer(const struct account *account, const struct message *answer, FILE *out)
{
	char caption[CAPTION_BYTES];

	fputs("<code>", out);
	markup__put(out, caption__of(caption, sizeof(caption), answer));
	fputs("</code> from <strong>", out);
	markup__put(out, graph__node_name(account->graph, answer->src));
	fputs("</strong>", out);
}

/* Until when the bad run went as the good one did: where the first thing is missing. */
static uint64_t parting_ns(const struct comparison *comparison)
{
	const struct frontier *frontier = &comparison->frontier;
	const struct graph *bad = comparison->bad.account.graph;

	if (frontier->cnt && frontier->v[0].bad != ALIGN_NONE)
		return graph__message(bad, frontier->v[0].bad)->sent_ns;
	return graph__phase(bad, PHASE_HOLD).begin_ns;
}

/* What the first few nodes other than clients wrote then. */
static void put_what_they_wrote(const struct comparison *comparison, FILE *out)
{
	const struct scene *scene = &comparison->bad.scene;
	const struct graph *graph = comparison->bad.account.graph;
	uint64_t from_ns = parting_ns(comparison), told = 0;

	for (size_t i = 0; i < scene->cnt && __builtin_popcountll(told) < WROTE_TOLD; i++) {
		const struct scene_event *event = &scene->v[i];
		char span[32], text[160];

		if (event->kind != SCENE_LOG || event->ts_ns < from_ns ||
		    (told >> event->node & 1) || graph__node(graph, event->node)->client)
			continue;
		fputs(told ? "; " : "<p>What nodes wrote then: ", out);
		told |= 1ULL << event->node;
		fputs("<strong>", out);
		markup__put(out, graph__node_name(graph, event->node));
		fprintf(out, "</strong> after %s <q>",
			spacetime__span(span, sizeof(span), (double)(event->ts_ns - from_ns)));
		markup__put(out, scene__log_text(text, sizeof(text), graph,
						 &graph__happenings(graph)->v[event->index]));
		fputs("</q>", out);
	}
	fputs(told ? ".</p>\n" : "", out);
}

static void put_times(unsigned int cnt, FILE *out)
{
	if (cnt == 1)
		fputs("once", out);
	else
		fprintf(out, "%u times", cnt);
}

static void put_repeat(const struct graph *graph, const struct repeat *repeat, FILE *out)
{
	const struct message *message = graph__message(graph, repeat->first);
	char caption[CAPTION_BYTES];

	fputs("<li><p><strong>", out);
	markup__printf(out, "%s > %s", graph__node_name(graph, message->src),
		       graph__node_name(graph, message->dst));
	fputs("</strong> <code>", out);
	markup__put(out, caption__of(caption, sizeof(caption), message));
	fputs("</code> ", out);
	put_times(repeat->bad, out);
	if (!repeat->arrived)
		fputs(", none of which arrived", out);
	else if (repeat->arrived < repeat->bad)
		fprintf(out, ", of which %u arrived", repeat->arrived);
	if (!repeat->most) {
		fputs("; in a good run never.</p></li>\n", out);
		return;
	}
	fputs("; in a good run at most ", out);
	put_times(repeat->most, out);
	fputs(".</p></li>\n", out);
}

/* Retries, questions, elections: what there was more of than in any good run. */
static void put_repeats(const struct comparison *comparison, FILE *out)
{
	const struct repeats *repeats = &comparison->repeats;
	const struct graph *graph = comparison->bad.account.graph;

	if (!repeats->cnt)
		return;
	fprintf(out, "<p>More often than in any of %u good run%s:</p>\n<ul class=\"instead\">\n",
		comparison->good_runs, comparison->good_runs == 1 ? "" : "s");
	for (size_t i = 0; i < repeats->cnt && i < REPEATS_TOLD; i++)
		put_repeat(graph, &repeats->v[i], out);
	fputs("</ul>\n", out);
}

void instead__put(const struct comparison *comparison, FILE *out)
{
	const struct message *bad = last_answer(&comparison->bad.account), *good = NULL;

	put_repeats(comparison, out);
	put_what_they_wrote(comparison, out);
	if (comparison->good.run)
		good = last_answer(&comparison->good.account);
	if (!bad)
		return;
	fputs("<p>The last answer that the outcome rested on was ", out);
	put_answer(&comparison->bad.account, bad, out);
	if (good) {
		fputs("; in the good run it was ", out);
		put_answer(&comparison->good.account, good, out);
	}
	fputs(".</p>\n", out);
}
