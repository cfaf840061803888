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
	struct record *records;
	size_t cnt, cap;
	/* all below is made anew with every lesson */
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
	promise__weigh(model->records, model->cnt, model->opts.heal);
	if (influence__weigh(model->records, model->cnt, model->opts.heal) < 0)
		goto forget_new;
	for (int mode = 0; mode < 2; mode++)
		if (formula__make(&formulas[mode], model->records, model->cnt, vars,
				  (enum clause_mode)mode, 0) < 0)
			goto forget_new;
	forget(model->vars, model->formulas);
	model->vars = vars;
	memcpy(model->formulas, formulas, sizeof(formulas));
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

int model__learn(struct model *model, unsigned int run, const struct fault_set *faults,
		 enum lesson lesson, const struct support *support, const char *why,
		 struct err *err)
{
	if (grow(&model->records, &model->cap, model->cnt + 1) < 0 ||
	    record__init(&model->records[model->cnt], run, faults, lesson, support, why,
			 &model->opts) < 0)
		return err__set(err, EXIT_MACHINE, "cannot learn from run %u: out of memory", run);
	model->cnt++;
	if (make_anew(model) < 0) {
		record__free(&model->records[--model->cnt]);
		return err__set(err, EXIT_MACHINE, "cannot learn from run %u: out of memory", run);
	}
	/* what makes a hunt end */
	assert(!formula__allows(&model->formulas[CLAUSE_MONOTONE], faults));
	assert(!formula__allows(&model->formulas[CLAUSE_EXACT], faults));
	return 0;
}

int model__watch(struct model *model, const struct course *course, struct err *err)
{
	struct record *last = &model->records[model->cnt - 1];

	course__free(&last->course);
	if (course__copy(course, &last->course) < 0)
		goto no_memory;
	promise__weigh(model->records, model->cnt, model->opts.heal);
	if (influence__weigh(model->records, model->cnt, model->opts.heal) < 0)
		goto no_memory;
	return 0;

no_memory:
	return err__set(err, EXIT_MACHINE, "cannot learn from run %u: out of memory", last->run);
}

static struct search_space space_of(struct model *model, enum clause_mode mode)
{
	return (struct search_space){ .records = model->records,
				      .record_cnt = model->cnt,
				      .vars = model->vars,
				      .formula = &model->formulas[mode],
				      .mode = mode };
}

int model__next(struct model *model, enum clause_mode mode, struct candidate *ret, struct err *err)
{
	const struct search_space space = space_of(model, mode);

	return candidate__next(&space, ret, err);
}

long model__candidates(struct model *model, enum clause_mode mode, size_t max,
		       struct candidate **ret, bool *ret_more, struct err *err)
{
	const struct search_space space = space_of(model, mode);

	return candidate__all(&space, max, ret, ret_more, err);
}

int model__write_dimacs(struct model *model, enum clause_mode mode, FILE *out, struct err *err)
{
	const struct search_space space = space_of(model, mode);

	return certificate__write(&space, mode, false, out, err);
}

int model__write_certificate(struct model *model, enum clause_mode mode, FILE *out,
			     struct err *err)
{
	const struct search_space space = space_of(model, mode);

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
