// SPDX-License-Identifier: GPL-2.0-only
/* The violations of a hunt, each made as small as it goes. */
#include <stdlib.h>
#include <string.h>

#include "hunt/because.h"
#include "hunt/state.h"

static struct violation *new_violation(struct hunt_result *ret, struct err *err)
{
	const size_t cnt = ret->violation_cnt + 1;
	struct violation *v = realloc(ret->violations, cnt * sizeof(*v));

	if (!v) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	ret->violations = v;
	ret->violation_cnt = cnt;
	memset(&v[cnt - 1], 0, sizeof(*v));
	return &v[cnt - 1];
}

int found__by_itself(struct hunt_result *ret, struct err *err)
{
	struct violation *violation = new_violation(ret, err);

	if (!violation)
		return -1;
	violation->minimal = true;
	ret->end = HUNT_VIOLATION;
	return 0;
}

int found__take(struct hunt *hunt, const struct tried *violated, struct hunt_result *ret,
		struct err *err)
{
	struct violation *violation = new_violation(ret, err);

	if (!violation)
		return -1;
	ret->end = HUNT_VIOLATION;
	if (!ret->first)
		ret->first = (unsigned int)tried__cnt(&hunt->tried);
	hunt__say(hunt, "%s; dropping what is not needed", violated->why);
	violation->faults = violated->faults;
	return shrink__run(hunt, violation, err);
}

static void note_rate(const struct hunt *hunt, struct violation *violation)
{
	const struct tried *with = tried__find(&hunt->tried, &violation->faults);

	if (!with)
		return;
	violation->with = (struct rate){tried__broken(with), tried__made(with)};
	violation->run = with->broken_run ? with->broken_run : with->last_run;
}

/* For each fault of the first, the set without it, where that kept the promise. Another of its faults may
 * have been longer or wider then. */
static int note_near_misses(const struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	const struct violation *first = &ret->violations[0];
	const struct fault_set *faults = &first->faults;

	for (size_t i = 0; i < faults->cnt; i++) {
		struct near_miss *miss = &ret->near_misses[i];
		const struct tried *tried = first->rest[i];
		char path[PATH_MAX];
		int found;

		if (!tried)
			continue;
		const struct judge judge =
			lab__judge(&hunt->lab, &tried->faults, tried->last_run, path);

		found = because__find(&judge, &faults->v[i], miss->message, sizeof(miss->message),
				      err);
		if (found < 0)
			return -1;
		if (found)
			miss->run = tried->last_run;
	}
	return 0;
}

int found__describe(const struct hunt *hunt, struct hunt_result *ret, struct err *err)
{
	ret->without = (struct rate){tried__broken(hunt->baseline), tried__made(hunt->baseline)};
	for (size_t i = 0; i < ret->violation_cnt; i++)
		note_rate(hunt, &ret->violations[i]);
	return ret->violation_cnt ? note_near_misses(hunt, ret, err) : 0;
}

bool found__within(const struct hunt_result *result, const struct fault_set *faults)
{
	for (size_t i = 0; i < result->violation_cnt; i++)
		if (fault_set__implies(faults, &result->violations[i].faults))
			return true;
	return false;
}

const struct violation *hunt_result__first(const struct hunt_result *result)
{
	return result->violation_cnt ? &result->violations[0] : NULL;
}

void hunt_result__free(struct hunt_result *result)
{
	free(result->violations);
	result->violations = NULL;
	result->violation_cnt = 0;
}
