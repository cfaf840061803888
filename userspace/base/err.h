/* SPDX-License-Identifier: GPL-2.0-only */
/* An error on its way up: one message for a person and the exit code that the program ends with. */
#ifndef CUTSET_BASE_ERR_H
#define CUTSET_BASE_ERR_H

enum exit_code {
	EXIT_DONE = 0,	    /* hunt: tolerant within the budget */
	EXIT_VIOLATION = 1, /* hunt, replay: the promise was broken */
	EXIT_USAGE = 2,	    /* command line, scenario or input file is wrong */
	EXIT_MACHINE = 3,   /* privilege or kernel feature is missing */
	EXIT_UNDECIDED = 4,
	EXIT_TARGET = 5, /* a target cannot be found, or was lost */
};

struct err {
	enum exit_code code;
	char msg[1024];
};

/*
 * Fill @err (NULL is allowed) with a message: what we were doing, on what, why, and what the user
 * can do. Returns -1, always, so that a leaf can write `return err__set(err, ...)`.
 * Functions that take a `struct err *` return a negative number on error and have set it exactly
 * then. Leaf code never prints.
 */
int err__set(struct err *err, enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "@fmt: " before the message that is already there; keeps the code. Returns -1. */
int err__prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
