// SPDX-License-Identifier: GPL-2.0-only
#include "solve/cardinality.h"

#include <stdlib.h>
#include <string.h>

static int constant_false(struct cnf *cnf)
{
	int var = cnf__new_var(cnf, false);

	cnf__clause(cnf, (int[]){ -var }, 1);
	return var;
}

/* ret <-> before | (lit & fewer); 0 for @before or @fewer where that is never, or always, true. */
static int step(struct cnf *cnf, int before, int lit, int fewer)
{
	int ret = cnf__new_var(cnf, false);

	if (before)
		cnf__clause(cnf, (int[]){ -before, ret }, 2);
	if (fewer) {
		cnf__clause(cnf, (int[]){ -lit, -fewer, ret }, 3);
		cnf__clause(cnf, before ? (int[]){ -ret, before, fewer } : (int[]){ -ret, fewer },
			    before ? 3 : 2);
	} else {
		cnf__clause(cnf, (int[]){ -lit, ret }, 2);
	}
	cnf__clause(cnf, before ? (int[]){ -ret, before, lit } : (int[]){ -ret, lit },
		    before ? 3 : 2);
	return ret;
}

void cardinality__count(struct cnf *cnf, const int *lits, size_t cnt, size_t upto, int *ret_out)
{
	memset(ret_out, 0, upto * sizeof(*ret_out));
	for (size_t i = 0; i < cnt; i++)
		/* from the top, so that ret_out[j - 1] is still that of the literals before */
		for (size_t j = i < upto ? i + 1 : upto; j-- > 0;)
			ret_out[j] = step(cnf, ret_out[j], lits[i], j ? ret_out[j - 1] : 0);
	for (size_t j = cnt; j < upto; j++)
		ret_out[j] = constant_false(cnf);
}

void cardinality__at_most(struct cnf *cnf, const int *lits, size_t cnt, size_t max)
{
	int *out;

	if (max >= cnt)
		return;
	out = malloc((max + 1) * sizeof(*out));
	if (!out) {
		cnf->failed = true;
		return;
	}
	cardinality__count(cnf, lits, cnt, max + 1, out);
	cnf__clause(cnf, (int[]){ -out[max] }, 1);
	free(out);
}
