// SPDX-License-Identifier: GPL-2.0-only
#include "report/junit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/markup.h"

/* All runs of one fault set. */
struct experiment_case {
	char faults[1024];
	double seconds;
	unsigned int seen[VERDICTS];
	const struct told_run *last, *broken; /* the latest that broke the promise, or NULL */
};

struct cases {
	struct experiment_case *v;
	size_t cnt;
};

static struct experiment_case *case_of(struct cases *cases, const struct told_run *run)
{
	char faults[sizeof(cases->v->faults)];

	told_run__faults(run, faults, sizeof(faults));
	for (size_t i = 0; i < cases->cnt; i++)
		if (!strcmp(cases->v[i].faults, faults))
			return &cases->v[i];
	strcpy(cases->v[cases->cnt].faults, faults);
	return &cases->v[cases->cnt++];
}

static int collect(const struct hunt_folder *folder, struct cases *ret)
{
	*ret = (struct cases){.v = calloc(folder->run_cnt + 1, sizeof(*ret->v))};
	if (!ret->v)
		return -1;
	for (size_t i = 0; i < folder->run_cnt; i++) {
		const struct told_run *run = &folder->runs[i];
		struct experiment_case *found = case_of(ret, run);

		found->seconds += run->seconds;
		found->seen[run->verdict]++;
		found->last = run;
		if (run->verdict == VERDICT_VIOLATED)
			found->broken = run;
	}
	return 0;
}

static bool is_skipped(const struct experiment_case *test)
{
	return !test->broken && !test->seen[VERDICT_SURVIVED];
}

static void put_suite(const struct hunt_folder *folder, const struct cases *cases, FILE *out)
{
	size_t failures = 0, skipped = 0;
	double seconds = 0;

	for (size_t i = 0; i < cases->cnt; i++) {
		failures += cases->v[i].broken != NULL;
		skipped += is_skipped(&cases->v[i]);
		seconds += cases->v[i].seconds;
	}
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"", out);
	markup__put(out, folder->name);
	fprintf(out,
		"\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\">\n",
		cases->cnt, failures, skipped, seconds);
}

static void put_failure(const struct hunt_folder *folder, const struct experiment_case *test,
			FILE *out)
{
	unsigned int broken = test->seen[VERDICT_VIOLATED];
	char path[PATH_MAX];

	fprintf(out, "<failure type=\"violated\" message=\"broken in %u of %u runs\">", broken,
		broken + test->seen[VERDICT_SURVIVED]);
	markup__printf(
		out, "%s\n%s\nagain: cutset replay %s\n", test->broken->why,
		hunt_folder__path(folder, test->broken->number, "check.out", path, sizeof(path)),
		folder->dir);
	fputs("</failure>\n", out);
}

static void put_case(const struct hunt_folder *folder, const struct experiment_case *test,
		     FILE *out)
{
	fputs("<testcase classname=\"", out);
	markup__put(out, folder->name);
	fputs("\" name=\"", out);
	markup__put(out, test->faults);
	fprintf(out, "\" time=\"%.3f\">\n", test->seconds);
	if (test->broken) {
		put_failure(folder, test, out);
	} else if (is_skipped(test)) {
		fputs("<skipped message=\"", out);
		markup__printf(out, "%s: %s", verdict__name(test->last->verdict), test->last->why);
		fputs("\"/>\n", out);
	}
	fputs("</testcase>\n", out);
}

int junit__write(const struct hunt_folder *folder, FILE *out, struct err *err)
{
	struct cases cases;

	if (collect(folder, &cases))
		return err__set(err, EXIT_MACHINE, "out of memory");
	put_suite(folder, &cases, out);
	for (size_t i = 0; i < cases.cnt; i++)
		put_case(folder, &cases.v[i], out);
	fputs("</testsuite>\n</testsuites>\n", out);
	free(cases.v);
	if (fflush(out) || ferror(out))
		return err__set(err, EXIT_MACHINE, "cannot write the export: %s", strerror(errno));
	return 0;
}
