// SPDX-License-Identifier: GPL-2.0-only
#include "report/hunt_folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bpf/event.h"
#include "hunt/judge.h"

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static bool is_event(const json_t *line, const char *event)
{
	return !strcmp(text_in(line, "event"), event);
}

/* A line that is no object is the torn end of a hunt that was killed, or is being written. */
static void read_lines(FILE *file, json_t *lines)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&text, &size, file)) > 0) {
		json_t *line = json_loadb(text, (size_t)len, 0, NULL);

		if (!json_is_object(line)) {
			json_decref(line);
			break;
		}
		json_array_append_new(lines, line);
	}
	free(text);
}

static int read_journal(struct hunt_folder *folder, struct err *err)
{
	char path[PATH_MAX + 32];
	FILE *file;

	snprintf(path, sizeof(path), "%s/journal.jsonl", folder->dir);
	file = fopen(path, "re");
	if (!file)
		return err__set(err, EXIT_USAGE,
				"%s holds no hunt: cannot open its journal.jsonl: %s", folder->dir,
				strerror(errno));
	folder->lines = json_array();
	read_lines(file, folder->lines);
	fclose(file);
	folder->head = json_array_get(folder->lines, 0);
	if (!is_event(folder->head, "hunt"))
		return err__set(err, EXIT_USAGE, "%s does not begin as a hunt's journal", path);
	return 0;
}

static struct told_run run_of(const json_t *line)
{
	return (struct told_run){
		.number = (unsigned int)json_integer_value(json_object_get(line, "run")),
		.purpose = text_in(line, "purpose"),
		.why = text_in(line, "why"),
		.learned = "",
		.verdict = verdict__named(text_in(line, "verdict")),
		.seconds = json_number_value(json_object_get(line, "seconds")),
		.faults = json_object_get(line, "faults"),
		.reports = json_object_get(line, "reports"),
		.kept = json_is_true(json_object_get(line, "kept")),
	};
}

static void note_learned(struct hunt_folder *folder, const json_t *line)
{
	json_int_t number = json_integer_value(json_object_get(line, "run"));

	for (size_t i = 0; i < folder->run_cnt; i++)
		if (folder->runs[i].number == number)
			folder->runs[i].learned = text_in(line, "text");
}

static int sort_lines(struct hunt_folder *folder, struct err *err)
{
	json_t *line;
	size_t i;

	folder->runs = calloc(json_array_size(folder->lines) + 1, sizeof(*folder->runs));
	if (!folder->runs)
		return err__set(err, EXIT_MACHINE, "out of memory");
	json_array_foreach (folder->lines, i, line) {
		if (is_event(line, "end"))
			folder->runs[folder->run_cnt++] = run_of(line);
		else if (is_event(line, "learned"))
			note_learned(folder, line);
		else if (is_event(line, "result"))
			folder->result = json_object_get(line, "result");
	}
	return 0;
}

static void read_head(struct hunt_folder *folder)
{
	const json_t *check = json_object_get(folder->head, "check");
	const char *path = text_in(folder->head, "scenario"), *slash = strrchr(path, '/');

	folder->name = json_string_value(json_object_get(folder->head, "name"));
	if (!folder->name)
		folder->name = slash ? slash + 1 : path;
	folder->workload = json_string_value(json_object_get(folder->head, "workload"));
	folder->check = json_string_value(check);
	folder->has_check = !json_is_null(check);
	folder->heal = !strcmp(text_in(folder->head, "heal"), "end") ? NOW_END : NOW_HEALED;
}

int hunt_folder__load(const char *dir, struct hunt_folder *ret, struct err *err)
{
	memset(ret, 0, sizeof(*ret));
	if (strlen(dir) >= sizeof(ret->dir))
		return err__set(err, EXIT_USAGE, "the folder's path is too long");
	strcpy(ret->dir, dir);
	for (size_t len = strlen(dir); len > 1 && ret->dir[len - 1] == '/'; len--)
		ret->dir[len - 1] = '\0';
	if (read_journal(ret, err) || sort_lines(ret, err)) {
		hunt_folder__free(ret);
		return -1;
	}
	read_head(ret);
	return 0;
}

void hunt_folder__free(struct hunt_folder *folder)
{
	json_decref(folder->lines);
	free(folder->runs);
	memset(folder, 0, sizeof(*folder));
}

const struct told_run *hunt_folder__run(const struct hunt_folder *folder, unsigned int number)
{
	for (size_t i = 0; i < folder->run_cnt; i++)
		if (folder->runs[i].number == number)
			return &folder->runs[i];
	return NULL;
}

const struct told_run *hunt_folder__shown(const struct hunt_folder *folder)
{
	unsigned int number = 0;

	if (sscanf(text_in(folder->result, "seen"), "runs/%u", &number) == 1 &&
	    hunt_folder__run(folder, number))
		return hunt_folder__run(folder, number);
	for (size_t i = 0; i < folder->run_cnt; i++)
		if (folder->runs[i].verdict == VERDICT_SURVIVED)
			return &folder->runs[i];
	return folder->run_cnt ? &folder->runs[folder->run_cnt - 1] : NULL;
}

char *hunt_folder__path(const struct hunt_folder *folder, unsigned int run, const char *file,
			char *buf, size_t size)
{
	if (snprintf(buf, size, "%s/runs/%04u/%s", folder->dir, run, file) >= (int)size)
		buf[0] = '\0';
	return buf;
}

char *told_run__faults(const struct told_run *run, char *buf, size_t size)
{
	size_t i, len = (size_t)snprintf(buf, size, "{");
	json_t *fault;

	json_array_foreach (run->faults, i, fault) {
		const char *text = json_string_value(fault);

		if (text && len < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? ", " : "", text);
	}
	if (len + 1 < size)
		strcpy(buf + len, "}");
	return buf;
}

int hunt_folder__learn_idle(const struct hunt_folder *folder, struct evidence *evidence, struct err *err)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < folder->run_cnt; i++) {
		const struct told_run *run = &folder->runs[i];

		if (!strcmp(run->purpose, "baseline") && run->verdict != VERDICT_BROKEN &&
		    !access(hunt_folder__path(folder, run->number, "trace", path, sizeof(path)), R_OK) &&
		    judge__learn_idle(path, evidence, NULL, err))
			return -1;
	}
	return 0;
}
