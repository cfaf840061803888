// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/scenario.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "hunt/keys.h"

#define AT(member) offsetof(struct scenario, member)
#define MAX_SPAN_NS (24 * 3600 * NSEC_PER_SEC)

static const char *take_from(const char *text, void *target)
{
	struct scenario *scenario = target;

	if (step__parse(text, strlen(text), &scenario->from) || scenario->from > NOW_CHECK ||
	    scenario->from < NOW_WORKLOAD)
		return "write a step: workload.0, workload.1, ... or check.0";
	return NULL;
}

static const char *take_until(const char *text, void *target)
{
	struct scenario *scenario = target;

	if (!strcmp(text, "end")) {
		scenario->until = NOW_CHECK;
		return NULL;
	}
	if (step__parse(text, strlen(text), &scenario->until) || scenario->until > NOW_CHECK ||
	    scenario->until < NOW_WORKLOAD)
		return "write a step (workload.1, ...) or `end`";
	return NULL;
}

static const char *take_heal(const char *text, void *target)
{
	struct scenario *scenario = target;

	if (!strcmp(text, "check"))
		scenario->heal = NOW_HEALED;
	else if (!strcmp(text, "end"))
		scenario->heal = NOW_END;
	else
		return "write `check` (links heal before the check) or `end` (nothing heals)";
	return NULL;
}

static const char *take_delay(const char *text, void *target)
{
	struct scenario *scenario = target;

	scenario->shorten = !strcmp(text, "shortest");
	if (scenario->shorten || !strcmp(text, "forever"))
		return NULL;
	scenario->shorten = true;
	if (units__parse_span_ns(text, NULL, &scenario->delay_ns) || !scenario->delay_ns ||
	    scenario->delay_ns > PARK_DELAY_MAX_NS)
		return "write a span of at most 9m (5s), `forever`, or `shortest`: for ever in the hunt, and in "
		       "what breaks as short as still breaks";
	return NULL;
}

static const char *take_shrink(const char *text, void *target)
{
	struct scenario *scenario = target;
	char *end;
	long runs = strtol(text, &end, 10);

	if (!strcmp(text, "no"))
		scenario->shrink_runs = 0;
	else if (*text && !*end && runs >= 0 && runs <= 100000)
		scenario->shrink_runs = (unsigned int)runs;
	else
		return "write how many runs may be spent on making a violation small, or `no`";
	return NULL;
}

static const char *take_background(const char *text, void *target)
{
	struct scenario *scenario = target;

	if (strcmp(text, "cut") && strcmp(text, "spare"))
		return "write `cut`, or `spare`: what comes without a workload too, and only its order ties to "
		       "the outcome, is left alone";
	scenario->spare_idle = !strcmp(text, "spare");
	return NULL;
}

static const char *take_assume(const char *text, void *target)
{
	struct scenario *scenario = target;

	if (strcmp(text, "monotone") && strcmp(text, "exact") && strcmp(text, "lockstep"))
		return "write `exact`, `monotone`: what worked works whatever else is cut, or `lockstep`: what a "
		       "node does in a step follows from what it was handed in the steps before";
	scenario->monotone = !strcmp(text, "monotone");
	scenario->lockstep = !strcmp(text, "lockstep");
	return NULL;
}

static const struct key timeout_keys[] = {
	{ "reset", KEY_SPAN, AT(reset_timeout_ns) },
	{ "workload", KEY_SPAN, AT(workload_timeout_ns) },
	{ "check", KEY_SPAN, AT(check_timeout_ns) },
	{ NULL },
};

static const struct key fault_keys[] = {
	{ "silence", KEY_LIMIT, AT(budget.max[FAULT_SILENCE]), .max = MAX_FAULTS },
	{ "link", KEY_LIMIT, AT(budget.max[FAULT_LINK]), .max = MAX_FAULTS },
	{ "partition", KEY_LIMIT, AT(budget.max[FAULT_PARTITION]), .max = MAX_FAULTS },
	{ "total", KEY_LIMIT, AT(budget.total), .min = 1, .max = MAX_FAULTS },
	{ "loss", KEY_LIMIT, AT(budget.max[FAULT_LOSS]), .max = MAX_FAULTS },
	{ "stall", KEY_LIMIT, AT(budget.max[FAULT_STALL]), .max = MAX_FAULTS },
	{ "delay", KEY_OWN, .take = take_delay },
	{ "from", KEY_OWN, .take = take_from },
	{ "until", KEY_OWN, .take = take_until },
	{ "heal", KEY_OWN, .take = take_heal },
	{ "assume", KEY_OWN, .take = take_assume },
	{ "background", KEY_OWN, .take = take_background },
	{ NULL },
};

static const struct key run_keys[] = {
	{ "baseline", KEY_COUNT, AT(baseline_runs), .min = 1, .max = 1000 },
	{ "repeat", KEY_COUNT, AT(repeat_runs), .min = 1, .max = 1000 },
	{ "shrink", KEY_OWN, .take = take_shrink },
	{ "max", KEY_COUNT, AT(max_experiments), .min = 1, .max = 1000000 },
	{ "time", KEY_SPAN, AT(max_time_ns) },
	{ NULL },
};

static const struct key scenario_keys[] = {
	{ "name", KEY_TEXT, AT(name) },
	{ "targets", KEY_LIST, AT(targets), AT(target_cnt) },
	{ "clients", KEY_LIST, AT(clients), AT(client_cnt) },
	{ "reset", KEY_TEXT, AT(reset) },
	{ "roles", KEY_TEXT, AT(roles) },
	{ "workload", KEY_TEXT, AT(workload) },
	{ "idle", KEY_SPAN, AT(idle_ns) },
	{ "hold", KEY_SPAN, AT(hold_ns) },
	{ "settle", KEY_SPAN, AT(settle_ns) },
	{ "check", KEY_TEXT, AT(check) },
	{ "timeout", KEY_MAP, .sub = timeout_keys },
	{ "faults", KEY_MAP, .sub = fault_keys },
	{ "spare", KEY_LIST, AT(spare), AT(spare_cnt) },
	{ "runs", KEY_MAP, .sub = run_keys },
	{ NULL },
};

static void set_defaults(struct scenario *scenario)
{
	scenario->idle_ns = 3 * NSEC_PER_SEC;
	scenario->reset_timeout_ns = 60 * NSEC_PER_SEC;
	scenario->workload_timeout_ns = 20 * NSEC_PER_SEC;
	scenario->check_timeout_ns = 30 * NSEC_PER_SEC;
	scenario->budget.max[FAULT_SILENCE] = 1;
	scenario->budget.max[FAULT_LINK] = 2;
	scenario->budget.total = -1;
	scenario->from = NOW_WORKLOAD;
	scenario->until = NOW_CHECK;
	scenario->heal = NOW_HEALED;
	scenario->baseline_runs = 5;
	scenario->repeat_runs = 2;
	scenario->shrink_runs = 60;
	scenario->shorten = true;
	scenario->spare_idle = true;
	scenario->max_experiments = 200;
	scenario->max_time_ns = 1800 * NSEC_PER_SEC;
}

static int set_dir(struct scenario *scenario, const char *path, struct err *err)
{
	char copy[PATH_MAX], real[PATH_MAX];

	if (strlen(path) >= sizeof(copy))
		return err__set(err, EXIT_USAGE, "the scenario's path is too long");
	strcpy(copy, path);
	if (!realpath(dirname(copy), real))
		return err__set(err, EXIT_USAGE, "cannot find the folder of %s: %s", path,
				strerror(errno));
	scenario->path = strdup(path);
	scenario->dir = strdup(real);
	return scenario->path && scenario->dir ? 0 : err__set(err, EXIT_MACHINE, "out of memory");
}

/* `./write.sh --once`: the file that is run, where that is plain to see. NULL where it is not. */
static char *file_of(const struct scenario *scenario, const char *line)
{
	size_t len = strcspn(line, " \t\n");
	char *file = NULL;

	if (strcspn(line, "$\"'`\\;|&<>(){}*?[]~#\n") < len || !memchr(line, '/', len) ||
	    memchr(line, '=', len))
		return NULL;
	if (line[0] == '/')
		return strndup(line, len);
	return asprintf(&file, "%s/%.*s", scenario->dir, (int)len, line) < 0 ? NULL : file;
}

static int check_command(struct keys *keys, const struct scenario *scenario, const char *key,
			 const char *line, struct err *err)
{
	struct stat st;
	char *file;
	int ret = 0;

	if (!line || !(file = file_of(scenario, line)))
		return 0;
	if (stat(file, &st))
		ret = keys__refuse(keys, key, err, "`%s`: cannot find %s: %s", key, file,
				   strerror(errno));
	else if (S_ISDIR(st.st_mode))
		ret = keys__refuse(keys, key, err, "`%s`: %s is a folder", key, file);
	else if (access(file, X_OK))
		ret = keys__refuse(keys, key, err, "`%s`: %s is not executable; chmod +x it", key, file);
	free(file);
	return ret;
}

static int check_present(struct keys *keys, const struct scenario *scenario, struct err *err)
{
	if (!scenario->target_cnt)
		return keys__refuse(keys, "targets", err,
				    "`targets` names nothing; write for example targets: [docker:redis1, docker:redis2]");
	if (!scenario->workload)
		return keys__refuse(keys, NULL, err,
				    "`workload` is missing: the command whose exit 0 is the promise");
	if (check_command(keys, scenario, "reset", scenario->reset, err) ||
	    check_command(keys, scenario, "roles", scenario->roles, err) ||
	    check_command(keys, scenario, "workload", scenario->workload, err))
		return -1;
	return check_command(keys, scenario, "check", scenario->check, err);
}

static int check_spans(struct keys *keys, const struct scenario *scenario, struct err *err)
{
	const struct {
		const char *key;
		uint64_t ns;
		bool positive;
	} spans[] = {
		{ "timeout.reset", scenario->reset_timeout_ns, true },
		{ "timeout.workload", scenario->workload_timeout_ns, true },
		{ "timeout.check", scenario->check_timeout_ns, true },
		{ "runs.time", scenario->max_time_ns, true },
		{ "hold", scenario->hold_ns, false },
		{ "settle", scenario->settle_ns, false },
		{ "idle", scenario->idle_ns, false },
	};

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		if (spans[i].positive && !spans[i].ns)
			return keys__refuse(keys, spans[i].key, err,
					    "`%s` is 0: nothing could end in time", spans[i].key);
		if (spans[i].ns > 7 * MAX_SPAN_NS)
			return keys__refuse(keys, spans[i].key, err, "`%s` is more than a week",
					    spans[i].key);
	}
	return 0;
}

static int check_faults(struct keys *keys, const struct scenario *scenario, struct err *err)
{
	const int *max = scenario->budget.max;

	if (!max[FAULT_SILENCE] && !max[FAULT_LINK] && !max[FAULT_PARTITION] && !max[FAULT_LOSS] &&
	    !max[FAULT_STALL])
		return keys__refuse(keys, "faults", err,
				    "`faults` allows none; give silence, link, partition, loss or stall a number");
	if (scenario->from >= scenario->until && !max[FAULT_SILENCE])
		return keys__refuse(keys, keys__line(keys, "faults.until") ? "faults.until" : "faults.from",
				    err, "links, partitions, losses and stalls would have to begin at or after `from` and "
				    "before `until`: there is no such step");
	if (scenario->from > scenario->until)
		return keys__refuse(keys, "faults.from", err, "`from` is later than `until`");
	return 0;
}

/* What speaks of a time after the workload says nothing when nothing comes after the workload. */
static int check_contradictions(struct keys *keys, const struct scenario *scenario, struct err *err)
{
	static const char *const late[] = { "hold", "settle", "faults.heal", "timeout.check" };

	for (size_t i = 0; i < 4 && !scenario->check; i++)
		if (keys__line(keys, late[i]))
			return keys__refuse(keys, late[i], err,
					    "`%s` without `check`: the run ends with the workload; "
					    "add a check or remove it",
					    late[i]);
	if (scenario->lockstep && (scenario->delay_ns || scenario->budget.max[FAULT_STALL]))
		return keys__refuse(keys, "faults.assume", err,
				    "`assume: lockstep` goes with endless faults that are no stalls: what comes late "
				    "is handed over in another step; write `exact`");
	if (scenario->heal == NOW_END && scenario->settle_ns)
		return keys__refuse(keys, "settle", err,
				    "`settle` waits after healing, but `heal: end` heals nothing "
				    "before the check; use `hold`");
	if (scenario->heal == NOW_END && keys__line(keys, "faults.heal") &&
	    keys__line(keys, "faults.until") && scenario->until <= scenario->from)
		return keys__refuse(keys, "faults.until", err,
				    "`until` leaves no step in which a link could fail");
	return 0;
}

static int check_twice(struct keys *keys, const char *key, char **list, size_t cnt, struct err *err)
{
	for (size_t i = 0; i < cnt; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(list[i], list[k]))
				return keys__refuse(keys, key, err, "`%s` names %.60s twice", key,
						    list[i]);
	return 0;
}

static int check_lists(struct keys *keys, const struct scenario *scenario, struct err *err)
{
	if (check_twice(keys, "targets", scenario->targets, scenario->target_cnt, err) ||
	    check_twice(keys, "clients", scenario->clients, scenario->client_cnt, err) ||
	    check_twice(keys, "spare", scenario->spare, scenario->spare_cnt, err))
		return -1;
	for (size_t i = 0; i < scenario->client_cnt; i++)
		for (size_t k = 0; k < scenario->target_cnt; k++)
			if (!strcmp(scenario->clients[i], scenario->targets[k]))
				return keys__refuse(keys, "clients", err,
						    "%.60s is both a target and a client; keep one",
						    scenario->clients[i]);
	return 0;
}

/* "pid:run/a.pid" is a file in the scenario's folder: made absolute. */
static int anchor_pid_file(const struct scenario *scenario, char **target)
{
	static const char *const schemes[] = { "pid:", "pgid:" };
	const char *eq = strchr(*target, '='), *colon = strchr(*target, ':');
	const char *spec = eq && colon && eq < colon ? eq + 1 : *target, *rest;
	char *anchored;

	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(schemes[i]);

		if (strncmp(spec, schemes[i], len))
			continue;
		rest = spec + len;
		if (!*rest || rest[0] == '/' || !rest[strspn(rest, "0123456789")])
			return 0;
		if (asprintf(&anchored, "%.*s%s/%s", (int)(rest - *target), *target, scenario->dir,
			     rest) < 0)
			return -1;
		free(*target);
		*target = anchored;
		return 0;
	}
	return 0;
}

static int anchor_all(struct scenario *scenario, struct err *err)
{
	int bad = 0;

	for (size_t i = 0; i < scenario->target_cnt; i++)
		bad |= anchor_pid_file(scenario, &scenario->targets[i]);
	for (size_t i = 0; i < scenario->client_cnt; i++)
		bad |= anchor_pid_file(scenario, &scenario->clients[i]);
	return bad ? err__set(err, EXIT_MACHINE, "out of memory") : 0;
}

static int fill_rest(struct keys *keys, struct scenario *scenario, struct err *err)
{
	if (!scenario->name)
		scenario->name = strdup(scenario->path);
	if (!keys__line(keys, "spare")) {
		scenario->spare = calloc(2, sizeof(*scenario->spare));
		if (scenario->spare && (scenario->spare[0] = strdup("client")))
			scenario->spare_cnt = 1;
	}
	if (!scenario->idle_ns) /* then none is known */
		scenario->spare_idle = false;
	if (!scenario->name || !scenario->spare)
		return err__set(err, EXIT_MACHINE, "out of memory");
	return anchor_all(scenario, err);
}

static struct scenario *from_keys(struct keys *keys, const char *path, struct err *err)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));

	if (!scenario) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	set_defaults(scenario);
	if (set_dir(scenario, path, err) || keys__take(keys, scenario_keys, scenario, err) ||
	    check_present(keys, scenario, err) || check_spans(keys, scenario, err) ||
	    check_faults(keys, scenario, err) || check_contradictions(keys, scenario, err) ||
	    check_lists(keys, scenario, err) || fill_rest(keys, scenario, err)) {
		scenario__free(scenario);
		return NULL;
	}
	return scenario;
}

struct scenario *scenario__load(const char *path, struct err *err)
{
	struct keys *keys = keys__open(path, err);
	struct scenario *scenario;

	if (!keys)
		return NULL;
	scenario = from_keys(keys, path, err);
	keys__close(keys);
	return scenario;
}

struct scenario *scenario__parse(const char *path, const char *text, size_t len, struct err *err)
{
	struct keys *keys = keys__parse(path, text, len, err);
	struct scenario *scenario;

	if (!keys)
		return NULL;
	scenario = from_keys(keys, path, err);
	keys__close(keys);
	return scenario;
}

static void free_list(char **list, size_t cnt)
{
	/* one more than cnt may be set when reading stopped in the middle */
	for (size_t i = 0; list && i <= cnt; i++)
		free(list[i]);
	free(list);
}

void scenario__free(struct scenario *scenario)
{
	if (!scenario)
		return;
	free(scenario->path);
	free(scenario->dir);
	free(scenario->name);
	free(scenario->reset);
	free(scenario->roles);
	free(scenario->workload);
	free(scenario->check);
	free_list(scenario->targets, scenario->target_cnt);
	free_list(scenario->clients, scenario->client_cnt);
	free_list(scenario->spare, scenario->spare_cnt);
	free(scenario);
}
