/* SPDX-License-Identifier: GPL-2.0-only */
/* What is assumed and known, as comments in front of a DIMACS file: the whole is still DIMACS. */
#ifndef CUTSET_MODEL_CERTIFICATE_H
#define CUTSET_MODEL_CERTIFICATE_H

#include "model/candidate.h"

/* Bits: with assumptions and runs, or the formula alone. 0 or -1. */
int certificate__write(const struct search_space *space, enum clause_mode mode, bool whole,
		       FILE *out, struct err *err);

#endif
