// SPDX-License-Identifier: GPL-2.0-only
#include "model/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "model/candidate.h"
#include "model/certificate.h"
#include "model/formula.h"
#include "model/influence.h"
#include "model/promise.h"

struct model {
	struct model_opts opts;
	struct name_table names; /* a copy; its ctx is the caller's */
	struct record *records; /* those of runs, then those that follow from them */
	size_t cnt, cap, run_cnt;
	/* all below is made anew where a lesson has come since */
	bool stale;
	struct variables *vars;
	struct formula formulas[2]; /* by enum clause_mode */
};

static int check_opts(const struct model_opts *opts, struct err *err)
{
	if (opts->node_cnt == 0 || opts->node_cnt >= MAX_NODES)
		return err__set(err, EXIT_USAGE, "cannot search: %u nodes, it must be 1 to %d",
				opts->node_cnt, MAX_NODES - 1);
	return 0;
}

static void forget(struct variables *vars, struct formula *formulas)
{
	formula__free(&formulas[CLAUSE_MONOTONE]);
	formula__free(&formulas[CLAUSE_EXACT]);
	variables__free(vars);
}

/* Onsets that a new run brings lie between old ones: variables and formulas are cheap to make anew. */
static int make_anew(struct model *model)
{
	struct variables *vars = formula__variables(model->records, model->cnt, &model->opts);
	struct formula formulas[2] = { 0 };

	if (!vars)
		return -1;
	promise__weigh(model->records, model->run_cnt, model->opts.heal);
	if (influence__weigh(model->records, model->run_cnt, model->opts.heal) < 0)
		goto forget_new;
	for (int mode = 0; mode < 2; mode++)
		if (formula__make(&formulas[mode], model->records, model->cnt, vars,
				  (enum clause_mode)mode, 0) < 0)
			goto forget_new;
	forget(model->vars, model->formulas);
	model->vars = vars;
	memcpy(model->formulas, formulas, sizeof(formulas));
	model->stale = false;
	return 0;

forget_new:
	forget(vars, formulas);
	return -1;
}

struct model *model__new(const struct model_opts *opts, struct err *err)
{
	struct model *model;

	if (check_opts(opts, err) < 0)
		return NULL;
	model = calloc(1, sizeof(*model));
	if (!model)
		goto no_memory;
	model->opts = *opts;
	if (opts->names) {
		model->names = *opts->names;
		model->opts.names = &model->names;
	}
	if (make_anew(model) == 0)
		return model;
no_memory:
	model__free(model);
	err__set(err, EXIT_MACHINE, "cannot search: out of memory");
	return NULL;
}

void model__free(struct model *model)
{
	if (!model)
		return;
	forget(model->vars, model->formulas);
	for (size_t i = 0; i < model->cnt; i++)
		record__free(&model->records[i]);
	free(model->records);
	free(model);
}

/* Takes the record, where it fails too. Those of runs stand before those that follow from them. */
static int keep(struct model *model, struct record *record, struct err *err)
{
	const size_t at = record->foretold ? model->cnt : model->run_cnt;

	if (grow(&model->records, &model->cap, model->cnt + 1) < 0) {
		record__free(record);
		return err__set(err, EXIT_MACHINE, "cannot learn from run %u: out of memory", record->run);
	}
	memmove(&model->records[at + 1], &model->records[at], (model->cnt - at) * sizeof(*record));
	model->records[at] = *record;
	model->cnt++;
	model->run_cnt += !record->foretold;
	model->stale = true;
	return 0;
}

int model__learn(struct model *model, unsigned int run, const struct fault_set *faults,
		 enum lesson lesson, const struct support *support, const char *why,
		 struct err *err)
{
	struct record record;

	if (record__init(&record, run, faults, lesson, support, why, &model->opts) < 0)
		return err__set(err, EXIT_MACHINE, "cannot learn from run %u: out of memory", run);
	return keep(model, &record, err);
}

int model__foretell(struct model *model, const struct fault_set *faults, enum lesson lesson,
		    const struct support *support, struct err *err)
{
	struct record record;

	if (record__init(&record, 0, faults, lesson, support, NULL, &model->opts) < 0)
		return err__set(err, EXIT_MACHINE, "cannot keep what was foretold: out of memory");
	record.foretold = true;
	return keep(model, &record, err);
}

int model__watch(struct model *model, const struct course *course, struct err *err)
{
	struct record *last = &model->records[model->run_cnt - 1];

	course__free(&last->course);
	if (course__copy(course, &last->course) < 0)
		return err__set(err, EXIT_MACHINE, "cannot learn from run %u: out of memory", last->run);
	model->stale = true;
	return 0;
}

/* What was learned is in the formulas. */
static int settle(struct model *model, struct err *err)
{
	if (!model->stale)
		return 0;
	if (make_anew(model) < 0)
		return err__set(err, EXIT_MACHINE, "cannot search: out of memory");
	/* what makes a hunt end */
	for (size_t i = 0; i < model->cnt; i++) {
		struct record *record = &model->records[i];

		assert(record->settled || !formula__allows(&model->formulas[CLAUSE_MONOTONE], &record->faults));
		assert(record->settled || !formula__allows(&model->formulas[CLAUSE_EXACT], &record->faults));
		record->settled = true;
	}
	return 0;
}

static struct search_space space_of(struct model *model, enum clause_mode mode)
{
	return (struct search_space){ .records = model->records,
				      .record_cnt = model->cnt,
				      .run_cnt = model->run_cnt,
				      .vars = model->vars,
				      .formula = &model->formulas[mode],
				      .mode = mode };
}

int model__next(struct model *model, enum clause_mode mode, struct candidate *ret, struct err *err)
{
	struct search_space space;

	if (settle(model, err) < 0)
		return -1;
	space = space_of(model, mode);
	return candidate__next(&space, ret, err);
}

int model__search(struct model *model, enum clause_mode mode, const struct search_opts *opts,
		  struct search_end *ret, struct err *err)
{
	struct search_space space;

	if (settle(model, err) < 0)
		return -1;
	space = space_of(model, mode);
	return candidate__all(&space, opts, ret, err);
}

struct list {
	struct candidate *v;
	size_t cnt, cap;
	bool failed;
};

static void append(void *ctx, const struct candidate *candidate)
{
	struct list *list = ctx;

	list->failed = list->failed || grow(&list->v, &list->cap, list->cnt + 1) < 0;
	if (!list->failed)
		list->v[list->cnt++] = *candidate;
}

long model__candidates(struct model *model, enum clause_mode mode, size_t max,
		       struct candidate **ret, bool *ret_more, struct err *err)
{
	struct list list = { 0 };
	const struct search_opts opts = { .max = max, .take = append, .ctx = &list };
	struct search_end end;
	int failed = model__search(model, mode, &opts, &end, err);

	if (!failed && list.failed)
		failed = err__set(err, EXIT_MACHINE, "cannot list fault sets: out of memory");
	if (failed) {
		free(list.v);
		return -1;
	}
	*ret = list.v;
	*ret_more = end.more;
	return (long)list.cnt;
}

int model__write_dimacs(struct model *model, enum clause_mode mode, FILE *out, struct err *err)
{
	struct search_space space;

	if (settle(model, err) < 0)
		return -1;
	space = space_of(model, mode);
	return certificate__write(&space, mode, false, out, err);
}

int model__write_certificate(struct model *model, enum clause_mode mode, FILE *out,
			     struct err *err)
{
	struct search_space space;

	if (settle(model, err) < 0)
		return -1;
	space = space_of(model, mode);
	return certificate__write(&space, mode, true, out, err);
}

static size_t count(const struct model *model, enum lesson lesson)
{
	size_t cnt = 0;

	for (size_t i = 0; i < model->cnt; i++)
		cnt += model->records[i].lesson == lesson;
	return cnt;
}

size_t model__support_cnt(const struct model *model)
{
	return count(model, LESSON_SURVIVED);
}

size_t model__parked_cnt(const struct model *model)
{
	return count(model, LESSON_PARKED);
}
