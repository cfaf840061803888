// SPDX-License-Identifier: GPL-2.0-only
#include "model/certificate_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/units.h"
#include "model/certificate.h"
#include "model/selector.h"

#define LINE_MAX_BYTES (MAX_FAULTS * FAULT_TEXT_MAX)
#define RECORDS_MAX 100000
#define MEMBERS_MAX 1000000 /* of all supports together */

struct reader {
	struct certificate *certificate;
	const char *at, *end, *path;
	unsigned int line;
	struct err *err;
	size_t members;
	bool has_mode, has_budget, has_from, has_until, has_heal;
	char text[LINE_MAX_BYTES]; /* the line, without its end */
};

static int refuse(struct reader *reader, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int refuse(struct reader *reader, const char *fmt, ...)
{
	char why[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err__set(reader->err, EXIT_USAGE, "%s:%u: %s", reader->path, reader->line, why);
}

static int out_of_memory(struct reader *reader)
{
	return err__set(reader->err, EXIT_MACHINE, "cannot read %s: out of memory", reader->path);
}

static int id_of(void *ctx, const char *name, size_t len)
{
	const struct certificate *certificate = ctx;

	for (uint16_t id = 1; id <= certificate->opts.node_cnt; id++)
		if (strlen(certificate->name[id]) == len && !memcmp(certificate->name[id], name, len))
			return id;
	return -1;
}

static const char *name_of(void *ctx, uint16_t id)
{
	const struct certificate *certificate = ctx;

	return id && id <= certificate->opts.node_cnt ? certificate->name[id] : NULL;
}

/* 1, 0 at the end, -1 */
static int next_line(struct reader *reader)
{
	const char *end;
	size_t len;

	if (reader->at == reader->end)
		return 0;
	end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
	len = (size_t)((end ? end : reader->end) - reader->at);
	reader->line++;
	if (len >= sizeof(reader->text) || memchr(reader->at, '\0', len))
		return refuse(reader, "this is no line of a certificate");
	memcpy(reader->text, reader->at, len);
	reader->text[len] = '\0';
	reader->at = end ? end + 1 : reader->end;
	return 1;
}

/* What follows @word; NULL: the text begins otherwise. */
static char *after(char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) ? NULL : text + len;
}

static int take_node(struct reader *reader, char *text)
{
	struct model_opts *opts = &reader->certificate->opts;
	char *spared = strstr(text, " (spared)");

	if (spared && !spared[strlen(" (spared)")])
		*spared = '\0';
	else
		spared = NULL;
	if (opts->node_cnt + 1 >= MAX_NODES)
		return refuse(reader, "more than %d nodes", MAX_NODES - 1);
	if (!*text || strlen(text) >= sizeof(*reader->certificate->name) || strpbrk(text, " ,>|@*{}:/#+"))
		return refuse(reader, "this is no node's name");
	if (id_of(reader->certificate, text, strlen(text)) >= 0)
		return refuse(reader, "node %s is there already", text);
	strcpy(reader->certificate->name[++opts->node_cnt], text);
	if (spared)
		opts->spare_nodes |= 1ULL << opts->node_cnt;
	return 0;
}

static int take_limit(struct reader *reader, const char *word, const char *number)
{
	struct budget *budget = &reader->certificate->opts.budget;
	long limit = -1;

	if (strcmp(number, "any") && units__parse_count(number, 0, MAX_FAULTS, &limit))
		return refuse(reader, "a limit is `any` or a number up to %d", MAX_FAULTS);
	if (!strcmp(word, "total")) {
		budget->total = (int)limit;
		return 0;
	}
	for (int kind = 0; kind < CHAIN_KINDS; kind++)
		if (!strcmp(word, fault__kind_name((enum fault_kind)kind))) {
			budget->max[kind] = (int)limit;
			return 0;
		}
	return refuse(reader, "there are no faults called %.40s", word);
}

static int take_budget(struct reader *reader, char *text)
{
	char *save = NULL;

	reader->has_budget = true;
	for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		const char *number = strtok_r(NULL, " ", &save);

		if (!number)
			return refuse(reader, "how many of %.40s?", word);
		if (take_limit(reader, word, number))
			return -1;
	}
	return 0;
}

static int take_step(struct reader *reader, const char *text, uint32_t *ret, bool *ret_has)
{
	*ret_has = true;
	if (step__parse(text, strlen(text), ret))
		return refuse(reader, "`%.40s` is no step", text);
	return 0;
}

static int take_heal(struct reader *reader, const char *text)
{
	reader->has_heal = true;
	if (strcmp(text, "check") && strcmp(text, "end"))
		return refuse(reader, "links heal at `check` or `end`");
	reader->certificate->opts.heal = !strcmp(text, "check") ? NOW_HEALED : NOW_END;
	return 0;
}

static int take_delay(struct reader *reader, const char *text)
{
	const char *end;

	if (units__parse_span_ns(text, &end, &reader->certificate->opts.delay_ns) || *end)
		return refuse(reader, "`%.40s` is no delay", text);
	return 0;
}

static int take_mode(struct reader *reader, const char *text)
{
	reader->has_mode = true;
	if (strcmp(text, "exact") && strcmp(text, "monotone"))
		return refuse(reader, "the mode is `exact` or `monotone`");
	reader->certificate->mode = !strcmp(text, "exact") ? CLAUSE_EXACT : CLAUSE_MONOTONE;
	return 0;
}

/* Where in "a, b" does b begin? A class may hold a comma; what follows ends with a kind's name. */
static char *next_fault(char *text)
{
	for (char *comma = strstr(text, ", "); comma; comma = strstr(comma + 2, ", "))
		for (int kind = 0; kind < FAULT_KINDS; kind++) {
			char *name = after(comma + 2, fault__kind_name((enum fault_kind)kind));

			if (name && *name == ':') {
				*comma = '\0';
				return comma + 2;
			}
		}
	return NULL;
}

static int take_faults(struct reader *reader, char *text, struct fault_set *ret)
{
	size_t len = strlen(text);
	char *next;

	if (len < 2 || text[0] != '{' || text[len - 1] != '}')
		return refuse(reader, "a set of faults stands in braces");
	text[len - 1] = '\0';
	text++;
	for (; *text; text = next ? next : text + strlen(text)) {
		struct fault fault;
		struct err why;

		next = next_fault(text);
		if (fault__parse(text, reader->certificate->opts.names, &fault, &why))
			return refuse(reader, "%.400s", why.msg);
		if (fault_set__add(ret, &fault))
			return refuse(reader, "%.200s is there twice, or one too many", text);
	}
	return 0;
}

/* The limits come before the runs: what a record keeps of its support depends on them. */
static int check_head(struct reader *reader)
{
	if (reader->has_mode && reader->has_budget && reader->has_from && reader->has_until &&
	    reader->has_heal && reader->certificate->opts.node_cnt)
		return 0;
	return refuse(reader, "before this the mode, the nodes, the budget, from, until and heal must be said");
}

/* "5 survived under {...}" */
static int take_run(struct reader *reader, char *text)
{
	struct certificate *certificate = reader->certificate;
	char *lesson = strchr(text, ' '), *faults = lesson ? strstr(lesson, " under ") : NULL;
	struct record record = { 0 };
	long number;
	int i = 0;

	if (check_head(reader))
		return -1;
	if (!faults)
		return refuse(reader, "a run is `c run N LESSON under {FAULTS}`");
	*lesson++ = '\0';
	*faults = '\0';
	while (i <= LESSON_VIOLATED && strcmp(lesson, lesson__name((enum lesson)i)))
		i++;
	if (i > LESSON_VIOLATED || units__parse_count(text, 0, INT32_MAX, &number))
		return refuse(reader, "a run is `c run N LESSON under {FAULTS}`");
	if (take_faults(reader, faults + strlen(" under "), &record.faults))
		return -1;
	if (certificate->cnt >= RECORDS_MAX)
		return refuse(reader, "more than %d runs", RECORDS_MAX);
	if (grow(&certificate->records, &certificate->cap, certificate->cnt + 1) ||
	    grow(&certificate->lines, &certificate->line_cap, certificate->cnt + 1))
		return out_of_memory(reader);
	record.run = (unsigned int)number;
	record.lesson = (enum lesson)i;
	record.foretold = !number && certificate->opts.lockstep;
	certificate->lines[certificate->cnt] = reader->line;
	certificate->records[certificate->cnt++] = record;
	return 0;
}

/* "/80#GET" behind the receiver's name */
static int take_class(struct reader *reader, char *text, struct support_member *member)
{
	char *class = text + strcspn(text, "/#");
	struct selector selector;
	const char *wrong;

	if (!*class)
		return 0;
	wrong = selector__parse(class, strlen(class), &selector);
	if (wrong || !selector.port || selector.nth != 1)
		return refuse(reader, "%.60s: %s", class, wrong ? wrong : "a class is /PORT#CLASS");
	member->port = selector.port;
	if (selector.connect || selector.len || selector.len_max)
		member->class = selector__number(&selector);
	*class = '\0';
	return 0;
}

/* "a>b@workload.1", "a>b/80#GET@workload.1" */
static int take_member(struct reader *reader, struct record *record, char *text)
{
	struct support_member member = { .confidence = 1, .messages = 1 };
	char *arrow = strchr(text, '>'), *at = arrow ? strchr(arrow, '@') : NULL;
	int src, dst;

	if (!at)
		return refuse(reader, "a message is SRC>DST@STEP, not %.60s", text);
	*arrow = *at = '\0';
	if (take_class(reader, arrow + 1, &member))
		return -1;
	src = id_of(reader->certificate, text, strlen(text));
	dst = !strcmp(arrow + 1, "*") ? NODE_OUTSIDE :
					id_of(reader->certificate, arrow + 1, strlen(arrow + 1));
	if (src < 0 || dst < 0)
		return refuse(reader, "there is no node %.60s", src < 0 ? text : arrow + 1);
	if (!strcmp(at + 1, "healed"))
		member.step = NOW_HEALED;
	else if (step__parse(at + 1, strlen(at + 1), &member.step))
		return refuse(reader, "`%.40s` is no step", at + 1);
	if (++reader->members > MEMBERS_MAX)
		return refuse(reader, "more than %d messages", MEMBERS_MAX);
	member.src = (uint16_t)src;
	member.dst = (uint16_t)dst;
	return support__add(&record->support, &member) ? out_of_memory(reader) : 0;
}

static int take_support(struct reader *reader, struct record *record, char *text)
{
	char *save = NULL;

	for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (take_member(reader, record, word))
			return -1;
	return 0;
}

static int take_more(struct reader *reader, char *text)
{
	struct certificate *certificate = reader->certificate;
	struct record *record = certificate->cnt ? &certificate->records[certificate->cnt - 1] : NULL;
	char *value;
	long cnt;

	if (!record)
		return refuse(reader, "this belongs to a run, and there is none before it");
	if ((value = after(text, "rests on ")))
		return take_support(reader, record, value);
	if ((value = after(text, "although cut: "))) {
		if (units__parse_count(value, 1, INT32_MAX, &cnt))
			return refuse(reader, "how many came through although cut?");
		record->covered = (size_t)cnt;
		return 0;
	}
	value = after(text, "because ");
	if (!value || record->why)
		return refuse(reader, "of a run it is said on what it rests, what came through, and once why");
	record->why = strdup(value);
	return record->why ? 0 : out_of_memory(reader);
}

static int take_line(struct reader *reader)
{
	struct model_opts *opts = &reader->certificate->opts;
	char *text = reader->text, *value;

	if ((value = after(text, "c run ")))
		return take_run(reader, value);
	if ((value = after(text, "c   ")))
		return take_more(reader, value);
	if (reader->certificate->cnt) /* what the head says it says before the runs */
		return 0;
	if ((value = after(text, "c node: ")))
		return take_node(reader, value);
	if ((value = after(text, "c budget: ")))
		return take_budget(reader, value);
	if ((value = after(text, "c mode: ")))
		return take_mode(reader, value);
	if ((value = after(text, "c from: ")))
		return take_step(reader, value, &opts->from, &reader->has_from);
	if ((value = after(text, "c until: ")))
		return take_step(reader, value, &opts->until, &reader->has_until);
	if ((value = after(text, "c delay: ")))
		return take_delay(reader, value);
	if (!strcmp(text, "c lockstep: assumed")) {
		opts->lockstep = true;
		return 0;
	}
	if (!strcmp(text, "c background: spared")) {
		opts->spare_idle = true;
		return 0;
	}
	if ((value = after(text, "c heal: ")))
		return take_heal(reader, value);
	return 0;
}

static int read_all(struct reader *reader)
{
	int more = next_line(reader);

	if (more < 0)
		return -1;
	if (!more || strcmp(reader->text, CERTIFICATE_FIRST_LINE))
		return err__set(reader->err, EXIT_USAGE,
				"%s: no certificate: it does not begin with `" CERTIFICATE_FIRST_LINE "`",
				reader->path);
	while ((more = next_line(reader)) > 0) {
		if (after(reader->text, "p cnf "))
			return check_head(reader);
		if (take_line(reader))
			return -1;
	}
	return more < 0 ? -1 : refuse(reader, "the certificate has no formula: it ends too early");
}

struct certificate *certificate__read(const char *text, size_t len, const char *path, struct err *err)
{
	struct certificate *certificate = calloc(1, sizeof(*certificate));
	struct reader *reader = calloc(1, sizeof(*reader));

	if (certificate)
		certificate->name = calloc(MAX_NODES, sizeof(*certificate->name));
	if (!certificate || !reader || !certificate->name) {
		err__set(err, EXIT_MACHINE, "cannot read %s: out of memory", path);
		goto free_certificate;
	}
	certificate->names = (struct name_table){ id_of, name_of, certificate };
	certificate->opts.names = &certificate->names;
	certificate->opts.budget.total = -1;
	reader->certificate = certificate;
	reader->at = text;
	reader->end = text + len;
	reader->path = path;
	reader->err = err;
	if (!read_all(reader)) {
		free(reader);
		return certificate;
	}
free_certificate:
	free(reader);
	certificate__free(certificate);
	return NULL;
}

void certificate__free(struct certificate *certificate)
{
	if (!certificate)
		return;
	for (size_t i = 0; i < certificate->cnt; i++)
		record__free(&certificate->records[i]);
	free(certificate->records);
	free(certificate->lines);
	free(certificate->name);
	free(certificate);
}
