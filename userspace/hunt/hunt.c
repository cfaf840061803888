// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/hunt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/units.h"
#include "hunt/faultless.h"
#include "hunt/result.h"
#include "hunt/spare.h"
#include "hunt/state.h"
#include "model/space.h"

#define GUESSES 100	  /* sets tried by what is likely, where it follows at no cost what is left */
#define UNSETTLED 60	  /* sets in a row that rest on what none did before: there will be no end */
#define COUNT_LEFT 1000	  /* candidates are counted up to here */
#define COUNT_SHOWN 100	  /* and while the hunt goes on up to here */

static const char *const strategies[] = { "lineage", "random", "exhaustive" };
static const char *const ends[] = { "undecided", "violation", "tolerant" };

int strategy__named(const char *name, enum strategy_kind *ret)
{
	for (int i = 0; i < 3; i++)
		if (!strcmp(name, strategies[i])) {
			*ret = (enum strategy_kind)i;
			return 0;
		}
	return -1;
}

const char *strategy__name(enum strategy_kind kind)
{
	return strategies[kind];
}

const char *hunt_end__name(enum hunt_end end)
{
	return ends[end];
}

enum exit_code hunt_result__code(const struct hunt_result *result)
{
	switch (result->end) {
	case HUNT_VIOLATION:
		return EXIT_VIOLATION;
	case HUNT_TOLERANT:
		return EXIT_DONE;
	default:
		return EXIT_UNDECIDED;
	}
}

void hunt__say(const struct hunt *hunt, const char *fmt, ...)
{
	char text[700];
	va_list ap;

	if (!hunt->opts->view.say)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	hunt->opts->view.say(hunt->opts->view.ctx, text);
}

static uint64_t elapsed_ns(const struct hunt *hunt)
{
	return units__now_ns() - hunt->begin_ns + hunt->lab.recalled_ns;
}

int hunt__note_support(struct hunt *hunt, const struct support *support)
{
	const size_t before = hunt->ever.cnt;

	for (size_t i = 0; i < support->cnt; i++)
		if (support__add(&hunt->ever, &support->v[i]))
			return -1;
	hunt->unsettled = hunt->ever.cnt > before ? hunt->unsettled + 1 : 0;
	if (hunt->unsettled >= UNSETTLED && hunt->stop == STOP_NONE)
		hunt->stop = STOP_UNSETTLED;
	return 0;
}

bool hunt__stopped(struct hunt *hunt)
{
	if (interrupt__raised())
		hunt->stop = STOP_INTERRUPTED;
	else if (hunt->stop == STOP_NONE && elapsed_ns(hunt) >= hunt->scenario->max_time_ns)
		hunt->stop = STOP_TIME;
	return hunt->stop != STOP_NONE;
}

static struct model_opts model_opts_of(const struct hunt *hunt)
{
	const struct scenario *scenario = hunt->scenario;

	return (struct model_opts){
		.node_cnt = (uint16_t)hunt->session->nodes.cnt,
		.names = &hunt->session->names,
		.budget = scenario->budget,
		.spare_nodes = hunt->spare,
		.from = scenario->from,
		.until = scenario->until,
		.heal = scenario->heal,
		.seed = hunt->seed,
		.spare_idle = scenario->spare_idle,
		.delay_ns = scenario->delay_ns,
		.lockstep = scenario->lockstep,
	};
}

int hunt__rebuild_model(struct hunt *hunt, struct err *err)
{
	if (hunt->kind != STRATEGY_LINEAGE)
		return 0;
	model__free(hunt->model);
	hunt->committed = 0;
	hunt->model = model__new(&hunt->model_opts, err);
	if (!hunt->model)
		return -1;
	for (size_t i = 0; i < hunt->tried.cnt; i++)
		if (trial__learn(hunt, hunt->tried.v[i], err))
			return -1;
	return 0;
}

/* Once more, every set that survived in fewer runs than asked for. *ret_more: the model changed.
 * *ret_violated is set for one that broke, and confirmed, only. */
static int repeat_survivors(struct hunt *hunt, struct tried **ret_violated, bool *ret_more,
			    struct err *err)
{
	*ret_more = false;
	for (size_t i = 0; i < hunt->tried.cnt; i++) {
		struct tried *tried = hunt->tried.v[i];
		const size_t before = tried->support.cnt;

		if (!tried->faults.cnt || tried->foretold || tried->standing != STANDING_SURVIVED)
			continue;
		if (trial__make_sure(hunt, tried, err))
			return -1;
		if (tried->standing == STANDING_VIOLATED) {
			*ret_violated = tried;
			return 0;
		}
		*ret_more |= tried->support.cnt != before || tried->standing != STANDING_SURVIVED;
		if (hunt->stop != STOP_NONE)
			return 0;
	}
	return *ret_more ? hunt__rebuild_model(hunt, err) : 0;
}

/* Once more, every set whose runs did not count: the machine may have been busy then. As in repeat_survivors. */
static int retry_lost(struct hunt *hunt, struct tried **ret_violated, bool *ret_more, struct err *err)
{
	*ret_more = false;
	for (size_t i = 0; i < hunt->tried.cnt && !*ret_violated && !hunt__stopped(hunt); i++) {
		struct tried *tried = hunt->tried.v[i];

		if (tried->standing != STANDING_PARKED || !tried->was_lost)
			continue;
		tried->was_lost = false;
		*ret_more = true;
		tried->standing = STANDING_OPEN;
		tried->why[0] = '\0';
		if (trial__run(hunt, &tried->faults, "again", &tried, err))
			return -1;
		if (tried->standing == STANDING_VIOLATED)
			*ret_violated = tried;
	}
	return *ret_more && !*ret_violated ? hunt__rebuild_model(hunt, err) : 0;
}

/* What breaks holds on breaking, as far as minimal sets are concerned. */
static int next_by_strategy(struct hunt *hunt, const struct hunt_result *result,
			    struct fault_set *ret)
{
	int found;

	do
		found = strategy__next(hunt->strategy, &hunt->tried, ret);
	while (found && found__within(result, ret));
	return found;
}

static int next_candidate(struct hunt *hunt, const struct hunt_result *result,
			  struct fault_set *ret, struct err *err)
{
	struct candidate candidate = { 0 };
	int found;

	if (hunt->strategy)
		return next_by_strategy(hunt, result, ret);
	if (hunt->precedents && tried__cnt(&hunt->tried) >= GUESSES)
		hunt->mode = CLAUSE_EXACT;
	if (hunt->mode == CLAUSE_MONOTONE) {
		found = model__next(hunt->model, hunt->mode, &candidate, err);
		*ret = candidate.faults;
		if (found || hunt->scenario->monotone)
			return found;
		hunt->mode = CLAUSE_EXACT;
	}
	found = foretold__next(hunt, ret, err);
	if (found)
		return found;
	found = model__next(hunt->model, hunt->mode, &candidate, err);
	*ret = candidate.faults;
	return found;
}

static void tell_progress(void *ctx, const struct experiment *experiment, const char *phase)
{
	const struct hunt *hunt = ctx;
	const struct hunt_view *view = &hunt->opts->view;
	uint64_t gone_ns = elapsed_ns(hunt), all_ns = hunt->scenario->max_time_ns;
	const struct hunt_progress progress = {
		.experiment = experiment,
		.phase = phase,
		.left_ns = gone_ns < all_ns ? all_ns - gone_ns : 0,
		.candidates = hunt->left,
		.more = hunt->more_left,
	};

	view->progress(view->ctx, hunt->session, &progress);
}

/* What is left, for whoever watches; that it cannot be told is no reason to stop. */
static void note_left(struct hunt *hunt)
{
	struct candidate *list = NULL;

	if (!hunt->opts->view.progress || !hunt->model || hunt->closure)
		return;
	hunt->left = model__candidates(hunt->model, hunt->mode, COUNT_SHOWN, &list, &hunt->more_left,
				       NULL);
	free(list);
}

/* Until a set breaks (*ret_violated), nothing is left, or the hunt is stopped. */
static int search(struct hunt *hunt, const struct hunt_result *result,
		  struct tried **ret_violated, struct err *err)
{
	struct fault_set faults;
	struct tried *tried;
	bool more, foretold;

	*ret_violated = NULL;
	while (!hunt__stopped(hunt)) {
		int found = next_candidate(hunt, result, &faults, err);

		if (found < 0)
			return -1;
		if (!found) {
			if (foretold__check(hunt, ret_violated, &more, err) ||
			    (!*ret_violated && !more && retry_lost(hunt, ret_violated, &more, err)) ||
			    (!*ret_violated && !more && repeat_survivors(hunt, ret_violated, &more, err)))
				return -1;
			if (*ret_violated || !more)
				return 0;
			hunt->mode = hunt->precedents ? CLAUSE_EXACT : CLAUSE_MONOTONE;
			continue;
		}
		if (tried__cnt(&hunt->tried) >= hunt->max) {
			hunt->stop = STOP_MAX;
			return 0;
		}
		if (foretold__take(hunt, &faults, &foretold, err))
			return -1;
		if (foretold)
			continue;
		note_left(hunt);
		if (trial__run(hunt, &faults, "candidate", &tried, err))
			return -1;
		if (tried->standing == STANDING_VIOLATED) {
			*ret_violated = tried;
			return 0;
		}
	}
	return 0;
}

/* What a certificate stands on. */
static enum clause_mode last_mode(const struct hunt *hunt)
{
	return hunt->scenario->monotone ? CLAUSE_MONOTONE : CLAUSE_EXACT;
}

static int count_left(struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	struct candidate *list = NULL;
	long cnt;

	if (!hunt->model)
		return 0;
	cnt = model__candidates(hunt->model, last_mode(hunt), COUNT_LEFT, &list, &ret->more_left, err);
	free(list);
	if (cnt < 0)
		return -1;
	ret->candidates_left = (size_t)cnt;
	return 0;
}

static int write_certificate(struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	FILE *file;
	int bad;

	if (!hunt->model)
		return 0;
	if (snprintf(ret->certificate, sizeof(ret->certificate), "%s/certificate.cnf",
		     hunt->lab.dir) >= (int)sizeof(ret->certificate))
		return err__set(err, EXIT_USAGE, "the folder's path is too long");
	file = fopen(ret->certificate, "we");
	if (!file)
		return err__set(err, EXIT_MACHINE, "cannot write %s: %s", ret->certificate,
				strerror(errno));
	bad = model__write_certificate(hunt->model, last_mode(hunt), file, err);
	if ((fflush(file) || fsync(fileno(file))) && !bad)
		bad = err__set(err, EXIT_MACHINE, "cannot write %s: %s", ret->certificate,
			       strerror(errno));
	fclose(file);
	return bad;
}

static void explain_stop(const struct hunt *hunt, struct hunt_result *ret)
{
	static const char *const stops[] = {
		[STOP_INTERRUPTED] = "interrupted; --resume goes on",
		[STOP_TIME] = "the time was up",
		[STOP_MAX] = "as many fault sets as allowed were tried",
		[STOP_UNSETTLED] = "messages do not settle: set after set the outcome rested on messages, by link and step, that "
				   "no run had shown before, and each makes new candidates; pin what differs from run to run, "
				   "or end faults earlier (`until`)",
	};

	snprintf(ret->why, sizeof(ret->why), "%s", stops[hunt->stop]);
}

/* Nothing is left to try: tolerant, unless something was left out on the way. */
static int conclude(struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	size_t cnt = tried__cnt(&hunt->tried);

	if (tried__broken(hunt->baseline)) {
		snprintf(ret->why, sizeof(ret->why),
			 "the promise broke in %u of %u runs without any fault: that it was kept under "
			 "faults shows nothing, and no set breaks it clearly more often",
			 tried__broken(hunt->baseline), tried__made(hunt->baseline));
		return 0;
	}
	if (ret->parked) {
		snprintf(ret->why, sizeof(ret->why),
			 "%zu fault set%s could not be judged and %s parked: see the journal", ret->parked,
			 ret->parked == 1 ? "" : "s", ret->parked == 1 ? "is" : "are");
		return 0;
	}
	if (cnt && ret->vacuous == cnt) {
		snprintf(ret->why, sizeof(ret->why),
			 "under every fault set the promise was not made: nothing was put to the test");
		return 0;
	}
	ret->end = HUNT_TOLERANT;
	return write_certificate(hunt, ret, err);
}

/* Until a set breaks, or with `all` until none is left that does. */
static int find(struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	struct tried *violated;

	do {
		if (search(hunt, ret, &violated, err) ||
		    (violated && found__take(hunt, violated, ret, err)))
			return -1;
		/* the others are looked for from small to large */
		hunt->mode = last_mode(hunt);
	} while (violated && hunt->opts->all && hunt->stop == STOP_NONE);
	return 0;
}

static int finish(struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	const bool violated = ret->violation_cnt;

	ret->parked = tried__standing_cnt(&hunt->tried, STANDING_PARKED);
	ret->vacuous = tried__standing_cnt(&hunt->tried, STANDING_VACUOUS);
	if (violated && !hunt->opts->all)
		return 0;
	if (hunt->stop != STOP_NONE) {
		explain_stop(hunt, ret);
		return foretold__settle(hunt, err) || count_left(hunt, ret, err) ? -1 : 0;
	}
	if (!violated)
		return conclude(hunt, ret, err);
	ret->all = !ret->parked;
	return write_certificate(hunt, ret, err);
}

/* What there would be to try without lineage. */
static int count_space(const struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	struct space space;

	if (space__of_messages(&space, &hunt->model_opts, &hunt->seen))
		return err__set(err, EXIT_MACHINE, "out of memory");
	ret->candidates = space__sets(&space, &hunt->model_opts.budget);
	return 0;
}

static int loop(struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	hunt->model_opts = model_opts_of(hunt);
	if (hunt->scenario->lockstep && hunt->kind == STRATEGY_LINEAGE) {
		hunt->precedents = precedents__new(&hunt->model_opts);
		if (!hunt->precedents)
			return err__set(err, EXIT_MACHINE, "out of memory");
	}
	if (faultless__run(hunt, err) || count_space(hunt, ret, err))
		return -1;
	if (faultless__ends(hunt, ret))
		return ret->end == HUNT_VIOLATION ? found__by_itself(ret, err) : 0;
	if (hunt->kind != STRATEGY_LINEAGE) {
		hunt->strategy = strategy__new(hunt->kind == STRATEGY_RANDOM, &hunt->model_opts,
					       hunt->last_step);
		if (!hunt->strategy)
			return err__set(err, EXIT_MACHINE, "out of memory");
	}
	if (hunt__rebuild_model(hunt, err) || find(hunt, ret, err))
		return -1;
	return finish(hunt, ret, err);
}

static int conduct(struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	const struct hunt_view *view = &hunt->opts->view;

	if (view->began)
		view->began(view->ctx, hunt->session, hunt->scenario);
	if (loop(hunt, ret, err))
		return -1;
	if (found__describe(hunt, ret, err))
		return -1;
	ret->experiments = (unsigned int)tried__cnt(&hunt->tried);
	ret->foretold = (unsigned int)foretold__cnt(hunt);
	ret->runs = hunt->lab.runs;
	ret->seconds = (double)elapsed_ns(hunt) / NSEC_PER_SEC;
	if (hunt_result__write(ret, hunt->lab.dir, &hunt->session->names, err))
		return -1;
	if (journal__add(hunt->journal,
			 json_pack("{s:s, s:o}", "event", "result", "result",
				   hunt_result__to_json(ret, &hunt->session->names)),
			 err))
		return -1;
	if (view->ended)
		view->ended(view->ctx, hunt->session, hunt->scenario, ret);
	return 0;
}

static int in_folder(struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	int bad;

	hunt->journal = journal__open(hunt->opts->dir, hunt->opts->resume, err);
	if (!hunt->journal)
		return -1;
	bad = hunt_head__settle(hunt->journal, hunt->scenario, hunt->opts, &hunt->seed, &hunt->kind,
				err) ||
	      lab__open(&hunt->lab, hunt->scenario, hunt->session, hunt->journal, hunt->opts->dir, err);
	if (!bad) {
		if (hunt->opts->view.progress) {
			hunt->lab.entered = tell_progress;
			hunt->lab.ctx = hunt;
		}
		hunt->begin_ns = units__now_ns();
		bad = conduct(hunt, ret, err);
	}
	strategy__free(hunt->strategy);
	model__free(hunt->model);
	closure__free(hunt->closure);
	precedents__free(hunt->precedents);
	tried__free(&hunt->tried);
	support__free(&hunt->seen);
	support__free(&hunt->ever);
	lab__close(&hunt->lab);
	journal__close(hunt->journal);
	return bad;
}

int hunt__run(const struct scenario *scenario, const struct hunt_opts *opts,
	      struct hunt_result *ret, struct err *err)
{
	struct hunt hunt = { .scenario = scenario, .opts = opts, .left = -1 };
	struct session session;
	int bad;

	memset(ret, 0, sizeof(*ret));
	ret->delay_ns = scenario->delay_ns;
	hunt.max = opts->max ? opts->max : scenario->max_experiments;
	/* the folder after the targets: a hunt that cannot begin leaves nothing in it */
	if (scenario__session(scenario, &session, err))
		return -1;
	hunt.session = &session;
	bad = spare__of(scenario, &session.nodes, true, &hunt.spare, err) || in_folder(&hunt, ret, err);
	session__close(&session);
	return bad ? -1 : 0;
}
