// SPDX-License-Identifier: GPL-2.0-only
#include "model/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/candidate.h"
#include "model/certificate.h"

/* Some minutes. */
#define MOST_NODES 200000000L
#define MOST_CONFLICTS 20000000L

struct proof {
	const struct certificate *certificate;
	const char *path;
	struct variables *vars;
	struct formula formula;
	struct err *err;
};

static int out_of_memory(struct err *err)
{
	return err__set(err, EXIT_MACHINE, "cannot verify: out of memory");
}

static unsigned int line_of(const char *text, size_t at)
{
	unsigned int line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

/* The line that @at lies in, cut short where it is long. */
static void copy_line(char *buf, size_t size, const char *text, size_t len, size_t at)
{
	size_t begin = at, n = 0;

	while (begin > 0 && text[begin - 1] != '\n')
		begin--;
	for (; begin + n < len && n + 1 < size && text[begin + n] != '\n'; n++)
		buf[n] = text[begin + n] >= ' ' && text[begin + n] < 127 ? text[begin + n] : '?';
	buf[n] = '\0';
}

static int compare(struct proof *proof, const char *text, size_t len, const char *anew, size_t anew_len)
{
	char is[200], should[200];
	size_t at = 0;

	while (at < len && at < anew_len && text[at] == anew[at])
		at++;
	if (at == len && at == anew_len)
		return 0;
	copy_line(is, sizeof(is), text, len, at);
	copy_line(should, sizeof(should), anew, anew_len, at);
	return err__set(proof->err, EXIT_VIOLATION,
			"%s:%u: the formula is not what follows from the runs, budget and assumptions that are "
			"said: here stands `%s`, and it should be `%s`",
			proof->path, line_of(text, at < len ? at : len), is, should);
}

static int follows(struct proof *proof, const char *text, size_t len)
{
	const struct search_space space = { .records = proof->certificate->records,
					    .record_cnt = proof->certificate->cnt,
					    .vars = proof->vars,
					    .formula = &proof->formula,
					    .mode = proof->certificate->mode };
	char *anew = NULL;
	size_t anew_len;
	FILE *out = open_memstream(&anew, &anew_len);
	int bad;

	if (!out)
		return out_of_memory(proof->err);
	bad = certificate__write(&space, proof->certificate->mode, true, out, proof->err);
	if (fclose(out) && !bad)
		bad = out_of_memory(proof->err);
	if (!bad)
		bad = compare(proof, text, len, anew, anew_len);
	free(anew);
	return bad;
}

/* A set that was run is no candidate: else the hunt would not have come to its end. */
static int each_run_counts(struct proof *proof)
{
	const struct certificate *certificate = proof->certificate;
	char text[1024];

	for (size_t i = 0; i < certificate->cnt; i++)
		if (formula__allows(&proof->formula, &certificate->records[i].faults))
			return err__set(proof->err, EXIT_VIOLATION,
					"%s:%u: run %u taught nothing of its own fault set %s", proof->path,
					certificate->lines[i], certificate->records[i].run,
					fault_set__print(text, sizeof(text), &certificate->records[i].faults,
							 certificate->opts.names));
	return 0;
}

static int left(struct proof *proof, const struct fault_set *faults, const char *who)
{
	char text[1024];

	return err__set(proof->err, EXIT_VIOLATION, "%s: a candidate is left, says %s: %s", proof->path, who,
			fault_set__print(text, sizeof(text), faults, proof->certificate->opts.names));
}

struct found {
	const struct variables *vars;
	struct fault_set faults;
	bool any;
};

static bool take(void *ctx, const struct hitting_lit *picks, size_t cnt)
{
	struct found *found = ctx;

	found->any = true;
	for (size_t i = 0; i < cnt; i++) {
		struct fault fault = variables__fault(found->vars, picks[i]);

		fault_set__add(&found->faults, &fault);
	}
	return false;
}

static int enumerate(struct proof *proof, struct verification *ret)
{
	const struct budget *budget = &proof->certificate->opts.budget;
	struct hitting_limits limits = { .total = budget->total, .nodes = MOST_NODES };
	struct found found = { .vars = proof->vars };
	struct hitting_result result;
	struct hitting *hitting = formula__hitting(&proof->formula);

	if (!hitting)
		return out_of_memory(proof->err);
	for (int kind = 0; kind < HITTING_KINDS; kind++)
		limits.max[kind] = kind < FAULT_KINDS ? budget->max[kind] : 0;
	result = hitting__search(hitting, &limits, NULL, take, &found);
	hitting__free(hitting);
	ret->nodes = result.nodes;
	if (found.any)
		return left(proof, &found.faults, "the enumerator of hitting sets");
	if (result.failed)
		return out_of_memory(proof->err);
	if (!result.complete)
		return err__set(proof->err, EXIT_UNDECIDED,
				"%s: after %ld nodes the enumerator of hitting sets has not come to its end", proof->path,
				result.nodes);
	return 0;
}

static int solve(struct proof *proof, struct verification *ret)
{
	const struct variables *vars = proof->vars;
	struct fault_set faults = { 0 };
	enum sat_answer answer = SAT_UNKNOWN;
	struct cnf cnf = { 0 };
	struct sat *sat;

	formula__write(&proof->formula, proof->certificate->records, proof->vars, &cnf, NULL, 0);
	sat = cnf__solver(&cnf);
	ret->variables = cnf.var_cnt;
	ret->clauses = cnf.clause_cnt;
	if (sat)
		answer = sat__solve(sat, MOST_CONFLICTS);
	for (uint32_t c = 0; answer == SAT_SATISFIABLE && c < vars->cnt; c++)
		for (uint32_t p = 0; p < vars->v[c].cnt; p++)
			if (sat__value(sat, vars->v[c].first_var + (int)p)) {
				struct fault fault = variables__fault(vars, (struct hitting_lit){ c, p });

				fault_set__add(&faults, &fault);
				break;
			}
	sat__free(sat);
	cnf__free(&cnf);
	if (!sat)
		return out_of_memory(proof->err);
	if (answer == SAT_SATISFIABLE)
		return left(proof, &faults, "MiniSat");
	return answer == SAT_UNSATISFIABLE ?
		       0 :
		       err__set(proof->err, EXIT_UNDECIDED, "%s: MiniSat comes to no end", proof->path);
}

int certificate__verify(const struct certificate *certificate, const char *text, size_t len,
			const char *path, struct verification *ret, struct err *err)
{
	struct proof proof = { .certificate = certificate, .path = path, .err = err };
	int bad = -1;

	*ret = (struct verification){ 0 };
	proof.vars = formula__variables(certificate->records, certificate->cnt, &certificate->opts);
	if (!proof.vars || formula__make(&proof.formula, certificate->records, certificate->cnt, proof.vars,
					 certificate->mode, 0))
		out_of_memory(err);
	else
		bad = follows(&proof, text, len) || each_run_counts(&proof) || enumerate(&proof, ret) ||
		      solve(&proof, ret) ? -1 : 0;
	formula__free(&proof.formula);
	variables__free(proof.vars);
	return bad;
}
