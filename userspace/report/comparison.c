// SPDX-License-Identifier: GPL-2.0-only
#include "report/comparison.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "causal/intern.h"
#include "hunt/judge.h"
#include "report/caption.h"

#define CANDIDATES_MAX 8 /* good runs that are compared when there is no near miss */
#define COUNTED_MAX 100	 /* good runs that are asked whether they have what is missing */

static bool has_trace(const struct hunt_folder *folder, const struct told_run *run)
{
	char path[PATH_MAX];

	return run &&
	       !access(hunt_folder__path(folder, run->number, "trace", path, sizeof(path)), R_OK);
}

static void account__free(struct account *account)
{
	relevance__free(&account->relevance);
	graph__free(account->graph);
	account->graph = NULL;
}

static int account__load(const struct hunt_folder *folder, const struct told_run *run,
			 const struct evidence *evidence, struct account *ret, struct err *err)
{
	char path[PATH_MAX];

	memset(ret, 0, sizeof(*ret));
	ret->graph = graph__load(
		hunt_folder__path(folder, run->number, "trace", path, sizeof(path)), err);
	if (!ret->graph)
		return -1;
	if (relevance__of(ret->graph, evidence, &ret->relevance, err)) {
		account__free(ret);
		return -1;
	}
	return 0;
}

static int out_of_memory(struct err *err)
{
	return err__set(err, EXIT_MACHINE, "out of memory");
}

static void note_near(const struct account *good, const struct account *bad,
		      const struct frontier *frontier, struct near *near)
{
	char link[160], caption[CAPTION_BYTES];
	const struct message *message;

	near->first =
		frontier->cnt ? frontier->v[0] : (struct frontier_item){ALIGN_NONE, ALIGN_NONE};
	if (!frontier->cnt)
		return;
	message = graph__message(good->graph, near->first.good);
	snprintf(near->text, sizeof(near->text), "%s  %s",
		 caption__link(link, sizeof(link), good->graph, message),
		 caption__of(caption, sizeof(caption), message));
	near->cut =
		near->first.bad != ALIGN_NONE && graph__message(bad->graph, near->first.bad)->cut;
}

/* The less is missing the nearer it is; where nothing is, the good run tells nothing of the bad
 * one. */
static bool explains_more(const struct frontier *frontier, const struct frontier *than)
{
	if (!frontier->missing || !than->missing)
		return frontier->missing && !than->missing;
	return frontier->missing < than->missing;
}

/* Compare with one good run; it takes the place of the one before when it explains more.
 */
static int try_good(const struct hunt_folder *folder, struct comparison *comparison,
		    const struct told_run *run, struct near *near, struct err *err)
{
	struct alignment alignment = {0};
	struct frontier frontier = {0};
	struct account account;

	if (account__load(folder, run, comparison->evidence, &account, err))
		return -1;
	if (alignment__of(account.graph, comparison->bad.account.graph, &alignment) ||
	    frontier__of(&account, &comparison->bad.account, &alignment, comparison->evidence,
			 &frontier)) {
		alignment__free(&alignment);
		account__free(&account);
		return out_of_memory(err);
	}
	if (near)
		note_near(&account, &comparison->bad.account, &frontier, near);
	if (comparison->good.run && !explains_more(&frontier, &comparison->frontier)) {
		frontier__free(&frontier);
		alignment__free(&alignment);
		account__free(&account);
		return 0;
	}
	frontier__free(&comparison->frontier);
	alignment__free(&comparison->alignment);
	account__free(&comparison->good.account);
	comparison->good.run = run;
	comparison->good.account = account;
	comparison->alignment = alignment;
	comparison->frontier = frontier;
	return 0;
}

static bool has_fault(const struct told_run *run, const char *text)
{
	json_t *fault;
	size_t i;

	json_array_foreach (run->faults, i, fault)
		if (text && json_is_string(fault) && !strcmp(json_string_value(fault), text))
			return true;
	return false;
}

/* Faults of @run that @other does not have. */
static size_t more_faults(const struct told_run *run, const struct told_run *other)
{
	size_t cnt = 0, i;
	json_t *fault;

	json_array_foreach (run->faults, i, fault)
		cnt += !has_fault(other, json_string_value(fault));
	return cnt;
}

/* Did it keep the promise under a part of the bad run's faults, and can that be looked at? */
static bool is_part(const struct hunt_folder *folder, const struct told_run *run,
		    const struct told_run *bad)
{
	return run->kept && !more_faults(run, bad) && more_faults(bad, run) &&
	       has_trace(folder, run);
}

/* The latest run with all of the faults but that one. */
static const struct told_run *near_miss(const struct hunt_folder *folder,
					const struct told_run *bad, const char *without)
{
	for (size_t i = folder->run_cnt; i > 0; i--) {
		const struct told_run *run = &folder->runs[i - 1];

		if (is_part(folder, run, bad) && more_faults(bad, run) == 1 &&
		    !has_fault(run, without))
			return run;
	}
	return NULL;
}

static int try_near_misses(const struct hunt_folder *folder, struct comparison *comparison,
			   struct err *err)
{
	const struct told_run *bad = comparison->bad.run;
	json_t *fault;
	size_t i;

	json_array_foreach (bad->faults, i, fault) {
		struct near *near = &comparison->near[i];

		if (i >= MAX_FAULTS)
			break;
		near->run = near_miss(folder, bad, json_string_value(fault));
		if (near->run && try_good(folder, comparison, near->run, near, err))
			return -1;
	}
	return 0;
}

/* Runs under fewer of the faults: the latest ones, those without any fault among them. */
static int try_parts(const struct hunt_folder *folder, struct comparison *comparison,
		     struct err *err)
{
	size_t tried = 0;

	for (size_t i = folder->run_cnt; i > 0 && tried < CANDIDATES_MAX; i--) {
		const struct told_run *run = &folder->runs[i - 1];

		if (!is_part(folder, run, comparison->bad.run))
			continue;
		tried++;
		if (try_good(folder, comparison, run, NULL, err))
			return -1;
	}
	return 0;
}

/* A near miss that lacks nothing shows nothing: then others are asked. */
static int choose_good(const struct hunt_folder *folder, struct comparison *comparison,
		       struct err *err)
{
	if (try_near_misses(folder, comparison, err))
		return -1;
	if (comparison->good.run && comparison->frontier.missing)
		return 0;
	return try_parts(folder, comparison, err);
}

bool comparison__is_cut(const struct comparison *comparison, size_t item)
{
	uint32_t bad = comparison->frontier.v[item].bad;

	return bad != ALIGN_NONE && graph__message(comparison->bad.account.graph, bad)->cut;
}

bool comparison__is_rare(const struct comparison *comparison, size_t item)
{
	return !comparison__is_cut(comparison, item) &&
	       2 * comparison->present[item] < comparison->good_runs;
}

static uint64_t kind_of(const struct graph *graph, const struct message *message)
{
	return hash_u64(align__look(graph, message), align__phase(message));
}

/* In which of the good runs did what is on the frontier arrive? */
static int count_in(const struct hunt_folder *folder, const struct told_run *run,
		    struct comparison *comparison, struct err *err)
{
	const struct graph *good = comparison->good.account.graph;
	struct intern arrived = {0};
	struct graph *graph;
	char path[PATH_MAX];
	int failed;

	graph = graph__load(hunt_folder__path(folder, run->number, "trace", path, sizeof(path)),
			    err);
	if (!graph)
		return -1;
	for (size_t i = 0; i < graph__message_cnt(graph); i++) {
		const struct message *message = graph__message(graph, i);
		uint32_t *slot =
			message->delivered ? intern__slot(&arrived, kind_of(graph, message)) : NULL;

		if (slot)
			*slot = 1;
	}
	for (size_t i = 0; i < comparison->frontier.cnt; i++) {
		const struct message *message =
			graph__message(good, comparison->frontier.v[i].good);

		comparison->present[i] += intern__get(&arrived, kind_of(good, message)) != NONE;
	}
	comparison->good_runs++;
	failed = repeats__see(&comparison->repeats, graph, false);
	intern__free(&arrived);
	graph__free(graph);
	return failed ? out_of_memory(err) : 0;
}

struct counted_item {
	struct frontier_item item;
	unsigned int present;
	bool cut;
};

static int by_weight(const void *a, const void *b)
{
	const struct counted_item *x = a, *y = b;

	if (x->cut != y->cut)
		return x->cut ? -1 : 1;
	if (x->present != y->present)
		return x->present < y->present ? 1 : -1;
	return x->item.good < y->item.good ? -1 : x->item.good > y->item.good;
}

/* What was cut, and what most good runs had, says more than what one of them had by chance. */
static int put_in_order(struct comparison *comparison)
{
	struct frontier *frontier = &comparison->frontier;
	struct counted_item *items = calloc(frontier->cnt + 1, sizeof(*items));

	if (!items)
		return -1;
	for (size_t i = 0; i < frontier->cnt; i++) {
		items[i] = (struct counted_item){ frontier->v[i], comparison->present[i],
						  comparison__is_cut(comparison, i) };
	}
	qsort(items, frontier->cnt, sizeof(*items), by_weight);
	for (size_t i = 0; i < frontier->cnt; i++) {
		frontier->v[i] = items[i].item;
		comparison->present[i] = items[i].present;
	}
	free(items);
	return 0;
}

static int count_good_runs(const struct hunt_folder *folder, struct comparison *comparison,
			   struct err *err)
{
	comparison->present = calloc(comparison->frontier.cnt + 1, sizeof(*comparison->present));
	if (!comparison->present || repeats__see(&comparison->repeats, comparison->bad.account.graph, true))
		return out_of_memory(err);
	for (size_t i = 0; i < folder->run_cnt && comparison->good_runs < COUNTED_MAX; i++)
		if (folder->runs[i].kept && has_trace(folder, &folder->runs[i]) &&
		    count_in(folder, &folder->runs[i], comparison, err))
			return -1;
	repeats__pick(&comparison->repeats);
	return put_in_order(comparison) ? out_of_memory(err) : 0;
}

static int draw_good(struct comparison *comparison, struct err *err)
{
	if (scene__choose(&comparison->good.scene, &comparison->good.account) ||
	    scene__order(&comparison->good.scene) ||
	    layout__of(&comparison->good.scene, NULL, NULL, &comparison->layout))
		return out_of_memory(err);
	return 0;
}

static int draw_bad(struct comparison *comparison, struct err *err)
{
	struct scene *scene = &comparison->bad.scene;

	if (scene__choose(scene, &comparison->bad.account) || scene__order(scene) ||
	    layout__of(scene, NULL, NULL, &comparison->layout))
		return out_of_memory(err);
	return 0;
}

static int draw_both(struct comparison *comparison, struct err *err)
{
	struct scene *bad = &comparison->bad.scene, *good = &comparison->good.scene;
	const struct frontier *frontier = &comparison->frontier;

	if (scene__choose(bad, &comparison->bad.account) ||
	    scene__choose(good, &comparison->good.account))
		return out_of_memory(err);
	for (size_t i = 0; i < frontier->cnt; i++)
		scene__force(good, frontier->v[i].good);
	scene__join(good, comparison->alignment.a_to_b, bad);
	if (scene__order(bad) || scene__order(good) ||
	    layout__of(bad, good, comparison->alignment.b_to_a, &comparison->layout))
		return out_of_memory(err);
	return 0;
}

static int compare(const struct hunt_folder *folder, struct comparison *comparison, struct err *err)
{
	if (choose_good(folder, comparison, err) ||
	    fault_spans__of(comparison->bad.account.graph, comparison->bad.run, folder->heal,
			    &comparison->bad.faults, err))
		return -1;
	if (!comparison->good.run)
		return draw_bad(comparison, err);
	if (fault_spans__of(comparison->good.account.graph, comparison->good.run, folder->heal,
			    &comparison->good.faults, err) ||
	    count_good_runs(folder, comparison, err))
		return -1;
	return draw_both(comparison, err);
}

static int show_one(const struct hunt_folder *folder, const struct told_run *run,
		    struct comparison *comparison, struct err *err)
{
	struct side_of_page *good = &comparison->good;

	good->run = run;
	if (account__load(folder, run, comparison->evidence, &good->account, err) ||
	    fault_spans__of(good->account.graph, run, folder->heal, &good->faults, err))
		return -1;
	return draw_good(comparison, err);
}

static int fill(const struct hunt_folder *folder, struct comparison *comparison, struct err *err)
{
	const struct told_run *shown = hunt_folder__shown(folder);

	comparison->evidence = evidence__new();
	if (!comparison->evidence)
		return out_of_memory(err);
	if (hunt_folder__learn_idle(folder, comparison->evidence, err))
		return -1;
	if (!has_trace(folder, shown))
		return 0;
	if (shown->verdict != VERDICT_VIOLATED)
		return show_one(folder, shown, comparison, err);
	comparison->bad.run = shown;
	if (account__load(folder, shown, comparison->evidence, &comparison->bad.account, err))
		return -1;
	return compare(folder, comparison, err);
}

int comparison__of(const struct hunt_folder *folder, struct comparison *ret, struct err *err)
{
	memset(ret, 0, sizeof(*ret));
	if (!fill(folder, ret, err))
		return 0;
	comparison__free(ret);
	return -1;
}

static void side__free(struct side_of_page *side)
{
	scene__free(&side->scene);
	account__free(&side->account);
}

void comparison__free(struct comparison *comparison)
{
	layout__free(&comparison->layout);
	free(comparison->present);
	repeats__free(&comparison->repeats);
	frontier__free(&comparison->frontier);
	alignment__free(&comparison->alignment);
	side__free(&comparison->bad);
	side__free(&comparison->good);
	evidence__free(comparison->evidence);
	memset(comparison, 0, sizeof(*comparison));
}
