/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Real time in ticks. The clock is CLOCK_MONOTONIC, which all processes of one machine share: the
 * metronome names the instant at which tick 1 begins, and each node goes by its own look at the
 * clock.
 */
#ifndef SUITE_CLOCK_H
#define SUITE_CLOCK_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define CONTROL_PORT 7000 /* UDP: the metronome's, and where nodes hear it */
#define MESSAGE_PORT 7001 /* what nodes send each other */

struct clock {
	uint64_t begin_ns; /* of tick 1 */
	uint64_t period_ns;
	uint64_t lag_ns; /* the longest yet */
};

static inline uint64_t clock__now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline uint64_t clock__tick_ns(const struct clock *clock, int tick)
{
	return clock->begin_ns + (uint64_t)(tick - 1) * clock->period_ns;
}

/* What was due at @ns has been done now. */
static inline void clock__note(struct clock *clock, uint64_t ns)
{
	uint64_t lag_ns = clock__now_ns() - ns;

	if (lag_ns > clock->lag_ns)
		clock->lag_ns = lag_ns;
}

/* Has anything come too late for the order of things to be sure? Half a tick is too late. */
static inline bool clock__was_late(const struct clock *clock)
{
	return clock->lag_ns > clock->period_ns * 2 / 5;
}

/* Before others of this machine, where that is allowed. */
static inline void clock__be_punctual(void)
{
	const struct sched_param first = {.sched_priority = 1};

	sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first);
}

#endif
