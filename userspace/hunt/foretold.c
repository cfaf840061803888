// SPDX-License-Identifier: GPL-2.0-only
/* Fault sets whose runs follow from those of others, where a system is assumed to be in lockstep (model/precedent.h). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hunt/fault_json.h"
#include "hunt/state.h"
#include "model/clause.h"

#define CHECK_PART 20 /* one of so many is run after all, */
#define CHECK_MOST 20 /* and no more */

int foretold__hear(struct hunt *hunt, const struct experiment *experiment, struct err *err)
{
	const bool made = experiment->verdict == VERDICT_SURVIVED;
	struct transcript said = {0};
	char path[PATH_MAX];
	struct judge judge = experiment__judge(&hunt->lab, experiment, path);
	int failed;

	if (!hunt->precedents || (!made && experiment->verdict != VERDICT_VACUOUS))
		return 0;
	if (judge__transcript(&judge, &said, err))
		return -1;
	failed = precedents__add(hunt->precedents, experiment->run.number, &experiment->run.faults,
				 made ? LESSON_SURVIVED : LESSON_VACUOUS, &said);
	transcript__free(&said);
	return failed ? err__set(err, EXIT_MACHINE, "out of memory") : 0;
}

static enum standing standing_of(enum lesson lesson)
{
	return lesson == LESSON_VACUOUS ? STANDING_VACUOUS : STANDING_SURVIVED;
}

static void note(const struct hunt *hunt, json_t *sets, const struct fault_set *faults, enum lesson lesson)
{
	json_array_append_new(sets, json_pack("{s:o, s:s}", "faults", fault_set__to_json(faults, &hunt->session->names),
					      "standing", lesson__name(lesson)));
}

/* For reports: nothing is recalled from it. Takes the reference. */
static int write_down(struct hunt *hunt, json_t *sets, struct err *err)
{
	if (json_array_size(sets))
		return journal__add(hunt->journal, json_pack("{s:s, s:o}", "event", "foretold", "sets", sets), err);
	json_decref(sets);
	return 0;
}

/* 1: it was learned, 0: nobody knows how it would end, -1 */
static int take(struct hunt *hunt, const struct fault_set *faults, json_t *sets, struct err *err)
{
	struct support support = {0};
	enum lesson lesson;
	struct tried *tried;
	int known = precedents__foretell(hunt->precedents, faults, &lesson, &support);

	if (known == 1) {
		tried = tried__get(&hunt->tried, faults);
		if (!tried)
			known = -1;
		else if (tried->standing != STANDING_OPEN)
			known = 0; /* it was learned of, and is found in another mode */
	}
	if (known != 1) {
		support__free(&support);
		return known < 0 ? err__set(err, EXIT_MACHINE, "out of memory") : 0;
	}
	tried->standing = standing_of(lesson);
	tried->foretold = true;
	support__free(&tried->support);
	tried->support = support;
	note(hunt, sets, faults, lesson);
	return trial__learn(hunt, tried, err) ? -1 : 1;
}

size_t foretold__cnt(const struct hunt *hunt)
{
	return tried__foretold_cnt(&hunt->tried) + (hunt->closure ? closure__unrun_cnt(hunt->closure) : 0);
}

/* Nothing that was foretold stands any more. @why may be the precedents', which go. */
static int forget(struct hunt *hunt, const char *why, struct err *err)
{
	json_t *told = json_pack("{s:s, s:s}", "event", "no lockstep", "why", why);
	const size_t cnt = foretold__cnt(hunt);

	hunt__say(hunt, "not in lockstep: %s; %zu fault set%s, foretold, %s candidates again", why, cnt,
		  cnt == 1 ? "" : "s", cnt == 1 ? "is" : "are");
	for (size_t i = 0; i < hunt->tried.cnt; i++) {
		struct tried *tried = hunt->tried.v[i];

		if (!tried->foretold)
			continue;
		tried->foretold = false;
		tried->standing = STANDING_OPEN;
		support__free(&tried->support);
	}
	closure__free(hunt->closure);
	precedents__free(hunt->precedents);
	hunt->closure = NULL;
	hunt->precedents = NULL;
	if (journal__add(hunt->journal, told, err))
		return -1;
	return hunt__rebuild_model(hunt, err);
}

int foretold__take(struct hunt *hunt, const struct fault_set *faults, bool *ret_taken, struct err *err)
{
	const char *doubt = hunt->precedents ? precedents__doubt(hunt->precedents) : NULL;
	json_t *sets;
	int known;

	*ret_taken = doubt != NULL;
	if (!hunt->precedents)
		return 0;
	if (doubt)
		return forget(hunt, doubt, err);
	sets = json_array();
	known = take(hunt, faults, sets, err);
	*ret_taken = known == 1;
	return write_down(hunt, sets, err) || known < 0 ? -1 : 0;
}

/* What runs have shown since. */
static int sync(struct hunt *hunt)
{
	for (size_t i = 0; i < hunt->tried.cnt; i++) {
		const struct tried *tried = hunt->tried.v[i];
		int failed = 0;

		if (tried->standing == STANDING_SURVIVED || tried->standing == STANDING_VACUOUS)
			failed = closure__know(hunt->closure, &tried->faults, &tried->support);
		else if (tried->standing != STANDING_OPEN)
			failed = closure__leave_out(hunt->closure, &tried->faults,
						    tried->standing == STANDING_VIOLATED);
		if (failed)
			return -1;
	}
	return 0;
}

/* What the closure has foretold, into the model. */
static int commit(struct hunt *hunt, struct err *err)
{
	json_t *sets = json_array();
	int failed = 0;

	for (; hunt->committed < closure__foretold_cnt(hunt->closure) && !failed; hunt->committed++) {
		struct support support = {0};
		struct fault_set faults;
		enum lesson lesson = closure__foretold(hunt->closure, hunt->committed, &faults), again;
		const int known = precedents__foretell(hunt->precedents, &faults, &again, &support);

		assert(known < 0 || (known == 1 && again == lesson));
		if (known < 0)
			failed = err__set(err, EXIT_MACHINE, "out of memory");
		else if (!tried__find(&hunt->tried, &faults))
			failed = model__foretell(hunt->model, &faults, lesson, &support, err);
		if (hunt->committed >= hunt->noted)
			note(hunt, sets, &faults, lesson);
		support__free(&support);
	}
	if (hunt->committed > hunt->noted)
		hunt->noted = hunt->committed;
	return write_down(hunt, sets, err) || failed ? -1 : 0;
}

int foretold__next(struct hunt *hunt, struct fault_set *ret, struct err *err)
{
	int found;

	if (!hunt->precedents || precedents__doubt(hunt->precedents))
		return 0;
	if (!hunt->closure)
		hunt->closure = closure__new(&hunt->model_opts, hunt->precedents, hunt->last_step);
	if (!hunt->closure || sync(hunt))
		return err__set(err, EXIT_MACHINE, "out of memory");
	found = closure__next(hunt->closure, ret);
	if (found < 0)
		return err__set(err, EXIT_MACHINE, "out of memory");
	hunt->left = (long)closure__open_cnt(hunt->closure);
	return found ? found : commit(hunt, err);
}

int foretold__settle(struct hunt *hunt, struct err *err)
{
	if (!hunt->closure || precedents__doubt(hunt->precedents))
		return 0;
	return commit(hunt, err);
}

/* Run the set after all. */
static int check_one(struct hunt *hunt, const struct fault_set *faults, enum standing standing,
		     struct tried **ret_violated, bool *ret_differs, struct err *err)
{
	struct tried *tried = tried__find(&hunt->tried, faults);

	if (tried) {
		tried->foretold = false;
		tried->standing = STANDING_OPEN;
		support__free(&tried->support);
	}
	if (trial__run(hunt, faults, "foretold", &tried, err))
		return -1;
	if (tried->standing == STANDING_VIOLATED)
		*ret_violated = tried;
	*ret_differs = tried->standing != STANDING_OPEN && tried->standing != standing;
	return 0;
}

/* The @index-th of all that was foretold. */
static void foretold_at(const struct hunt *hunt, size_t index, struct fault_set *ret, enum standing *ret_standing)
{
	const size_t by_closure = hunt->closure ? closure__foretold_cnt(hunt->closure) : 0;

	if (index < by_closure) {
		*ret_standing = standing_of(closure__foretold(hunt->closure, index, ret));
		return;
	}
	index -= by_closure;
	for (size_t i = 0; i < hunt->tried.cnt; i++)
		if (hunt->tried.v[i]->foretold && !index--) {
			*ret_standing = hunt->tried.v[i]->standing;
			*ret = hunt->tried.v[i]->faults;
			return;
		}
}

int foretold__check(struct hunt *hunt, struct tried **ret_violated, bool *ret_more, struct err *err)
{
	const size_t cnt = tried__foretold_cnt(&hunt->tried) +
			   (hunt->closure ? closure__foretold_cnt(hunt->closure) : 0);
	const size_t part = cnt / CHECK_PART < CHECK_MOST ? (cnt + CHECK_PART - 1) / CHECK_PART : CHECK_MOST;
	bool differs = false;

	*ret_more = false;
	if (!cnt || hunt->checked_foretold)
		return 0;
	for (size_t i = 0; i < part && !differs && !hunt__stopped(hunt); i++) {
		struct fault_set faults = {0};
		enum standing standing = STANDING_OPEN;

		/* spread over all of them, the last ones first: those that are run are foretold no more */
		foretold_at(hunt, (part - 1 - i) * cnt / part, &faults, &standing);
		if (check_one(hunt, &faults, standing, ret_violated, &differs, err))
			return -1;
	}
	if (hunt->stop != STOP_NONE)
		return 0;
	hunt->checked_foretold = true;
	*ret_more = true;
	if (differs || precedents__doubt(hunt->precedents))
		return forget(hunt, differs ? "a run ended otherwise than was foretold" :
					      precedents__doubt(hunt->precedents),
			      err);
	return hunt__rebuild_model(hunt, err);
}
