// SPDX-License-Identifier: GPL-2.0-only
#include "base/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/units.h"

static volatile sig_atomic_t raised;

static void raise_flag(int signal)
{
	(void)signal;
	raised = 1;
}

void interrupt__catch(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = raise_flag;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool interrupt__raised(void)
{
	return raised;
}

bool interrupt__sleep_ns(uint64_t span_ns)
{
	uint64_t end_ns = units__now_ns() + span_ns;

	for (;;) {
		uint64_t now_ns = units__now_ns(), left_ns, slice_ns;
		struct timespec ts;

		if (now_ns >= end_ns)
			return true;
		if (raised)
			return false;
		/* in slices: the signal may go to another thread */
		left_ns = end_ns - now_ns;
		slice_ns = left_ns < 50 * NSEC_PER_MSEC ? left_ns : 50 * NSEC_PER_MSEC;
		ts.tv_sec = 0;
		ts.tv_nsec = (long)slice_ns;
		nanosleep(&ts, NULL);
	}
}
