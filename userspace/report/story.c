// SPDX-License-Identifier: GPL-2.0-only
#include "report/story.h"

#include <string.h>

#include "base/units.h"
#include "hunt/rate.h"
#include "hunt/shortest.h"
#include "hunt/words.h"
#include "report/caption.h"
#include "report/instead.h"
#include "report/markup.h"
#include "report/spacetime.h"

#define FRONTIER_TOLD 5
#define COMMAND_TOLD 48 /* bytes; longer ones stand in the scenario, below */
#define OUTPUT_BYTES 4096

enum ending { END_NONE, END_VIOLATION, END_TOLERANT, END_UNDECIDED };

static enum ending ending_of(const struct hunt_folder *folder)
{
	const char *text = json_string_value(json_object_get(folder->result, "result"));

	if (!text)
		return END_NONE;
	return !strcmp(text, "violation")  ? END_VIOLATION
	       : !strcmp(text, "tolerant") ? END_TOLERANT
					   : END_UNDECIDED;
}

static size_t fault_cnt(const struct hunt_folder *folder)
{
	return json_array_size(json_object_get(folder->result, "faults"));
}

static json_int_t number_in(const struct hunt_folder *folder, const char *name)
{
	return json_integer_value(json_object_get(folder->result, name));
}

char *story__title(char *buf, size_t size, const struct hunt_folder *folder)
{
	const char *name = folder->name;
	size_t cnt = fault_cnt(folder);

	switch (ending_of(folder)) {
	case END_VIOLATION:
		if (cnt == 1)
			snprintf(buf, size, "%s breaks its promise under one delay", name);
		else if (cnt)
			snprintf(buf, size, "%s breaks its promise under %zu delays together", name,
				 cnt);
		else
			snprintf(buf, size, "%s breaks its promise without any fault", name);
		break;
	case END_TOLERANT:
		snprintf(buf, size, "%s keeps its promise within the budget", name);
		break;
	case END_UNDECIDED:
		snprintf(buf, size, "%s: undecided", name);
		break;
	default:
		snprintf(buf, size, "%s: the hunt has not ended", name);
	}
	return buf;
}

static struct rate rate_in(const struct hunt_folder *folder, const char *name)
{
	const json_t *pair = json_object_get(json_object_get(folder->result, "rate"), name);

	return (struct rate){(unsigned int)json_integer_value(json_array_get(pair, 0)),
			     (unsigned int)json_integer_value(json_array_get(pair, 1))};
}

static void put_rate(struct rate rate, FILE *out)
{
	double low, high;

	rate__interval(rate, &low, &high);
	fprintf(out,
		"<strong>%u of %u</strong> runs <span class=\"aside\">(95&nbsp;%%: %.0f to "
		"%.0f&nbsp;%%)</span>",
		rate.broken, rate.made, 100 * low, 100 * high);
}

/* "redis1 falls silent when ...", or its text where the names are not known any more. */
static void put_fault_words(const struct hunt_folder *folder, const struct comparison *comparison,
			    const char *text, FILE *out)
{
	const struct graph *graph = comparison->bad.account.graph;
	struct name_table names;
	struct fault fault;
	char words[1024];

	if (graph) {
		names = names__titled(graph);
		if (!fault__parse(text, &names, &fault, NULL))
			text = words__fault(words, sizeof(words), &fault, &names, folder->heal);
	}
	markup__put(out, text);
}

/* The text of a fault of a list; never NULL. */
static const char *fault_at(const json_t *list, size_t index)
{
	const char *text = json_string_value(json_array_get(list, index));

	return text ? text : "?";
}

static void put_all_words(const struct hunt_folder *folder, const struct comparison *comparison,
			  const json_t *faults, FILE *out)
{
	size_t cnt = json_array_size(faults);

	for (size_t i = 0; i < cnt; i++) {
		fputs(!i ? "" : i + 1 < cnt ? "; " : cnt > 2 ? "; and " : " and ", out);
		fputs("<strong>", out);
		put_fault_words(folder, comparison, fault_at(faults, i), out);
		fputs("</strong>", out);
	}
}

static void put_command(const char *name, const char *line, FILE *out)
{
	fprintf(out, "the %s", name);
	if (!line || strlen(line) > COMMAND_TOLD)
		return;
	fputs(" <code>", out);
	markup__put(out, line);
	fputs("</code>", out);
}

static void put_what_broke(const struct hunt_folder *folder, FILE *out)
{
	if (!folder->has_check) {
		fputs("It was promised that ", out);
		put_command("workload", folder->workload, out);
		fputs(" succeeds. It does not", out);
		return;
	}
	fputs("The promise was made: ", out);
	put_command("workload", folder->workload, out);
	fputs(" succeeded. Then ", out);
	put_command("check", folder->check, out);
	fputs(" found it broken", out);
}

/* How long is part of the fault. */
static void put_shortest(const struct hunt_folder *folder, FILE *out)
{
	const struct shortest shortest =
		shortest__from_json(json_object_get(folder->result, "shortest"));
	char text[256];

	shortest__words(text, sizeof(text), &shortest, (uint64_t)number_in(folder, "delay_ns"));
	if (!*text)
		return;
	fputs(" How long is part of it: ", out);
	markup__put(out, text);
	if (shortest.run)
		fprintf(out, ", the last of them run %u", shortest.run);
	fputc('.', out);
}

static void put_violation(const struct hunt_folder *folder, const struct comparison *comparison,
			  FILE *out)
{
	size_t cnt = fault_cnt(folder);

	fputs("<p class=\"lead\">", out);
	put_what_broke(folder, out);
	if (cnt) {
		fputs(". This is what it takes: ", out);
		put_all_words(folder, comparison, json_object_get(folder->result, "faults"), out);
		fputs(". It broke in ", out);
		put_rate(rate_in(folder, "with"), out);
		fputs(" with these delays, and in ", out);
		put_rate(rate_in(folder, "without"), out);
		fputs(" without any.", out);
		put_shortest(folder, out);
	} else {
		fputs(", with no fault at all, in ", out);
		put_rate(rate_in(folder, "without"), out);
		fputc('.', out);
	}
	if (cnt > 1 && json_is_true(json_object_get(folder->result, "minimal")))
		fputs(" With any one of them left out the promise was kept.", out);
	fputs("</p>\n<p class=\"again\">Break it again: <code>", out);
	markup__printf(out, "cutset replay %s", folder->dir);
	fputs("</code></p>\n", out);
}

static void put_tolerant(const struct hunt_folder *folder, FILE *out)
{
	const uint64_t delay_ns = (uint64_t)number_in(folder, "delay_ns");
	char delay[32];

	fprintf(out,
		"<p class=\"lead\">No set of delays%s%s within the budget broke the promise. %lld sets "
		"were "
		"put to the test in %lld runs%s, and no candidate is left: every known way in which "
		"the "
		"promise was kept was taken away, and another one was there. What this rests on is "
		"in "
		"the certificate below; it holds for what was observed, not for all that could "
		"be.</p>\n",
		delay_ns ? " of " : "",
		delay_ns ? units__print_span(delay, sizeof(delay), delay_ns) : "",
		(long long)number_in(folder, "experiments"), (long long)number_in(folder, "runs"),
		number_in(folder, "foretold") ?
			", more were foretold from what the nodes did in those (assumed: the system is in lockstep)" :
			"");
}

static void put_undecided(const struct hunt_folder *folder, FILE *out)
{
	const char *why = json_string_value(json_object_get(folder->result, "why"));

	fputs("<p class=\"lead\">The hunt could not tell: ", out);
	markup__put(out, why && *why ? why : "it has not come to its end");
	fputs(". Nothing is shown by it, neither that the promise can be broken nor that it holds.",
	      out);
	if (number_in(folder, "candidates_left"))
		fprintf(out, " At least %lld candidates were left.",
			(long long)number_in(folder, "candidates_left"));
	fputs("</p>\n<p class=\"again\">Go on: <code>", out);
	markup__printf(out, "cutset hunt SCENARIO -o %s --resume", folder->dir);
	fputs("</code></p>\n", out);
}

void story__put_lead(const struct hunt_folder *folder, const struct comparison *comparison,
		     FILE *out)
{
	switch (ending_of(folder)) {
	case END_VIOLATION:
		put_violation(folder, comparison, out);
		break;
	case END_TOLERANT:
		put_tolerant(folder, out);
		break;
	default:
		put_undecided(folder, out);
	}
}

static void put_near(const struct near *near, FILE *out)
{
	if (!near->run)
		return;
	fprintf(out, "<p>Without it, in run %u, the promise was kept", near->run->number);
	if (near->first.good == ALIGN_NONE) {
		fputs(".</p>", out);
		return;
	}
	fputs(": there <code>", out);
	markup__put(out, near->text);
	fprintf(out, "</code> arrived; with it %s.</p>",
		near->cut ? "that message was sent and cut" : "that message was not sent");
}

void story__put_faults(const struct hunt_folder *folder, const struct comparison *comparison,
		       FILE *out)
{
	const json_t *list = json_object_get(folder->result, "faults");
	json_t *fault;
	size_t i;

	if (ending_of(folder) != END_VIOLATION || !json_array_size(list))
		return;
	fputs("<section id=\"faults\"><h2>What each delay takes</h2>\n<ul class=\"faults\">\n",
	      out);
	json_array_foreach (list, i, fault) {
		fputs("<li><p><strong>", out);
		put_fault_words(folder, comparison, fault_at(list, i), out);
		fputs("</strong> <code class=\"aside\">", out);
		markup__put(out, fault_at(list, i));
		fputs("</code></p>", out);
		if (i < MAX_FAULTS)
			put_near(&comparison->near[i], out);
		fputs("</li>\n", out);
	}
	fputs("</ul></section>\n", out);
}

void story__put_others(const struct hunt_folder *folder, const struct comparison *comparison,
		       FILE *out)
{
	const json_t *list = json_object_get(folder->result, "violations");
	json_t *violation;
	size_t i;

	if (json_array_size(list) < 2)
		return;
	fputs("<section id=\"others\"><h2>Other delays that break it</h2>\n<ul class=\"faults\">\n",
	      out);
	json_array_foreach (list, i, violation) {
		const json_t *rate = json_object_get(violation, "rate");

		if (!i)
			continue;
		fputs("<li><p>", out);
		put_all_words(folder, comparison, json_object_get(violation, "faults"), out);
		fprintf(out, ". Broken in %lld of %lld runs",
			(long long)json_integer_value(json_array_get(rate, 0)),
			(long long)json_integer_value(json_array_get(rate, 1)));
		if (json_is_string(json_object_get(violation, "seen"))) {
			fputs("; the last: ", out);
			markup__put(out, json_string_value(json_object_get(violation, "seen")));
		}
		fputs(".</p></li>\n", out);
	}
	fputs("</ul></section>\n", out);
}

static void put_fate(const struct comparison *comparison, const struct frontier_item *item,
		     FILE *out)
{
	const struct account *bad = &comparison->bad.account;
	const struct message *message;
	char span[32];

	if (item->bad == ALIGN_NONE) {
		fputs("Here it was never sent, although all that had led to it there was there.",
		      out);
		return;
	}
	message = graph__message(bad->graph, item->bad);
	spacetime__span(span, sizeof(span),
			(double)message->sent_ns - (double)comparison->bad.scene.begin_ns);
	fprintf(out, "Here it was sent %s after the beginning and %s.", span,
		message->cut ? "cut" : "not seen to arrive");
}

static void put_item(const struct comparison *comparison, size_t index, FILE *out)
{
	const struct frontier_item *item = &comparison->frontier.v[index];
	const struct graph *good = comparison->good.account.graph;
	const struct message *message = graph__message(good, item->good);
	char caption[CAPTION_BYTES];

	fputs("<li><p><strong>", out);
	markup__printf(out, "%s > %s", graph__node_name(good, message->src),
		       graph__node_name(good, message->dst));
	fputs("</strong> <code>", out);
	markup__put(out, caption__of(caption, sizeof(caption), message));
	fprintf(out, "</code> arrived in %u of %u runs that kept the promise. ",
		comparison->present[index], comparison->good_runs);
	put_fate(comparison, item, out);
	fputs("</p></li>\n", out);
}

static void put_output(const struct hunt_folder *folder, const struct told_run *run,
		       const char *phase, const char *title, FILE *out)
{
	char path[PATH_MAX], name[32], text[OUTPUT_BYTES];
	FILE *file;
	size_t len;

	snprintf(name, sizeof(name), "%s.out", phase);
	file = fopen(hunt_folder__path(folder, run->number, name, path, sizeof(path)), "re");
	if (!file)
		return;
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	while (len && text[len - 1] == '\n')
		len--;
	if (!len)
		return;
	fprintf(out, "<figure><figcaption>%s, run %u</figcaption><pre>", title, run->number);
	markup__putn(out, text, len);
	fputs("</pre></figure>\n", out);
}

static void put_outputs(const struct hunt_folder *folder, const struct comparison *comparison,
			FILE *out)
{
	const char *phase = folder->has_check ? "check" : "workload";

	fputs("<div class=\"outputs\">\n", out);
	put_output(folder, comparison->bad.run, phase,
		   folder->has_check ? "What the check printed here"
				     : "What the workload printed here",
		   out);
	if (comparison->good.run)
		put_output(folder, comparison->good.run, phase, "and in the good run", out);
	fputs("</div>\n", out);
}

/* What stands for itself. The whole of it where nothing does. */
static size_t told_items(const struct comparison *comparison)
{
	size_t cnt = comparison->frontier.cnt, told = 0;

	while (told < cnt && told < FRONTIER_TOLD && !comparison__is_rare(comparison, told))
		told++;
	return told ? told : cnt < FRONTIER_TOLD ? cnt : FRONTIER_TOLD;
}

static void put_rest(const struct comparison *comparison, size_t told, FILE *out)
{
	size_t cnt = comparison->frontier.cnt;

	if (told == cnt)
		return;
	fprintf(out, "<details><summary>%zu more%s</summary>\n<ol class=\"frontier\" style=\"counter-reset: item %zu\">\n",
		cnt - told, comparison__is_rare(comparison, told) ? ", that few of the good runs had" : "",
		told);
	for (size_t i = told; i < cnt; i++)
		put_item(comparison, i, out);
	fputs("</ol></details>\n", out);
}

void story__put_frontier(const struct hunt_folder *folder, const struct comparison *comparison,
			 FILE *out)
{
	const struct frontier *frontier = &comparison->frontier;
	size_t told = told_items(comparison);

	if (!comparison->bad.run)
		return;
	fputs("<section id=\"frontier\"><h2>Where it parts from a good run</h2>\n", out);
	if (frontier->cnt) {
		fprintf(out,
			"<p>Beside the nearest good run, run %u, this is missing first, although "
			"everything that led to it happened:</p>\n<ol class=\"frontier\">\n",
			comparison->good.run->number);
		for (size_t i = 0; i < told; i++)
			put_item(comparison, i, out);
		fputs("</ol>\n", out);
		put_rest(comparison, told, out);
		if (frontier->missing > frontier->cnt)
			fprintf(out,
				"<p>%zu more message%s that the good outcome rested on %s missing "
				"after it.</p>\n",
				frontier->missing - frontier->cnt,
				frontier->missing - frontier->cnt == 1 ? "" : "s",
				frontier->missing - frontier->cnt == 1 ? "is" : "are");
	} else {
		fputs(comparison->good.run
			      ? "<p>Every message that the good outcome rested on is there too: "
				"what differs "
				"is what the nodes made of them, or in which order.</p>\n"
			      : "<p>There is no good run to compare with.</p>\n",
		      out);
	}
	instead__put(comparison, out);
	put_outputs(folder, comparison, out);
	fputs("</section>\n", out);
}
