/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes delays happen: tc programs in the nodes' network namespaces, driven by the run's clock.
 * Nothing outside the nodes' namespaces is touched, and in one that nodes share nothing of others;
 * everything vanishes with the process.
 */
#ifndef CUTSET_INJECTOR_H
#define CUTSET_INJECTOR_H

#include <stdio.h>

#include "inject/park.h"
#include "model/fault.h"
#include "observe/kernel.h"

struct injector;

/* Finite delays are by @engine. Attach to the interfaces of the nodes' namespaces, see attachment.h. After
 * kernel__set_nodes. NULL on error: EXIT_MACHINE, or EXIT_USAGE for nodes that cannot be told apart, see
 * attachments__check. */
struct injector *injector__new(struct kernel *kernel, const struct nodes *nodes,
			       enum park_engine engine, struct err *err);

/* After nodes__refresh: hook what is new, let go what is gone. */
int injector__refresh(struct injector *injector, const struct nodes *nodes, struct err *err);

/*
 * Put a fault set in force: rules are compiled into the maps, the lease begins to be renewed on a
 * thread of the injector's. @heal: NOW_HEALED or NOW_END. The clock decides from then on, so it has
 * to stand at NOW_IDLE already. A finite delay puts a TAP device (cutset0, ...) into the namespaces
 * until disarm.
 * Errors: EXIT_USAGE for a set that cannot be expressed (overlaps), nothing is then in force.
 */
int injector__arm(struct injector *injector, const struct fault_set *faults, uint32_t heal,
		  struct err *err);

/* From now on each fault of a set takes at most @packets, and goes on for at most @span_ns after its first;
 * 0: no limit, as at first. */
void injector__limit(struct injector *injector, uint64_t packets, uint64_t span_ns);

/* What became of each fault of the set. */
struct fault_report {
	bool fired;
	uint64_t first_ns, last_ns;
	uint32_t first_step;
	uint64_t dropped, parked, released; /* packets */
	uint64_t passed;		    /* packets that should have been parked, and were not */
	uint64_t over;			    /* packets that passed because of injector__limit */
	uint64_t matched;	    /* stalls, losses: messages that were meant */
	uint64_t caught;	    /* bytes of earlier messages that were held or dropped with them */
	uint32_t seq, len;	    /* the first message that was held: where its bytes lie, */
	uint16_t sport, dport;	    /* on which connection; 0: none */
	uint64_t asked_ns, achieved_ns;	    /* finite delays: asked, and the median achieved, */
	uint64_t achieved_p99_ns;	    /* and what one packet in a hundred exceeded */
	uint64_t lapsed;		    /* packets that were held and are lost: the lease ran out */
	uint64_t by_event, by_end; /* of those released: by what they were held for, as the faults ended */
	bool awaits;			    /* a message was to let go what it held; */
	uint64_t came_ns;		    /* when that was taken; 0: it never was */
	char why[240];			    /* why it did not fire, or why that message never came */
};

/* How many packets were let go because their time had come. */
static inline uint64_t fault_report__due(const struct fault_report *report)
{
	return report->released - report->by_event - report->by_end;
}

/* Nothing is cut from here on; parked packets are let go. @reports has room for the set's count.
 * *ret_lapsed: the lease ran out at some time, the run is broken. */
int injector__disarm(struct injector *injector, struct fault_report *reports, bool *ret_lapsed,
		     struct err *err);

/* The name of the engine that holds packets of the set in force; NULL: none is needed. */
const char *injector__engine(const struct injector *injector);

/* What is attached where, for --dry-run and doctor. */
void injector__describe(const struct injector *injector, FILE *out);

/* What a killed run may have left: remove it, print a line for each. Namespaces in which another cutset is at work are
 * left alone, a line for each in @busy. Returns how many were removed, or -1. */
int injector__cleanup(FILE *out, FILE *busy, struct err *err);

void injector__free(struct injector *injector); /* disarms, detaches; takes NULL */

#endif
