// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hunt for every minimal fault set of a program of containers/suite, with the real loop and the
 * program's own code, in lockstep:
 *
 *	hunt-NAME JUDGEMENT TICKS/UNTIL/SILENCES [exact|monotone] [all|first] [STRATEGY] [SEED]
 *
 * prints the result, how many fault sets it took until the first broke and in all, and the sets,
 *one a line, as cutset writes them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite/fake_lab.h"

extern const struct program program;

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
	hunt.monotone = !strcmp(word(argc, argv, 3, "exact"), "monotone");
	hunt.opts.all = !strcmp(word(argc, argv, 4, "all"), "all");
	hunt.opts.has_strategy = true;
	if (strategy__named(word(argc, argv, 5, "lineage"), &hunt.opts.strategy))
		return 2;
	hunt.opts.has_seed = true;
	hunt.opts.seed = strtoull(word(argc, argv, 6, "1"), NULL, 10);
	fake_hunt__run(&hunt, &result);
	printf("%s %u %u\n", hunt_end__name(result.end), result.first, result.experiments);
	for (size_t i = 0; i < result.violation_cnt; i++)
		printf("%s\n", fault_set__print(text, sizeof(text), &result.violations[i].faults,
						fake_hunt__names(&program)));
	hunt_result__free(&result);
	return 0;
}
