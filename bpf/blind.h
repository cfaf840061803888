/* SPDX-License-Identifier: GPL-2.0-only */
/* Ways to move bytes that are not recorded: a trace says when one of them was used. */
#ifndef CUTSET_BLIND_H
#define CUTSET_BLIND_H

#include "emit.h"

/* Once a thread, a trace and a reason. */
__attribute__((unused)) static __noinline int blind_tell(struct task_state *state, __u32 why, int fd)
{
	struct record *record;

	if (!state)
		return 0;
	if (state->blind_trace != trace_number) {
		state->blind_trace = trace_number;
		state->blind = 0;
	}
	if (state->blind & (1U << why))
		return 0;
	state->blind |= 1U << why;
	record = record_begin(state, EV_BLIND);
	if (!record)
		return 0;
	record->event.blind.why = why;
	record->event.blind.fd = fd;
	record_submit(record);
	return 0;
}

#endif
