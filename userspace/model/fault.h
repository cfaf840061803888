/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults as people write them, and sets of them:
 *
 *	silence:N@S  link:A>B@S  partition:A|B@S      S = workload.K | check.0
 *	stall:A>B/PORT#CLASS.N@S  loss:A>B@S	      see selector.h
 *	@S..E  a window            +2s  a finite delay    both: link:A>B@workload.1..check.0+2s
 *	+until:S, +until:A>B/PORT#CLASS.N  held until step S begins, or until B has taken that
 *message of A's, the N-th from the fault's own step on; +2s+until:... at most so long
 *
 * Without an end, silence lasts to the end of the run, link, partition and stall until healing; a
 * loss is of one step; with a delay its messages come late.
 */
#ifndef CUTSET_MODEL_FAULT_H
#define CUTSET_MODEL_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "../bpf/rule.h"

enum fault_kind { FAULT_SILENCE, FAULT_LINK, FAULT_PARTITION, FAULT_LOSS, FAULT_STALL, FAULT_KINDS };

/* What ends a hold before its time. */
struct release {
	uint32_t step;		  /* NOW_*; 0: none */
	uint16_t a, b;		  /* or a message from a to b; 0, 0: none */
	struct selector selector; /* which */
};

struct fault {
	enum fault_kind kind;
	uint16_t a; /* node; sender for links */
	uint16_t b; /* receiver; 0 for silence */
	uint32_t from;	   /* NOW_*: 1 + k or NOW_CHECK */
	uint32_t until;	   /* NOW_*; 0: the default of its kind */
	uint64_t delay_ns; /* 0: endless, or until its release */
	struct release release;
	struct selector selector; /* stall; else all zero */
};

struct fault_set {
	struct fault v[MAX_FAULTS];
	size_t cnt;
};

/* Is what it takes held, and let go by itself? Else it is gone until the fault ends. */
static inline bool fault__holds(const struct fault *fault)
{
	return fault->delay_ns || fault->release.step || fault->release.a;
}

/* Names of nodes; @ctx is given back. Whoever has nodes, from targets or from a trace, lends one. */
struct name_table {
	/* The number of the node @name[0..len), or -1. */
	int (*id_of)(void *ctx, const char *name, size_t len);
	/* NULL where there is none. */
	const char *(*name_of)(void *ctx, uint16_t id);
	void *ctx;
};

/* Parse one fault. Errors (EXIT_USAGE) say what is wrong and, for a name, which names exist. */
int fault__parse(const char *text, const struct name_table *names, struct fault *ret, struct err *err);

/* As it is parsed; partition's nodes in the order of their names. FAULT_TEXT_MAX bytes fit all.
 * Returns @buf. */
#define FAULT_TEXT_MAX 768
char *fault__print(char *buf, size_t size, const struct fault *fault, const struct name_table *names);

/* The kind's word: "silence". */
const char *fault__kind_name(enum fault_kind kind);

/* "workload.3", "check.0", "idle", "end". Returns @buf. */
char *step__print(char *buf, size_t size, uint32_t now);
int step__parse(const char *text, size_t len, uint32_t *ret_now); /* 0 or -EINVAL */

/* Sets are kept sorted (by kind, nodes, onset); add refuses a duplicate or a full set with -1. */
int fault_set__add(struct fault_set *set, const struct fault *fault);
void fault_set__remove(struct fault_set *set, size_t index);
bool fault_set__equal(const struct fault_set *x, const struct fault_set *y);
bool fault__equal(const struct fault *x, const struct fault *y);

/* Does all that @weaker holds lie in @stronger: the same faults, from earlier steps on or longer delayed? */
bool fault_set__implies(const struct fault_set *stronger, const struct fault_set *weaker);

/* Is @node silent in @step, or (0) from some step on? */
bool fault_set__silences(const struct fault_set *set, uint16_t node, uint32_t step);

/* "{link:a>b@workload.1, silence:a@check.0}"; "{}" for none. Returns @buf. */
char *fault_set__print(char *buf, size_t size, const struct fault_set *set,
		       const struct name_table *names);

/*
 * Does @fault lie on the message sent from @src to @dst at step @step? @heal is the clock's value at
 * which link and partition faults without an end of their own are over (NOW_HEALED or NOW_END).
 * Stalls lie on nothing here: a step does not say enough of them.
 */
bool fault__reaches(const struct fault *fault, uint16_t src, uint16_t dst, uint32_t step,
		    uint32_t heal);

/* Does it take that message away? What is held comes later: that covers nothing. */
bool fault__covers(const struct fault *fault, uint16_t src, uint16_t dst, uint32_t step,
		   uint32_t heal);

#endif
