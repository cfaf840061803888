/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does a certificate hold? The formula is made anew from what the text says of budget, assumptions and runs, and has
 * to be the text's; each run's own fault set must not satisfy it; and neither the enumerator of hitting sets nor MiniSat
 * may find a set within the budget that does. What the runs themselves showed it takes from the text.
 */
#ifndef CUTSET_MODEL_VERIFY_H
#define CUTSET_MODEL_VERIFY_H

#include "model/certificate_read.h"

struct verification {
	size_t variables, clauses; /* of the DIMACS formula */
	long nodes;		   /* that the enumerator looked at */
};

/* @text, of @len bytes, is what @certificate was read from; @path is for messages. 0; or -1 with EXIT_VIOLATION: it
 * does not hold, why; or EXIT_UNDECIDED: there is too much to look at; or EXIT_MACHINE. */
int certificate__verify(const struct certificate *certificate, const char *text, size_t len,
			const char *path, struct verification *ret, struct err *err);

#endif
