// SPDX-License-Identifier: GPL-2.0-only
#include "report/tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/markup.h"

#define CERTIFICATE_LINES 200

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* A sign and a word: no colour is needed to tell them apart. */
static const char *sign_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_SURVIVED:
		return "\xe2\x9c\x93"; /* check mark */
	case VERDICT_VIOLATED:
		return "\xe2\x9c\x95"; /* cross */
	case VERDICT_VACUOUS:
		return "\xe2\x88\x85"; /* empty set */
	default:
		return "?";
	}
}

static void put_faults(const struct told_run *run, FILE *out)
{
	json_t *fault;
	size_t i;

	if (!json_array_size(run->faults))
		fputs("<span class=\"aside\">none</span>", out);
	json_array_foreach (run->faults, i, fault) {
		fputs("<code>", out);
		markup__put(out, json_string_value(fault) ? json_string_value(fault) : "?");
		fputs("</code> ", out);
	}
}

static void put_unfired(const struct told_run *run, FILE *out)
{
	json_t *report;
	size_t i;

	json_array_foreach (run->reports, i, report) {
		if (json_is_true(json_object_get(report, "fired")))
			continue;
		fputs("<p>", out);
		markup__printf(out, "%s had nothing to cut: %s", text_in(report, "fault"),
			       text_in(report, "why"));
		fputs("</p>", out);
	}
}

static void put_run(const struct told_run *run, FILE *out)
{
	bool says_enough = run->verdict == VERDICT_SURVIVED || run->verdict == VERDICT_VIOLATED;

	fprintf(out, "<tr class=\"%s\" id=\"run%u\"><td class=\"n\">%u</td><td>",
		verdict__name(run->verdict), run->number, run->number);
	markup__put(out, run->purpose);
	fprintf(out,
		"</td><td class=\"verdict\"><span aria-hidden=\"true\">%s</span> %s</td>"
		"<td class=\"n\">%.1f&nbsp;s</td><td>",
		sign_of(run->verdict), verdict__name(run->verdict), run->seconds);
	put_faults(run, out);
	fputs("</td><td>", out);
	markup__put(out, *run->learned ? run->learned : says_enough ? "" : run->why);
	put_unfired(run, out);
	fputs("</td></tr>\n", out);
}

void tables__put_runs(const struct hunt_folder *folder, FILE *out)
{
	fprintf(out, "<section id=\"experiments\" class=\"broad\"><h2>Experiments</h2>\n<div "
		     "class=\"wide\"><table>\n<thead><tr>"
		     "<th>run</th><th>purpose</th><th>verdict</th><th>took</th><th>faults</th>"
		     "<th>what it showed</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < folder->run_cnt; i++)
		put_run(&folder->runs[i], out);
	fputs("</tbody></table></div></section>\n", out);
}

static void put_count(const char *name, json_int_t cnt, FILE *out)
{
	fprintf(out, "<div><dt>%s</dt><dd>%lld</dd></div>\n", name, (long long)cnt);
}

static json_int_t supports_of(const struct hunt_folder *folder)
{
	json_int_t cnt = 0;

	for (size_t i = 0; i < folder->run_cnt; i++)
		cnt += strstr(folder->runs[i].learned, "new support") != NULL;
	return cnt;
}

static json_int_t number_of(const struct hunt_folder *folder, const char *name)
{
	return json_integer_value(json_object_get(folder->result, name));
}

static void put_comments(FILE *file, FILE *out)
{
	char *line = NULL;
	size_t size = 0;
	int lines = 0;

	while (getline(&line, &size, file) > 0 && lines < CERTIFICATE_LINES)
		if (line[0] == 'c' && line[1] == ' ' && ++lines)
			markup__put(out, line + 2);
	free(line);
}

/* Its head, in the words in which it was written; the formula is in the file. */
static void put_certificate(const struct hunt_folder *folder, FILE *out)
{
	char path[PATH_MAX + 32];
	FILE *file;

	if (!json_is_string(json_object_get(folder->result, "certificate")))
		return;
	snprintf(path, sizeof(path), "%s/certificate.cnf", folder->dir);
	file = fopen(path, "re");
	if (!file)
		return;
	fputs("<h3>The certificate</h3>\n<p>Any SAT solver can check it: <code>", out);
	markup__printf(out, "minisat %s", path);
	fputs("</code> ends with 20, unsatisfiable.</p>\n<pre class=\"long\">", out);
	put_comments(file, out);
	fputs("</pre>\n", out);
	fclose(file);
}

void tables__put_model(const struct hunt_folder *folder, FILE *out)
{
	fputs("<section id=\"model\"><h2>What the hunt knows</h2>\n<dl class=\"facts\">\n", out);
	put_count("fault sets tried", number_of(folder, "experiments"), out);
	if (number_of(folder, "foretold"))
		put_count("fault sets foretold, from what nodes did in the runs of others", number_of(folder, "foretold"), out);
	put_count("runs", (json_int_t)folder->run_cnt, out);
	put_count("runs that showed another way to keep the promise", supports_of(folder), out);
	put_count("sets that kept the promise from being made", number_of(folder, "vacuous"), out);
	put_count("sets that could not be judged", number_of(folder, "parked"), out);
	fputs("</dl>\n<p>Each good run rests on messages: its support. A set of faults is worth "
	      "trying when it "
	      "takes something from every support that is known. Supports were found by ",
	      out);
	markup__put(out, text_in(folder->head, "strategy"));
	fprintf(out, ", seed %lld.</p>\n",
		(long long)json_integer_value(json_object_get(folder->head, "seed")));
	put_certificate(folder, out);
	fputs("</section>\n", out);
}

static void put_programs(const json_t *node, FILE *out)
{
	json_t *program;
	size_t i;

	json_array_foreach (json_object_get(node, "executables"), i, program) {
		fputs(i ? "<br><code>" : "<code>", out);
		markup__put(out, text_in(program, "path"));
		fputs("</code> <span class=\"aside id\">", out);
		markup__put(out, text_in(program, "build_id"));
		fputs("</span>", out);
	}
}

static void put_node(const json_t *node, FILE *out)
{
	json_t *address;
	size_t i;

	fputs("<tr><th scope=\"row\">", out);
	markup__put(out, text_in(node, "name"));
	fputs(json_is_true(json_object_get(node, "client"))
		      ? " <span class=\"aside\">client</span></th><td>"
		      : "</th><td>",
	      out);
	json_array_foreach (json_object_get(node, "addresses"), i, address) {
		fputs(i ? ", " : "", out);
		markup__put(out, json_string_value(address) ? json_string_value(address) : "");
	}
	fputs("</td><td>", out);
	markup__printf(out, "%s %.12s %s", text_in(node, "target"), text_in(node, "container"),
		       text_in(node, "image"));
	fputs("</td><td>", out);
	put_programs(node, out);
	fputs("</td></tr>\n", out);
}

/* Of finite delays: asked and achieved. */
static void put_delays(const struct hunt_folder *folder, FILE *out)
{
	for (size_t i = 0; i < folder->run_cnt; i++) {
		json_t *report;
		size_t k;

		json_array_foreach (folder->runs[i].reports, k, report) {
			double asked = json_number_value(json_object_get(report, "asked_ns"));
			double got = json_number_value(json_object_get(report, "achieved_ns"));

			if (!asked)
				continue;
			fprintf(out, "<p>Run %u: ", folder->runs[i].number);
			markup__printf(out, "%s asked for %.3f ms, achieved %.3f ms in the median.",
				       text_in(report, "fault"), asked / NSEC_PER_MSEC,
				       got / NSEC_PER_MSEC);
			fputs("</p>\n", out);
		}
	}
}

void tables__put_environment(const struct hunt_folder *folder, const json_t *meta, FILE *out)
{
	json_t *node;
	size_t i;

	fputs("<section id=\"environment\" class=\"broad\"><h2>Environment</h2>\n<p>", out);
	if (meta)
		markup__printf(out, "Linux %s. The run shown above began at %s. ",
			       text_in(meta, "kernel"), text_in(meta, "started"));
	markup__printf(out, "Scenario: %s (hash %s).", text_in(folder->head, "scenario"),
		       text_in(folder->head, "hash"));
	fputs("</p>\n", out);
	put_delays(folder, out);
	if (meta) {
		fputs("<div "
		      "class=\"wide\"><table><thead><tr><th>node</th><th>addresses</th><th>target</"
		      "th>"
		      "<th>program and build-id</th></tr></thead><tbody>\n",
		      out);
		json_array_foreach (json_object_get(meta, "nodes"), i, node)
			put_node(node, out);
		fputs("</tbody></table></div>\n", out);
	}
	if (*text_in(folder->head, "text")) {
		fputs("<details><summary>The scenario</summary><pre>", out);
		markup__put(out, text_in(folder->head, "text"));
		fputs("</pre></details>\n", out);
	}
	fputs("</section>\n", out);
}
