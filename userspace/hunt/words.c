// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/words.h"

#include <stdio.h>

#include "base/units.h"
#include "model/selector.h"

/* "from the start", "from workload.2 on", "in workload.2", "when the workload has exited (check.0)"
 */
static void begin_words(char *buf, size_t size, const struct fault *fault)
{
	uint32_t from = fault->from;
	char step[32];

	if (fault->kind == FAULT_LOSS && !fault->until)
		snprintf(buf, size, "in %s", step__print(step, sizeof(step), from));
	else if (from <= NOW_WORKLOAD)
		snprintf(buf, size, "from the start of the workload (workload.0)");
	else if (from == NOW_CHECK)
		snprintf(buf, size, "when the workload has exited (check.0)");
	else
		snprintf(buf, size, "from %s on", step__print(step, sizeof(step), from));
}

static void end_words(char *buf, size_t size, const struct fault *fault, uint32_t heal)
{
	char step[32];

	if (fault->kind == FAULT_LOSS && !fault->until)
		buf[0] = '\0'; /* it is of one step */
	else if (fault->until == NOW_CHECK)
		snprintf(buf, size, ", until the workload has exited");
	else if (fault->until == NOW_HEALED || (!fault->until && heal == NOW_HEALED &&
						 fault->kind != FAULT_SILENCE))
		snprintf(buf, size, ", until the check");
	else if (fault->until && fault->until < NOW_CHECK)
		snprintf(buf, size, ", until %s", step__print(step, sizeof(step), fault->until));
	else
		buf[0] = '\0';
}

/* "comes 2s late", "waits until b has taken c>b/80#GET, at most 2s"; nothing where it does not wait
 */
static void wait_words(char *buf, size_t size, const struct fault *fault,
		       const struct name_table *names)
{
	const struct release *release = &fault->release;
	char span[32], at_most[48] = "", selector[160];

	buf[0] = '\0';
	if (fault->delay_ns) {
		units__print_span(span, sizeof(span), fault->delay_ns);
		snprintf(buf, size, "comes %s late", span);
		snprintf(at_most, sizeof(at_most), ", at most %s", span);
	}
	if (release->step)
		snprintf(buf, size, "waits until %s%s",
			 step__print(span, sizeof(span), release->step), at_most);
	else if (release->a)
		snprintf(buf, size, "waits until %s has taken %s>%s%s%s",
			 names->name_of(names->ctx, release->b),
			 names->name_of(names->ctx, release->a),
			 names->name_of(names->ctx, release->b),
			 selector__print(selector, sizeof(selector), &release->selector), at_most);
}

static void what_words(char *buf, size_t size, const struct fault *fault, const char *a,
		       const char *b, const char *wait)
{
	char selector[160];

	if (fault->kind == FAULT_STALL)
		snprintf(buf, size, "%s>%s%s, and what follows it there, %s", a, b,
			 selector__print(selector, sizeof(selector), &fault->selector),
			 *wait ? wait : "does not arrive");
	else if (fault->kind == FAULT_LOSS && !*wait)
		snprintf(buf, size, "what %s sends to %s is lost", a, b);
	else if (fault->kind == FAULT_SILENCE && *wait)
		snprintf(buf, size, "everything to and from %s %s", a, wait);
	else if (fault->kind == FAULT_SILENCE)
		snprintf(buf, size, "%s falls silent", a);
	else if (fault->kind == FAULT_PARTITION && *wait)
		snprintf(buf, size, "what %s and %s send each other %s", a, b, wait);
	else if (fault->kind == FAULT_PARTITION)
		snprintf(buf, size, "nothing passes between %s and %s", a, b);
	else if (*wait)
		snprintf(buf, size, "what %s sends to %s %s", a, b, wait);
	else
		snprintf(buf, size, "nothing that %s sends to %s arrives", a, b);
}

char *words__fault(char *buf, size_t size, const struct fault *fault,
		   const struct name_table *names, uint32_t heal)
{
	const char *a = names->name_of(names->ctx, fault->a);
	const char *b = fault->b ? names->name_of(names->ctx, fault->b) : "";
	char what[FAULT_TEXT_MAX], wait[400], begin[96], end[96];

	wait_words(wait, sizeof(wait), fault, names);
	what_words(what, sizeof(what), fault, a, b, wait);
	begin_words(begin, sizeof(begin), fault);
	end_words(end, sizeof(end), fault, heal);
	snprintf(buf, size, "%s %s%s", what, begin, end);
	return buf;
}
