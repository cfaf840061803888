// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/result.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_text.h"
#include "hunt/keys.h"

/* FNV-1a of the scenario's text, in hex. */
static int hash_file(const char *path, char ret[17], struct err *err)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	FILE *file = fopen(path, "re");
	int c;

	if (!file)
		return err__set(err, EXIT_USAGE, "cannot read the scenario %s: %s", path,
				strerror(errno));
	while ((c = fgetc(file)) != EOF)
		hash = (hash ^ (unsigned int)c) * 0x100000001b3ULL;
	fclose(file);
	snprintf(ret, 17, "%016" PRIx64, hash);
	return 0;
}

/* For whoever reads the journal when the file is gone or was changed; null where it is no UTF-8. */
static json_t *text_of(const char *path)
{
	size_t size = KEYS_MAX_BYTES + 1;
	char *text = malloc(size);
	FILE *file = fopen(path, "re");
	json_t *json = NULL;

	if (text && file)
		json = json_stringn(text, fread(text, 1, size, file));
	if (file)
		fclose(file);
	free(text);
	return json ? json : json_null();
}

static json_t *new_head(const struct scenario *scenario, const char *hash, uint64_t seed,
			enum strategy_kind kind)
{
	char *real = realpath(scenario->path, NULL);
	json_t *head = json_pack("{s:s, s:i, s:s, s:s, s:I, s:s, s:o, s:o, s:o, s:s, s:o}", "event", "hunt",
				 "version", 1, "scenario", real ? real : scenario->path, "hash", hash,
				 "seed", (json_int_t)seed, "strategy", strategy__name(kind), "name",
				 json_text(scenario->name), "workload", json_text(scenario->workload),
				 "check", json_text(scenario->check), "heal",
				 scenario->heal == NOW_HEALED ? "check" : "end", "text",
				 text_of(scenario->path));

	free(real);
	return head;
}

static int check_head(const json_t *head, const char *hash, const struct hunt_opts *opts,
		      uint64_t *ret_seed, enum strategy_kind *ret_kind, struct err *err)
{
	const char *event = json_string_value(json_object_get(head, "event"));
	const char *old = json_string_value(json_object_get(head, "hash"));
	const char *kind = json_string_value(json_object_get(head, "strategy"));
	json_t *seed = json_object_get(head, "seed");

	if (!event || strcmp(event, "hunt") || !old || !json_is_integer(seed) || !kind ||
	    strategy__named(kind, ret_kind))
		return err__set(err, EXIT_USAGE, "%s/journal.jsonl does not begin as a hunt's journal",
				opts->dir);
	if (strcmp(old, hash))
		return err__set(err, EXIT_USAGE,
				"the scenario has changed since the hunt in %s began; start a new hunt in another folder",
				opts->dir);
	*ret_seed = (uint64_t)json_integer_value(seed);
	if ((opts->has_seed && opts->seed != *ret_seed) ||
	    (opts->has_strategy && opts->strategy != *ret_kind))
		return err__set(err, EXIT_USAGE,
				"the hunt in %s has strategy %s and seed %" PRIu64
				"; they cannot change when it is resumed",
				opts->dir, kind, *ret_seed);
	return 0;
}

int hunt_head__settle(struct journal *journal, const struct scenario *scenario,
		      const struct hunt_opts *opts, uint64_t *ret_seed,
		      enum strategy_kind *ret_kind, struct err *err)
{
	char hash[17];
	json_t *head;

	if (hash_file(scenario->path, hash, err))
		return -1;
	if (journal__cnt(journal))
		return check_head(journal__at(journal, 0), hash, opts, ret_seed, ret_kind, err);
	*ret_seed = opts->has_seed ? opts->seed : 1;
	*ret_kind = opts->has_strategy ? opts->strategy : STRATEGY_LINEAGE;
	head = new_head(scenario, hash, *ret_seed, *ret_kind);
	if (!head)
		return err__set(err, EXIT_USAGE, "%s: the scenario's path must be UTF-8 text", scenario->path);
	return journal__add(journal, head, err);
}

char *hunt_head__scenario(const char *dir, struct err *err)
{
	char path[PATH_MAX], *line = NULL, *ret = NULL;
	const char *scenario;
	json_t *head = NULL;
	size_t size = 0;
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/journal.jsonl", dir) >= (int)sizeof(path) ||
	    !(file = fopen(path, "re"))) {
		err__set(err, EXIT_USAGE, "%s holds no hunt: cannot open its journal.jsonl: %s", dir,
			 strerror(errno));
		return NULL;
	}
	if (getline(&line, &size, file) > 0)
		head = json_loads(line, 0, NULL);
	scenario = json_string_value(json_object_get(head, "scenario"));
	if (scenario)
		ret = strdup(scenario);
	if (!ret)
		err__set(err, EXIT_USAGE, "%s does not begin as a hunt's journal", path);
	json_decref(head);
	free(line);
	fclose(file);
	return ret;
}

static json_t *rate_json(struct rate rate)
{
	return json_pack("[i, i]", (int)rate.broken, (int)rate.made);
}

static json_t *near_misses_json(const struct hunt_result *result)
{
	const struct violation *first = hunt_result__first(result);
	json_t *list = json_array();

	for (size_t i = 0; first && i < first->faults.cnt; i++) {
		const struct near_miss *miss = &result->near_misses[i];

		json_array_append_new(list, miss->run ?
						    json_pack("{s:i, s:o}", "run", (int)miss->run,
							      "message", json_text(miss->message)) :
						    json_null());
	}
	return list;
}

/* NULL: no run. */
static json_t *seen_json(const struct violation *violation)
{
	char text[32];

	if (!violation->run)
		return NULL;
	snprintf(text, sizeof(text), "runs/%04u", violation->run);
	return json_string(text);
}

static json_t *shortest_json(const struct violation *violation, const struct name_table *names)
{
	json_t *json = shortest__to_json(&violation->shortest);

	if (json_is_object(json))
		json_object_set_new(json, "faults", fault_set__to_json(&violation->late, names));
	return json;
}

static json_t *violations_json(const struct hunt_result *result, const struct name_table *names)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->violation_cnt; i++) {
		const struct violation *violation = &result->violations[i];

		json_array_append_new(list, json_pack("{s:o, s:b, s:o, s:o, s:o*}", "faults",
						      fault_set__to_json(&violation->faults, names),
						      "minimal", violation->minimal, "rate",
						      rate_json(violation->with), "shortest",
						      shortest_json(violation, names), "seen",
						      seen_json(violation)));
	}
	return list;
}

json_t *hunt_result__to_json(const struct hunt_result *result, const struct name_table *names)
{
	static const struct violation none;
	const struct violation *first = hunt_result__first(result);
	json_t *json;

	if (!first)
		first = &none;
	json = json_pack("{s:s, s:i, s:i, s:i, s:f, s:o, s:{s:o, s:o}, s:I}", "result",
			 hunt_end__name(result->end), "experiments", (int)result->experiments,
			 "first", (int)result->first, "runs", (int)result->runs, "seconds",
			 result->seconds, "faults", fault_set__to_json(&first->faults, names),
			 "rate", "with", rate_json(first->with), "without",
			 rate_json(result->without), "candidates_left",
			 (json_int_t)result->candidates_left);
	json_object_set_new(json, "foretold", json_integer((json_int_t)result->foretold));
	if (result->candidates)
		json_object_set_new(json, "candidates", json_integer((json_int_t)fmin(result->candidates, 0x1p53)));
	json_object_set_new(json, "certificate",
			    json_text(result->certificate[0] ? result->certificate : NULL));
	json_object_set_new(json, "minimal", json_boolean(first->minimal));
	json_object_set_new(json, "parked", json_integer((json_int_t)result->parked));
	json_object_set_new(json, "vacuous", json_integer((json_int_t)result->vacuous));
	json_object_set_new(json, "why", json_text(result->why));
	json_object_set_new(json, "because", near_misses_json(result));
	json_object_set_new(json, "seen", seen_json(first));
	json_object_set_new(json, "violations", violations_json(result, names));
	json_object_set_new(json, "all", json_boolean(result->all));
	json_object_set_new(json, "delay_ns", json_integer((json_int_t)result->delay_ns));
	json_object_set_new(json, "shortest", shortest_json(first, names));
	json_object_set_new(json, "shrink", json_pack("{s:i, s:b}", "runs", (int)first->shrink_runs,
						      "done", !first->unshrunk));
	return json;
}

int hunt_result__write(const struct hunt_result *result, const char *dir,
		       const struct name_table *names, struct err *err)
{
	json_t *json = hunt_result__to_json(result, names);
	char path[PATH_MAX], fresh[PATH_MAX];
	int bad = -1, fd;

	if (snprintf(path, sizeof(path), "%s/result.json", dir) < (int)sizeof(path) &&
	    snprintf(fresh, sizeof(fresh), "%s/result.new", dir) < (int)sizeof(fresh) &&
	    (fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) >= 0) {
		bad = json_dumpfd(json, fd, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9)) ||
		      write(fd, "\n", 1) != 1 || fsync(fd);
		close(fd);
		bad = bad || rename(fresh, path);
	}
	json_decref(json);
	return bad ? err__set(err, EXIT_MACHINE, "cannot write %s/result.json: %s", dir,
			      strerror(errno)) :
		     0;
}

json_t *hunt_result__read(const char *dir, struct err *err)
{
	json_error_t error;
	char path[PATH_MAX];
	json_t *json;

	if (snprintf(path, sizeof(path), "%s/result.json", dir) >= (int)sizeof(path)) {
		err__set(err, EXIT_USAGE, "the folder's path is too long");
		return NULL;
	}
	json = json_load_file(path, 0, &error);
	if (json_is_object(json))
		return json;
	err__set(err, EXIT_USAGE, "cannot read %s: %s; has the hunt ended?", path,
		 json ? "not an object" : error.text);
	json_decref(json);
	return NULL;
}
