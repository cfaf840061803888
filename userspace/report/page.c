// SPDX-License-Identifier: GPL-2.0-only
#include "report/page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/comparison_json.h"
#include "report/markup.h"
#include "report/messages.h"
#include "report/spacetime.h"
#include "report/story.h"
#include "report/tables.h"

/* The files beside this one, as texts. */
#define TEXT(name, file)                                                                        \
	__asm__(".section .rodata\n" #name ": .incbin \"userspace/report/" file "\"\n.byte 0\n" \
		".previous\n");                                                                 \
	extern const char name[]

TEXT(page_style, "page.css");
TEXT(page_script, "page.js");

static void put_head(const struct hunt_folder *folder, FILE *out)
{
	char title[256];

	fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
	      "<link rel=\"icon\" href=\"data:,\">\n<title>",
	      out);
	markup__put(out, story__title(title, sizeof(title), folder));
	fprintf(out, "</title>\n<style>\n%s</style></head>\n<body>\n", page_style);
}

static void put_masthead(const struct hunt_folder *folder, const struct comparison *comparison,
			 FILE *out)
{
	char title[256];

	fputs("<header><p class=\"mark\">cutset <span class=\"aside\">", out);
	markup__put(out, folder->name);
	fputs("</span></p>\n<h1>", out);
	markup__put(out, story__title(title, sizeof(title), folder));
	fputs("</h1>\n", out);
	story__put_lead(folder, comparison, out);
	fputs("</header>\n<main>\n", out);
}

static void put_legend(bool both, FILE *out)
{
	fputs("<ul class=\"legend\">"
	      "<li><svg width=\"34\" height=\"12\"><g class=\"m sure\"><path class=\"way\" "
	      "marker-end=\"url(#head1)\" d=\"M1 6H32\"/></g></svg> the outcome rested on it</li>"
	      "<li><svg width=\"34\" height=\"12\"><g class=\"m\"><path class=\"way\" "
	      "marker-end=\"url(#head0)\" d=\"M1 6H32\"/></g></svg> came along</li>"
	      "<li><svg width=\"34\" height=\"12\"><g class=\"m cut\"><path class=\"way\" d=\"M1 "
	      "6H26\"/>"
	      "<path class=\"cross\" d=\"M22 2l8 8m0 -8l-8 8\"/></g></svg> sent, and cut</li>"
	      "<li><svg width=\"14\" height=\"12\"><g class=\"log\"><rect x=\"4\" y=\"3\" "
	      "width=\"6\" "
	      "height=\"6\"/></g></svg> a line in a log</li>",
	      out);
	if (both)
		fputs("<li><svg width=\"18\" height=\"18\"><circle class=\"badge\" cx=\"9\" "
		      "cy=\"9\" "
		      "r=\"8\"/><text class=\"number\" x=\"9\" y=\"13\">1</text></svg> missing "
		      "first</li>",
		      out);
	fputs("</ul>\n", out);
}

static void put_panel(const struct panel *panel, const struct told_run *run, const char *what,
		      FILE *out)
{
	char faults[1024];

	fprintf(out,
		"<figure class=\"run\"><figcaption><h3>%s <span class=\"aside\">run "
		"%u</span></h3><p>",
		what, run->number);
	markup__put(out, told_run__faults(run, faults, sizeof(faults)));
	fputs("</p></figcaption>\n<div class=\"wide\">", out);
	spacetime__put(panel, out);
	fputs("</div></figure>\n", out);
}

/* Numbers of the frontier on the messages of both runs; where the bad one has none, a ghost. */
struct numbers {
	uint8_t *good, *bad;
	struct ghost *ghosts;
	size_t ghost_cnt;
};

static int good_y(const struct comparison *comparison, uint32_t message)
{
	const struct scene *scene = &comparison->good.scene;

	for (size_t i = 0; i < scene->cnt; i++)
		if (scene->v[i].kind == SCENE_SENT && scene->v[i].index == message)
			return comparison->layout.b[i].y;
	return 0;
}

static int number_all(const struct comparison *comparison, struct numbers *numbers)
{
	const struct graph *good = comparison->good.account.graph,
			   *bad = comparison->bad.account.graph;
	const struct frontier *frontier = &comparison->frontier;

	numbers->good = calloc(graph__message_cnt(good) + 1, 1);
	numbers->bad = calloc(graph__message_cnt(bad) + 1, 1);
	numbers->ghosts = calloc(frontier->cnt + 1, sizeof(*numbers->ghosts));
	if (!numbers->good || !numbers->bad || !numbers->ghosts)
		return -1;
	for (size_t i = 0; i < frontier->cnt && i < 99; i++) {
		const struct message *message = graph__message(good, frontier->v[i].good);

		numbers->good[message->id] = (uint8_t)(i + 1);
		if (frontier->v[i].bad != ALIGN_NONE)
			numbers->bad[frontier->v[i].bad] = (uint8_t)(i + 1);
		else
			numbers->ghosts[numbers->ghost_cnt++] = (struct ghost){
				good_y(comparison, message->id), message->src, message->dst, i + 1};
	}
	return 0;
}

static void put_pair(const struct comparison *comparison, const struct numbers *numbers, FILE *out)
{
	const uint64_t columns = comparison->bad.scene.nodes | comparison->good.scene.nodes;
	const struct panel bad = {.scene = &comparison->bad.scene,
				  .places = comparison->layout.a,
				  .height = comparison->layout.height,
				  .columns = columns,
				  .faults = &comparison->bad.faults,
				  .numbers = numbers->bad,
				  .ghosts = numbers->ghosts,
				  .ghost_cnt = numbers->ghost_cnt,
				  .title = "Space-time diagram of the run that broke the promise"};
	const struct panel good = {.scene = &comparison->good.scene,
				   .places = comparison->layout.b,
				   .height = comparison->layout.height,
				   .columns = columns,
				   .faults = &comparison->good.faults,
				   .numbers = numbers->good,
				   .run = 1,
				   .title = "Space-time diagram of the nearest run that kept it"};

	fputs("<section id=\"runs\" class=\"broad\"><h2>The two runs</h2>\n<p>Time goes down, not "
	      "to scale. "
	      "What both runs have stands at the same height.</p>\n",
	      out);
	put_legend(true, out);
	fputs("<div class=\"pair\">\n", out);
	put_panel(&bad, comparison->bad.run, "Broken", out);
	put_panel(&good, comparison->good.run, "Kept", out);
	fputs("</div></section>\n", out);
}

static void put_single(const struct side_of_page *side, const struct layout *layout, FILE *out)
{
	const struct panel panel = {.scene = &side->scene,
				    .places = layout->a,
				    .height = layout->height,
				    .columns = side->scene.nodes,
				    .faults = &side->faults,
				    .title = "Space-time diagram of a run"};
	bool broken = side->run->verdict == VERDICT_VIOLATED;

	fprintf(out,
		"<section id=\"runs\" class=\"broad\"><h2>%s</h2>\n<p>Time goes down, not to "
		"scale.</p>\n",
		broken ? "The run that broke the promise"
		       : "What the promise rested on, in one run");
	put_legend(false, out);
	put_panel(&panel, side->run, broken ? "Broken" : "Kept", out);
	fputs("</section>\n", out);
}

static int put_runs(const struct comparison *comparison, FILE *out)
{
	struct numbers numbers = {0};
	int bad = 0;

	if (comparison->bad.run && comparison->good.run) {
		bad = number_all(comparison, &numbers);
		if (!bad)
			put_pair(comparison, &numbers, out);
		free(numbers.good);
		free(numbers.bad);
		free(numbers.ghosts);
	} else if (comparison->bad.run) {
		put_single(&comparison->bad, &comparison->layout, out);
	} else if (comparison->good.run) {
		put_single(&comparison->good, &comparison->layout, out);
	}
	return bad;
}

static int put_messages(const struct comparison *comparison, FILE *out)
{
	const struct scene *scenes[2];
	unsigned int runs[2];
	size_t cnt = 0;

	for (int good = 0; good < 2; good++) {
		const struct side_of_page *side = good ? &comparison->good : &comparison->bad;

		if (!side->run)
			continue;
		scenes[cnt] = &side->scene;
		runs[cnt++] = side->run->number;
	}
	if (!cnt)
		return 0;
	fputs("<section id=\"messages\" class=\"broad\" hidden><h2>All messages</h2>\n"
	      "<form id=\"ask\"><label>run <select name=\"run\"></select></label>\n"
	      "<label>containing <input name=\"text\" type=\"search\" placeholder=\"redis2, SET, "
	      "cut ...\"></label>\n"
	      "<output id=\"found\"></output></form>\n"
	      "<div "
	      "class=\"wide\"><table><thead><tr><th>sent</th><th>step</th><th>link</"
	      "th><th>message</th>"
	      "<th>fate</th><th>rested on</th></tr></thead><tbody "
	      "id=\"list\"></tbody></table></div>\n"
	      "<button id=\"more\" type=\"button\">more</button></section>\n",
	      out);
	return messages__put(scenes, runs, cnt, out);
}

static int put_page(const struct hunt_folder *folder, const struct comparison *comparison,
		    FILE *out)
{
	const struct side_of_page *shown =
		comparison->bad.run ? &comparison->bad : &comparison->good;
	int bad;

	put_head(folder, out);
	spacetime__put_marks(out);
	put_masthead(folder, comparison, out);
	story__put_frontier(folder, comparison, out);
	bad = put_runs(comparison, out);
	story__put_faults(folder, comparison, out);
	story__put_others(folder, comparison, out);
	tables__put_runs(folder, out);
	tables__put_model(folder, out);
	tables__put_environment(folder, shown->run ? graph__meta(shown->account.graph) : NULL, out);
	bad |= put_messages(comparison, out);
	fprintf(out, "</main>\n<script>\n%s</script>\n</body></html>\n", page_script);
	return bad;
}

/* First beside it: a reader never sees half a page. */
static int write_file(const struct hunt_folder *folder, const struct comparison *comparison,
		      const char *path, struct err *err)
{
	char fresh[PATH_MAX];
	FILE *out;
	int bad;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return err__set(err, EXIT_USAGE, "the report's path is too long");
	out = fopen(fresh, "we");
	if (!out)
		return err__set(err, EXIT_USAGE, "cannot write %s: %s", path, strerror(errno));
	bad = put_page(folder, comparison, out) ? err__set(err, EXIT_MACHINE, "out of memory") : 0;
	if ((ferror(out) | fclose(out) || (!bad && rename(fresh, path))) && !bad)
		bad = err__set(err, EXIT_MACHINE, "cannot write %s: %s", path, strerror(errno));
	if (bad)
		unlink(fresh);
	return bad;
}

int page__write(const char *dir, const char *path, json_t **ret_told, struct err *err)
{
	struct comparison comparison;
	struct hunt_folder folder;
	int bad;

	if (hunt_folder__load(dir, &folder, err))
		return -1;
	bad = comparison__of(&folder, &comparison, err);
	if (!bad) {
		bad = write_file(&folder, &comparison, path, err);
		if (!bad && ret_told)
			*ret_told = comparison__to_json(&comparison);
		comparison__free(&comparison);
	}
	hunt_folder__free(&folder);
	return bad;
}
