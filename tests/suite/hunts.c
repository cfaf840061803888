// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hunt for every minimal fault set of a program of containers/suite, with the real loop and the
 * program's own code, in lockstep:
 *
 *	hunt-NAME JUDGEMENT TICKS/UNTIL/SILENCES [exact|monotone|lockstep|moody|restless|lost|racing] [all|first] [STRATEGY] [SEED] [DELAY] [KIND] [RUNS] [TOTAL]
 *
 * prints the result, how many fault sets it took until the first broke and in all, and the sets,
 *one a line, as cutset writes them. moody: assumed to be in lockstep, and once it is not; restless: each run
 * rests on something of its own; lost: three runs in a row do not count;
 * racing: after its first run a set that survived keeps the promise from being made. KIND: loss or stall; RUNS: that shrinking may take; TOTAL: faults at most. DELAY: forever, shortest, wobbly
 * (shortest, and every third run is half a tick quicker), or so many ticks. With shortest, behind the first set's
 * ticks: the longest that kept, the shortest that broke, what trying each number of ticks says, and what is unsure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite/fake_lab.h"

extern const struct program program;

#define MOODY_RUN 60 /* after some was foretold */

/* The least number of ticks that the set's late faults have to be late; -1: none breaks. */
static int least_ticks(const struct fake_hunt *hunt, const struct fault_set *faults)
{
	for (int late = 0; late <= hunt->ticks; late++) {
		struct fault_set set = {0};
		struct lockstep_run run;
		bool broken;

		for (size_t i = 0; i < faults->cnt; i++) {
			struct fault fault = faults->v[i];

			if (late && fault.delay_ns)
				fault.delay_ns = late * LOCKSTEP_TICK_NS;
			if (late || !fault.delay_ns)
				fault_set__add(&set, &fault);
		}
		lockstep__run(hunt->program, lockstep__judgement(hunt->judgement), hunt->ticks,
			      &set, &run);
		broken = run.made && !run.kept;
		lockstep__free(&run);
		if (broken)
			return late;
	}
	return -1;
}

static void print_shortest(const struct fake_hunt *hunt, const struct violation *violation)
{
	const struct shortest *shortest = &violation->shortest;

	printf("ticks %g %g %d %g in %u runs%s\n", (double)shortest->kept_ns / LOCKSTEP_TICK_NS,
	       (double)shortest->breaks_ns / LOCKSTEP_TICK_NS, least_ticks(hunt, violation->late.cnt ? &violation->late : &violation->faults),
	       (double)shortest->unsure_ns / LOCKSTEP_TICK_NS, violation->shrink_runs,
	       violation->unshrunk ? ", too few" : "");
}

static const char *word(int argc, char **argv, int index, const char *otherwise)
{
	return argc > index ? argv[index] : otherwise;
}

int main(int argc, char **argv)
{
	struct fake_hunt hunt = {.program = &program, .losses = -1};
	struct hunt_result result;
	char text[4096];

	if (argc < 3 || sscanf(argv[2], "%d/%u/%d", &hunt.ticks, &hunt.until, &hunt.silences) != 3)
		return 2;
	hunt.judgement = argv[1];
	if (hunt.until < 2)
		hunt.losses = 0;
	if (!strcmp(word(argc, argv, 8, "loss"), "stall")) {
		hunt.stalls = hunt.losses;
		hunt.losses = 0;
	}
	hunt.monotone = !strcmp(word(argc, argv, 3, "exact"), "monotone");
	hunt.moody_run = !strcmp(word(argc, argv, 3, "exact"), "moody") ? MOODY_RUN : 0;
	hunt.lockstep = hunt.moody_run || !strcmp(word(argc, argv, 3, "exact"), "lockstep");
	hunt.restless = !strcmp(word(argc, argv, 3, "exact"), "restless");
	hunt.racing = !strcmp(word(argc, argv, 3, "exact"), "racing");
	hunt.lost_from = !strcmp(word(argc, argv, 3, "exact"), "lost") ? 3 : 0;
	hunt.opts.all = !strcmp(word(argc, argv, 4, "all"), "all");
	hunt.opts.has_strategy = true;
	if (strategy__named(word(argc, argv, 5, "lineage"), &hunt.opts.strategy))
		return 2;
	hunt.opts.has_seed = true;
	hunt.opts.seed = strtoull(word(argc, argv, 6, "1"), NULL, 10);
	hunt.shorten = !strcmp(word(argc, argv, 7, "forever"), "shortest") ||
		       !strcmp(word(argc, argv, 7, "forever"), "wobbly");
	if (!strcmp(word(argc, argv, 7, "forever"), "wobbly")) {
		hunt.wobble_ns = LOCKSTEP_TICK_NS / 2;
		hunt.repeat_runs = 3;
	}
	hunt.delay_ns = strtoull(word(argc, argv, 7, "0"), NULL, 10) * LOCKSTEP_TICK_NS;
	hunt.shrink_runs = (unsigned int)strtoul(word(argc, argv, 9, "0"), NULL, 10);
	hunt.total = atoi(word(argc, argv, 10, "0"));
	fake_hunt__run(&hunt, &result);
	printf("%s %u %u", hunt_end__name(result.end), result.first, result.experiments);
	printf(hunt.lockstep ? " and %u foretold\n" : "\n", result.foretold);
	if (hunt.lost_from || hunt.racing)
		printf(result.all ? "all\n" : "some\n");
	if (hunt.restless)
		printf("%s\n", result.why);
	for (size_t i = 0; i < result.violation_cnt; i++)
		printf("%s\n", fault_set__print(text, sizeof(text), &result.violations[i].faults,
						fake_hunt__names(&program)));
	if (hunt.shorten && result.violation_cnt)
		print_shortest(&hunt, &result.violations[0]);
	hunt_result__free(&result);
	return 0;
}
