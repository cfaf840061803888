// SPDX-License-Identifier: GPL-2.0-only
#include "solve/cnf.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

int cnf__new_var(struct cnf *cnf, bool decide)
{
	if (grow(&cnf->decide, &cnf->var_cap, cnf->var_cnt + 1) < 0) {
		cnf->failed = true;
		return 0;
	}
	cnf->decide[cnf->var_cnt++] = decide;
	return (int)cnf->var_cnt;
}

void cnf__add(struct cnf *cnf, int lit)
{
	if (grow(&cnf->lits, &cnf->lit_cap, cnf->lit_cnt + 1) < 0) {
		cnf->failed = true;
		return;
	}
	cnf->lits[cnf->lit_cnt++] = lit;
	if (lit == 0)
		cnf->clause_cnt++;
}

void cnf__clause(struct cnf *cnf, const int *lits, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		cnf__add(cnf, lits[i]);
	cnf__add(cnf, 0);
}

void cnf__note(struct cnf *cnf, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0 || grow(&cnf->notes, &cnf->note_cap, cnf->note_cnt + 1) < 0) {
		if (len >= 0)
			free(text);
		cnf->failed = true;
		return;
	}
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' '; /* a comment is one line */
	cnf->notes[cnf->note_cnt++] = (struct cnf_note){ .at = cnf->lit_cnt, .text = text };
}

struct sat *cnf__solver(const struct cnf *cnf)
{
	struct sat *sat = cnf->failed ? NULL : sat__new();

	if (!sat)
		return NULL;
	for (size_t i = 0; i < cnf->var_cnt; i++)
		sat__new_var(sat, cnf->decide[i], false);
	for (size_t i = 0; i < cnf->lit_cnt; i++)
		sat__add(sat, cnf->lits[i]);
	return sat;
}

bool cnf__holds(const struct cnf *cnf, const struct sat *sat)
{
	bool holds = false;

	for (size_t i = 0; i < cnf->lit_cnt; i++) {
		if (cnf->lits[i] != 0) {
			holds = holds || sat__value(sat, cnf->lits[i]);
			continue;
		}
		if (!holds)
			return false;
		holds = false;
	}
	return true;
}

int cnf__write_dimacs(const struct cnf *cnf, FILE *out)
{
	size_t note = 0;

	fprintf(out, "p cnf %zu %zu\n", cnf->var_cnt, cnf->clause_cnt);
	for (size_t i = 0; i < cnf->lit_cnt; i++) {
		for (; note < cnf->note_cnt && cnf->notes[note].at == i; note++)
			fprintf(out, "c %s\n", cnf->notes[note].text);
		fprintf(out, "%d%c", cnf->lits[i], cnf->lits[i] ? ' ' : '\n');
	}
	for (; note < cnf->note_cnt; note++)
		fprintf(out, "c %s\n", cnf->notes[note].text);
	return fflush(out) != 0 || ferror(out) ? -1 : 0;
}

void cnf__free(struct cnf *cnf)
{
	for (size_t i = 0; i < cnf->note_cnt; i++)
		free(cnf->notes[i].text);
	free(cnf->notes);
	free(cnf->decide);
	free(cnf->lits);
	memset(cnf, 0, sizeof(*cnf));
}
