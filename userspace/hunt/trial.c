// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "hunt/state.h"

/* Runs of one set that may say nothing before it is parked. */
#define MAX_MISSED 2
#define MAX_UNKNOWN 2
#define MAX_LOST 3
#define MAX_BROKEN_ROW 3
#define MAX_MUTE 4 /* repeats that say neither kept nor broken */
#define CONFIRM_ATTEMPTS 6
#define SURE 0.3 /* confidence from which a member is named to a person */

static void tell(struct hunt *hunt, const struct experiment *experiment, const char *learned)
{
	if (hunt->opts->view.experiment)
		hunt->opts->view.experiment(hunt->opts->view.ctx, hunt->session, experiment, learned);
}

/* For reports: nothing is recalled from it. 0 or -1. */
static int note_learned(struct hunt *hunt, const struct experiment *experiment, const char *learned,
			struct err *err)
{
	if (!*learned || experiment->was_recalled)
		return 0;
	return journal__add(hunt->journal,
			    json_pack("{s:s, s:i, s:s}", "event", "learned", "run",
				      (int)experiment->run.number, "text", learned),
			    err);
}

/* "new support: 14 messages, via redis1, redis2" */
static void describe(const struct hunt *hunt, const struct tried *tried, char *buf, size_t size)
{
	const struct support *support = &tried->support;
	bool vacuous = tried->standing == STANDING_VACUOUS;
	unsigned int messages = 0;
	uint64_t via = 0;
	size_t len;

	for (size_t i = 0; i < support->cnt; i++) {
		messages += support->v[i].messages;
		if (support->v[i].confidence >= SURE)
			via |= 1ULL << support->v[i].src | 1ULL << support->v[i].dst;
	}
	len = (size_t)snprintf(buf, size, "%s%s%s of %u message%s", tried->why,
			       tried->why[0] ? ", promise kept: " : "",
			       vacuous ? "clause" : "new support", messages,
			       messages == 1 ? "" : "s");
	for (uint16_t id = 1; !vacuous && id < MAX_NODES; id++)
		if ((via >> id & 1) && id != hunt->session->client && len < size) {
			len += (size_t)snprintf(buf + len, size - len, "%s%s",
						strstr(buf, ", via ") ? ", " : ", via ",
						hunt->session->names.name_of(hunt->session->names.ctx, id));
		}
}

int trial__add_support(struct hunt *hunt, struct tried *tried, const struct experiment *experiment,
		       struct err *err)
{
	char path[PATH_MAX];
	struct judge judge = experiment__judge(&hunt->lab, experiment, path);

	if (foretold__hear(hunt, experiment, err))
		return -1;
	if (experiment->verdict == VERDICT_VACUOUS)
		return judge__delivered(&judge, &tried->support, &tried->course, err);
	return judge__support(&judge, &tried->support, &tried->course, err);
}

int trial__learn(struct hunt *hunt, const struct tried *tried, struct err *err)
{
	static const enum lesson lessons[] = {
		[STANDING_SURVIVED] = LESSON_SURVIVED,
		[STANDING_VACUOUS] = LESSON_VACUOUS,
		[STANDING_VIOLATED] = LESSON_VIOLATED,
		[STANDING_PARKED] = LESSON_PARKED,
	};

	if (!hunt->model || tried->standing == STANDING_OPEN)
		return 0;
	if (tried->foretold)
		return model__foretell(hunt->model, &tried->faults, lessons[tried->standing],
				       &tried->support, err);
	if (model__learn(hunt->model, tried->last_run, &tried->faults, lessons[tried->standing],
			 &tried->support, tried->why[0] ? tried->why : NULL, err))
		return -1;
	return model__watch(hunt->model, &tried->course, err);
}

static void park(struct tried *tried, const char *what, const char *why)
{
	tried->standing = STANDING_PARKED;
	snprintf(tried->why, sizeof(tried->why), "%s: %.200s", what, why);
}

/* One run of the set, counted. A set that the injector cannot express is parked. */
static int run_once(struct hunt *hunt, struct tried *tried, const char *purpose,
		    struct experiment *ret, struct err *err)
{
	if (experiment__run(&hunt->lab, &tried->faults, purpose, 0, ret, err)) {
		if (err->code != EXIT_USAGE || !tried->faults.cnt)
			return -1;
		park(tried, "untestable", err->msg);
		hunt__say(hunt, "%s", tried->why);
		return 0;
	}
	tried->seen[ret->verdict]++;
	tried->last_run = ret->run.number;
	if (ret->verdict == VERDICT_VIOLATED)
		tried->broken_run = ret->run.number;
	if (ret->run.ns > tried->longest_ns)
		tried->longest_ns = ret->run.ns;
	hunt->broken_row = ret->verdict == VERDICT_BROKEN ? hunt->broken_row + 1 : 0;
	if (ret->verdict == VERDICT_INTERRUPTED)
		hunt->stop = STOP_INTERRUPTED;
	if (hunt->broken_row < MAX_BROKEN_ROW)
		return 0;
	tell(hunt, ret, "");
	return err__set(err, EXIT_TARGET, "%d runs in a row were broken; the last: %s",
			MAX_BROKEN_ROW, ret->why);
}

static bool is_unfired_and_kept(const struct experiment *experiment)
{
	const struct facts *facts = &experiment->run.facts;

	return experiment->verdict == VERDICT_MISSED && !facts->leaked && !facts->unheld &&
	       experiment__kept(experiment);
}

/*
 * Nothing was there to cut, though the set was in force all the time. If the promise was kept every
 * time, the runs are good runs that the set does not touch: their lineage is learned from. Only
 * what leaked, or broke without a cut, is untestable.
 */
static int judge_missed(struct hunt *hunt, struct tried *tried, const struct experiment *experiment,
			struct err *err)
{
	if (is_unfired_and_kept(experiment)) {
		tried->unfired_kept++;
		if (trial__add_support(hunt, tried, experiment, err))
			return -1;
	}
	if (tried->seen[VERDICT_MISSED] < MAX_MISSED)
		return 0;
	if (tried->unfired_kept < tried->seen[VERDICT_MISSED]) {
		park(tried, "untestable", experiment->why);
		return 0;
	}
	tried->standing = STANDING_SURVIVED;
	snprintf(tried->why, sizeof(tried->why), "in force in %u runs with nothing to cut",
		 tried->unfired_kept);
	return 0;
}

static int judge_good(struct hunt *hunt, struct tried *tried, const struct experiment *experiment,
		      struct err *err)
{
	if (trial__add_support(hunt, tried, experiment, err))
		return -1;
	tried->standing = experiment->verdict == VERDICT_VACUOUS ? STANDING_VACUOUS :
								    STANDING_SURVIVED;
	if (hunt->model && tried->standing == STANDING_SURVIVED && !tried->support.cnt)
		park(tried, "untraced", "the outcome rested on no message between nodes");
	return 0;
}

/* All but a violation. */
static int judge_one(struct hunt *hunt, struct tried *tried, const struct experiment *experiment,
		     struct err *err)
{
	switch (experiment->verdict) {
	case VERDICT_SURVIVED:
	case VERDICT_VACUOUS:
		return judge_good(hunt, tried, experiment, err);
	case VERDICT_MISSED:
		return judge_missed(hunt, tried, experiment, err);
	case VERDICT_UNKNOWN:
		if (tried->seen[VERDICT_UNKNOWN] >= MAX_UNKNOWN)
			park(tried, "unknown", experiment->why);
		return 0;
	case VERDICT_LOST:
		if (tried->seen[VERDICT_LOST] % MAX_LOST == 0) {
			park(tried, "lost", experiment->why);
			tried->was_lost = tried->seen[VERDICT_LOST] == MAX_LOST;
		}
		return 0;
	default:
		return 0;
	}
}

/* A set of which only a part fired is judged for that part. */
static struct tried *fired_part(struct hunt *hunt, struct tried *tried,
				const struct experiment *experiment)
{
	struct fault_set fired = { 0 };

	for (size_t i = 0; i < tried->faults.cnt; i++)
		if (run__in_effect(&experiment->run, i))
			fault_set__add(&fired, &tried->faults.v[i]);
	if (!fired.cnt || fired.cnt == tried->faults.cnt)
		return tried;
	return tried__get(&hunt->tried, &fired);
}

/* Broken more often than by itself? */
static bool beats_base(const struct hunt *hunt, const struct tried *tried)
{
	struct rate with = { tried__broken(tried), tried__made(tried) };
	struct rate base = { tried__broken(hunt->baseline), tried__made(hunt->baseline) };

	return with.broken >= 2 && with.broken * 2 >= with.made &&
	       (!base.broken || rate__exceeds(with, base));
}

/* Where the promise breaks by itself, it takes more runs to tell. */
static bool is_confirmed_or_not(const struct hunt *hunt, const struct tried *tried)
{
	unsigned int broken = tried__broken(tried), made = tried__made(tried);

	if (tried__broken(hunt->baseline))
		return made >= CONFIRM_ATTEMPTS + 1 || beats_base(hunt, tried);
	return made >= 4 || (made == 3 && broken != 1);
}

/* Repeats of a set that broke once. */
static int confirm(struct hunt *hunt, struct tried *tried, struct err *err)
{
	struct experiment experiment;

	tried->standing = STANDING_OPEN;
	for (int i = 0; i < CONFIRM_ATTEMPTS && !is_confirmed_or_not(hunt, tried); i++) {
		if (hunt__stopped(hunt))
			return 0;
		if (run_once(hunt, tried, "confirm", &experiment, err))
			return -1;
		if (tried->standing != STANDING_OPEN)
			return 0;
		tell(hunt, &experiment, "");
		if (experiment.verdict == VERDICT_SURVIVED &&
		    trial__add_support(hunt, tried, &experiment, err))
			return -1;
	}
	if (hunt->stop == STOP_INTERRUPTED)
		return 0;
	snprintf(tried->why, sizeof(tried->why), "broken in %u of %u runs", tried__broken(tried),
		 tried__made(tried));
	tried->standing = beats_base(hunt, tried) ? STANDING_VIOLATED : STANDING_PARKED;
	if (tried->standing == STANDING_PARKED)
		snprintf(tried->why, sizeof(tried->why), "flaky: broken in %u of %u runs",
			 tried__broken(tried), tried__made(tried));
	return 0;
}

/* The set that was asked for stands as its part does. */
static int settle(struct hunt *hunt, struct tried *asked, struct tried *part, struct err *err)
{
	if (part->standing == STANDING_OPEN)
		return 0;
	if (part->standing == STANDING_PARKED)
		hunt__say(hunt, "parked: %s", part->why);
	if (hunt__note_support(hunt, &part->support))
		return err__set(err, EXIT_MACHINE, "out of memory");
	if (trial__learn(hunt, part, err))
		return -1;
	if (part == asked)
		return 0;
	asked->standing = part->standing;
	memcpy(asked->why, part->why, sizeof(asked->why));
	return trial__learn(hunt, asked, err);
}

static int judge(struct hunt *hunt, struct tried *tried, const struct experiment *experiment,
		 struct tried **ret, struct err *err)
{
	char learned[512] = "";

	if (experiment->verdict == VERDICT_VIOLATED) {
		tell(hunt, experiment, "");
		*ret = fired_part(hunt, tried, experiment);
		if (!*ret)
			return err__set(err, EXIT_MACHINE, "out of memory");
		if (*ret != tried)
			(*ret)->seen[VERDICT_VIOLATED]++;
		(*ret)->last_run = (*ret)->broken_run = experiment->run.number;
		return confirm(hunt, *ret, err) || settle(hunt, tried, *ret, err) ? -1 : 0;
	}
	if (judge_one(hunt, tried, experiment, err))
		return -1;
	if (tried->standing == STANDING_SURVIVED || tried->standing == STANDING_VACUOUS)
		describe(hunt, tried, learned, sizeof(learned));
	if (note_learned(hunt, experiment, learned, err))
		return -1;
	tell(hunt, experiment, learned);
	return settle(hunt, tried, tried, err);
}

int trial__run(struct hunt *hunt, const struct fault_set *faults, const char *purpose,
	       struct tried **ret, struct err *err)
{
	struct tried *tried = tried__get(&hunt->tried, faults);
	struct experiment experiment;

	if (!tried)
		return err__set(err, EXIT_MACHINE, "out of memory");
	*ret = tried;
	while ((*ret)->standing == STANDING_OPEN && !hunt__stopped(hunt)) {
		if (run_once(hunt, tried, purpose, &experiment, err))
			return -1;
		if (tried->standing == STANDING_PARKED)
			return trial__learn(hunt, tried, err);
		if (judge(hunt, tried, &experiment, ret, err))
			return -1;
	}
	return 0;
}

/* Whether the promise is made is a race; once it was made, it was kept. All of these runs together say so. */
static int judge_vacuous_repeat(struct hunt *hunt, struct tried *tried, const struct experiment *experiment,
				struct err *err)
{
	if (trial__add_support(hunt, tried, experiment, err))
		return -1;
	if (++tried->mute < MAX_MUTE)
		return 0;
	tried->standing = STANDING_VACUOUS;
	snprintf(tried->why, sizeof(tried->why), "the promise was made in %u of %u runs, and kept",
		 tried->seen[VERDICT_SURVIVED], tried->seen[VERDICT_SURVIVED] + tried->seen[VERDICT_VACUOUS]);
	return 0;
}

/* What a repeat that did not break says of a set that survived. */
static int judge_repeat(struct hunt *hunt, struct tried *tried, const struct experiment *experiment,
			struct err *err)
{
	if (experiment->verdict == VERDICT_SURVIVED)
		return trial__add_support(hunt, tried, experiment, err);
	if (experiment->verdict == VERDICT_VACUOUS)
		return judge_vacuous_repeat(hunt, tried, experiment, err);
	if (is_unfired_and_kept(experiment)) {
		tried->unfired_kept++;
		return trial__add_support(hunt, tried, experiment, err);
	}
	if (experiment->verdict == VERDICT_MISSED && !experiment->run.facts.leaked &&
	    !experiment->run.facts.unheld)
		park(tried, "flaky", "survived once, not kept in a repeat in which nothing was cut");
	else if (experiment->verdict == VERDICT_UNKNOWN)
		park(tried, "flaky", "survived once, unknown in a repeat");
	else if (experiment->verdict != VERDICT_INTERRUPTED && ++tried->mute >= MAX_MUTE)
		park(tried, "not repeated", experiment->why);
	return 0;
}

/* A repeat that says something else than the runs before makes the set flaky, or a violation; one
 * that cannot be repeated is not known to survive. */
int trial__repeat(struct hunt *hunt, struct tried *tried, struct err *err)
{
	const size_t before = tried->support.cnt;
	struct experiment experiment;

	if (run_once(hunt, tried, "repeat", &experiment, err))
		return -1;
	if (tried->standing == STANDING_PARKED)
		return 0;
	if (experiment.verdict == VERDICT_VIOLATED) {
		tell(hunt, &experiment, "");
		return confirm(hunt, tried, err);
	}
	if (judge_repeat(hunt, tried, &experiment, err))
		return -1;
	tell(hunt, &experiment, tried->support.cnt > before ? "the support grows" : "nothing new");
	if (tried->standing == STANDING_PARKED)
		hunt__say(hunt, "parked: %s", tried->why);
	return 0;
}

int trial__make_sure(struct hunt *hunt, struct tried *tried, struct err *err)
{
	while (tried->standing == STANDING_SURVIVED &&
	       tried->seen[VERDICT_SURVIVED] + tried->unfired_kept < hunt->scenario->repeat_runs) {
		if (hunt__stopped(hunt))
			return 0;
		if (trial__repeat(hunt, tried, err))
			return -1;
	}
	return 0;
}
