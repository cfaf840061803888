// SPDX-License-Identifier: GPL-2.0-only
/* Fault sets whose runs follow from those of others, where a system is assumed to be in lockstep (model/precedent.h). */
#include <stdlib.h>
#include <string.h>

#include "hunt/fault_json.h"
#include "hunt/state.h"

#define SWEEP 2000 /* candidates that are looked at together */
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
	tried->standing = lesson == LESSON_VACUOUS ? STANDING_VACUOUS : STANDING_SURVIVED;
	tried->foretold = true;
	support__free(&tried->support);
	tried->support = support;
	json_array_append_new(sets, fault_set__to_json(faults, &hunt->session->names));
	return trial__learn(hunt, tried, err) ? -1 : 1;
}

/* Nothing that was foretold stands any more. */
static int forget(struct hunt *hunt, const char *why, struct err *err)
{
	const size_t cnt = tried__foretold_cnt(&hunt->tried);

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
	precedents__free(hunt->precedents);
	hunt->precedents = NULL;
	if (journal__add(hunt->journal, json_pack("{s:s, s:s}", "event", "no lockstep", "why", why), err))
		return -1;
	return hunt__rebuild_model(hunt, err);
}

static int take_all(struct hunt *hunt, size_t *ret_cnt, json_t *sets, struct err *err)
{
	struct candidate *list = NULL;
	bool more;
	long cnt = model__candidates(hunt->model, hunt->mode, SWEEP, &list, &more, err);
	int known = cnt < 0 ? -1 : 0;

	for (long i = 0; i < cnt && known >= 0; i++) {
		known = take(hunt, &list[i].faults, sets, err);
		*ret_cnt += known == 1;
	}
	free(list);
	return known < 0 ? -1 : 0;
}

int foretold__take(struct hunt *hunt, const struct fault_set *faults, size_t *ret_cnt, struct err *err)
{
	const char *doubt = hunt->precedents ? precedents__doubt(hunt->precedents) : NULL;
	json_t *sets;
	int known;

	*ret_cnt = 0;
	if (!hunt->precedents)
		return 0;
	if (doubt) {
		*ret_cnt = tried__foretold_cnt(&hunt->tried);
		return forget(hunt, doubt, err);
	}
	sets = json_array();
	known = take(hunt, faults, sets, err);
	*ret_cnt = known == 1;
	if (known == 1 && take_all(hunt, ret_cnt, sets, err))
		known = -1;
	if (known == 1)
		return journal__add(hunt->journal,
				    json_pack("{s:s, s:o}", "event", "foretold", "sets", sets), err);
	json_decref(sets);
	return known;
}

/* Run the set after all. */
static int check_one(struct hunt *hunt, struct tried *tried, struct tried **ret_violated, bool *ret_differs,
		     struct err *err)
{
	const enum standing standing = tried->standing;

	tried->foretold = false;
	tried->standing = STANDING_OPEN;
	support__free(&tried->support);
	if (trial__run(hunt, &tried->faults, "foretold", &tried, err))
		return -1;
	if (tried->standing == STANDING_VIOLATED)
		*ret_violated = tried;
	*ret_differs = tried->standing != STANDING_OPEN && tried->standing != standing;
	return 0;
}

int foretold__check(struct hunt *hunt, struct tried **ret_violated, bool *ret_more, struct err *err)
{
	const size_t cnt = tried__foretold_cnt(&hunt->tried);
	size_t part = (cnt + CHECK_PART - 1) / CHECK_PART, at = 0;
	bool differs = false;

	*ret_more = false;
	if (!cnt || hunt->checked_foretold)
		return 0;
	part = part > CHECK_MOST ? CHECK_MOST : part;
	for (size_t i = 0; i < hunt->tried.cnt && !differs && !hunt__stopped(hunt); i++) {
		struct tried *tried = hunt->tried.v[i];

		if (!tried->foretold)
			continue;
		/* spread over all of them */
		if (at * part % cnt < part && check_one(hunt, tried, ret_violated, &differs, err))
			return -1;
		at++;
	}
	if (hunt->stop != STOP_NONE)
		return 0;
	hunt->checked_foretold = true;
	if (!differs && !precedents__doubt(hunt->precedents))
		return hunt__rebuild_model(hunt, err);
	*ret_more = true;
	return forget(hunt, differs ? "a run ended otherwise than was foretold" :
				      precedents__doubt(hunt->precedents),
		      err);
}
