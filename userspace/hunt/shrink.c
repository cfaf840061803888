// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "hunt/state.h"

static struct fault_set without(const struct fault_set *faults, size_t index)
{
	struct fault_set rest = *faults;

	fault_set__remove(&rest, index);
	return rest;
}

/*
 * Try without one fault. Returns 1 when it still breaks (*ret is what broke), 0 when not, -1.
 * *ret_unsure: not, as far as one can tell.
 * A subset that was run before keeps its judgement; the empty one is the baseline.
 */
static int still_breaks(struct hunt *hunt, const struct fault_set *rest, struct fault_set *ret,
			bool *ret_unsure, struct err *err)
{
	struct tried *tried;

	if (!rest->cnt)
		return 0;
	if (trial__run(hunt, rest, "shrink", &tried, err))
		return -1;
	*ret_unsure |= tried->standing == STANDING_PARKED;
	if (tried->standing != STANDING_VIOLATED)
		return 0;
	*ret = tried->faults;
	return 1;
}

int shrink__run(struct hunt *hunt, struct fault_set *faults, bool *ret_minimal, struct err *err)
{
	bool unsure = false;
	size_t i = 0;

	*ret_minimal = false;
	while (i < faults->cnt && faults->cnt > 1) {
		struct fault_set rest = without(faults, i), smaller;
		int breaks = still_breaks(hunt, &rest, &smaller, &unsure, err);

		if (breaks < 0)
			return -1;
		if (hunt->stop != STOP_NONE)
			return 0;
		i++;
		if (!breaks)
			continue;
		*faults = smaller;
		unsure = false;
		i = 0;
	}
	*ret_minimal = !unsure;
	return 0;
}
