/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is assumed and known, as comments in front of a DIMACS file: the whole is still DIMACS. The formula follows
 * from the comments before it, so that who reads them can make it anew and compare (certificate_read.h, verify.h):
 *
 *	c mode: exact | monotone
 *	c node: NAME [(spared)]			one a line, in the order of their numbers
 *	c budget: KIND N|any ... [total N]
 *	c from: STEP   c until: STEP   c heal: check|end   [c delay: SPAN]
 *	c run N LESSON under {FAULTS}		then, indented, as far as there are such:
 *	c   because WHY
 *	c   although cut: N			messages that came through
 *	c   rests on SRC>DST@STEP ...		of a message; DST is * where SRC's log is read in the end, STEP is
 *						`healed` after links healed. SRC>DST/PORT#CLASS@STEP where stalls are in the budget,
 *						as far as port and class are known
 *
 * Other comments are for people. `p cnf` ends it.
 */
#ifndef CUTSET_MODEL_CERTIFICATE_H
#define CUTSET_MODEL_CERTIFICATE_H

#include "model/candidate.h"

#define CERTIFICATE_FIRST_LINE "c cutset certificate, form 2"

/* Bits: with assumptions and runs, or the formula alone. 0 or -1. */
int certificate__write(const struct search_space *space, enum clause_mode mode, bool whole,
		       FILE *out, struct err *err);

#endif
