/* SPDX-License-Identifier: GPL-2.0-only */
/* The rule compiler: a fault set as the kernel reads it, a cell for each ordered pair of nodes. */
#ifndef CUTSET_INJECT_RULES_H
#define CUTSET_INJECT_RULES_H

#include "inject/park.h"
#include "model/fault.h"

#define CELL_CNT (MAX_NODES * MAX_NODES)

static inline size_t cell_index(uint16_t src, uint16_t dst)
{
	return (size_t)src * MAX_NODES + dst;
}

/*
 * Fill @cells (CELL_CNT of them). @heal ends links and partitions without an end of their own;
 * silences without one never end. Windows of one kind that overlap or touch on a pair and have the
 * same delay become one; where both are in force the earlier counts what it cuts. Errors
 * (EXIT_USAGE, @cells then undefined): windows of which no one can be made, an empty window, a delay
 * of more than PARK_DELAY_MAX_NS, a kind that the injector does not know.
 */
int rules__compile(struct cell *cells, const struct fault_set *faults, uint32_t heal,
		   const struct name_table *names, struct err *err);

/* The rules of stalls and losses, by fault's index; of the others all zero. *ret_used: bits, which. After
 * rules__compile, which has checked them. */
void rules__stalls(struct stall stalls[MAX_FAULTS], const struct fault_set *faults, uint32_t heal,
		   uint32_t *ret_used);

/* The messages that let go what faults hold, by fault's index. *ret_used: bits, which. */
void rules__triggers(struct trigger triggers[MAX_FAULTS], const struct fault_set *faults,
		     uint32_t *ret_used);

/* How long each fault holds what it takes; all zero where it drops. */
void rules__terms(struct park_term terms[MAX_FAULTS], const struct fault_set *faults);

/* Does a finite delay lie on a packet from @src to @dst? */
bool cell__parks(const struct cell *cell);

#endif
