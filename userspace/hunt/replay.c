// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/interrupt.h"
#include "hunt/hunt.h"
#include "hunt/result.h"

#define MAX_REPLAYS 9999

struct replay {
	struct scenario *scenario;
	struct session session;
	struct journal *journal;
	struct lab lab;
	struct fault_set faults;
};

static int load_scenario(struct replay *replay, const char *dir, struct err *err)
{
	char *path = hunt_head__scenario(dir, err);

	if (!path)
		return -1;
	replay->scenario = scenario__load(path, err);
	free(path);
	return replay->scenario ? 0 : -1;
}

static bool is_violation(const json_t *result)
{
	const char *end = json_string_value(json_object_get(result, "result"));

	return end && !strcmp(end, hunt_end__name(HUNT_VIOLATION));
}

static int load_faults(struct replay *replay, const json_t *result, const char *dir, struct err *err)
{
	if (fault_set__from_json(json_object_get(result, "faults"), &replay->session.names,
				 &replay->faults, err))
		return err__prefix(err, "%s/result.json", dir);
	if (!is_violation(result))
		return err__set(err, EXIT_USAGE, "the hunt in %s found no violation: nothing to replay",
				dir);
	return 0;
}

static int next_dir(const char *dir, char *ret, size_t size, struct err *err)
{
	struct stat st;

	for (int i = 1; i <= MAX_REPLAYS; i++) {
		if (snprintf(ret, size, "%s/replay/%04d", dir, i) >= (int)size)
			return err__set(err, EXIT_USAGE, "the folder's path is too long");
		if (lstat(ret, &st))
			return 0;
	}
	return err__set(err, EXIT_USAGE, "%s/replay is full: remove what is old", dir);
}

static int run_all(struct replay *replay, unsigned int times,
		   void (*show)(void *ctx, const struct session *session,
				const struct experiment *experiment),
		   void *ctx, struct replay_result *ret, struct err *err)
{
	struct experiment *experiment = malloc(sizeof(*experiment));
	int bad = experiment ? 0 : err__set(err, EXIT_MACHINE, "out of memory");

	for (unsigned int i = 0; i < times && !bad && !interrupt__raised(); i++) {
		bad = experiment__run(&replay->lab, &replay->faults, "replay", 0, experiment, err);
		if (bad)
			break;
		ret->runs++;
		ret->broken += experiment->verdict == VERDICT_VIOLATED;
		ret->made += experiment->verdict == VERDICT_VIOLATED ||
			     experiment->verdict == VERDICT_SURVIVED;
		show(ctx, &replay->session, experiment);
	}
	free(experiment);
	return bad;
}

static int open_all(struct replay *replay, const char *dir, struct replay_result *ret,
		    struct err *err)
{
	json_t *result = hunt_result__read(dir, err);
	int bad;

	if (!result)
		return -1;
	bad = load_scenario(replay, dir, err) ||
	      scenario__session(replay->scenario, &replay->session, err) ||
	      load_faults(replay, result, dir, err) || next_dir(dir, ret->dir, sizeof(ret->dir), err);
	json_decref(result);
	if (bad)
		return -1;
	replay->journal = journal__open(ret->dir, false, err);
	if (!replay->journal)
		return -1;
	return lab__open(&replay->lab, replay->scenario, &replay->session, replay->journal, ret->dir,
			 err);
}

int replay__run(const char *dir, unsigned int times,
		void (*show)(void *ctx, const struct session *session,
			     const struct experiment *experiment),
		void *ctx, struct replay_result *ret, struct err *err)
{
	struct replay replay = {};
	int bad;

	memset(ret, 0, sizeof(*ret));
	bad = open_all(&replay, dir, ret, err) || run_all(&replay, times, show, ctx, ret, err);
	lab__close(&replay.lab);
	journal__close(replay.journal);
	session__close(&replay.session);
	scenario__free(replay.scenario);
	return bad ? -1 : 0;
}
