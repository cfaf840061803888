// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/words.h"

#include <stdio.h>

#include "base/units.h"

/* "from the start", "from workload.2 on", "when the workload has exited (check.0)" */
static void begin_words(char *buf, size_t size, uint32_t from)
{
	char step[32];

	if (from <= NOW_WORKLOAD)
		snprintf(buf, size, "from the start of the workload (workload.0)");
	else if (from == NOW_CHECK)
		snprintf(buf, size, "when the workload has exited (check.0)");
	else
		snprintf(buf, size, "from %s on", step__print(step, sizeof(step), from));
}

static void end_words(char *buf, size_t size, const struct fault *fault, uint32_t heal)
{
	char step[32];

	if (fault->until == NOW_CHECK)
		snprintf(buf, size, ", until the workload has exited");
	else if (fault->until == NOW_HEALED || (!fault->until && heal == NOW_HEALED &&
						 fault->kind != FAULT_SILENCE))
		snprintf(buf, size, ", until the check");
	else if (fault->until && fault->until < NOW_CHECK)
		snprintf(buf, size, ", until %s", step__print(step, sizeof(step), fault->until));
	else
		buf[0] = '\0';
}

static void what_words(char *buf, size_t size, const struct fault *fault, const char *a,
		       const char *b)
{
	char span[32] = "";

	if (fault->delay_ns)
		units__print_span(span, sizeof(span), fault->delay_ns);
	if (fault->kind == FAULT_SILENCE && fault->delay_ns)
		snprintf(buf, size, "everything to and from %s comes %s late", a, span);
	else if (fault->kind == FAULT_SILENCE)
		snprintf(buf, size, "%s falls silent", a);
	else if (fault->kind == FAULT_PARTITION && fault->delay_ns)
		snprintf(buf, size, "what %s and %s send each other comes %s late", a, b, span);
	else if (fault->kind == FAULT_PARTITION)
		snprintf(buf, size, "nothing passes between %s and %s", a, b);
	else if (fault->delay_ns)
		snprintf(buf, size, "what %s sends to %s comes %s late", a, b, span);
	else
		snprintf(buf, size, "nothing that %s sends to %s arrives", a, b);
}

char *words__fault(char *buf, size_t size, const struct fault *fault,
		   const struct name_table *names, uint32_t heal)
{
	const char *a = names->name_of(names->ctx, fault->a);
	const char *b = fault->b ? names->name_of(names->ctx, fault->b) : "";
	char what[256], begin[96], end[96];

	what_words(what, sizeof(what), fault, a, b);
	begin_words(begin, sizeof(begin), fault->from);
	end_words(end, sizeof(end), fault, heal);
	snprintf(buf, size, "%s %s%s", what, begin, end);
	return buf;
}
