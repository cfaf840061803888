// SPDX-License-Identifier: GPL-2.0-only
#include "inject/report.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cutset.skel.h"

int report__reset(struct cutset_bpf *skel, struct err *err)
{
	const struct fired none = {};

	for (uint32_t i = 0; i < MAX_FAULTS; i++)
		if (bpf_map_update_elem(bpf_map__fd(skel->maps.fired), &i, &none, BPF_ANY))
			return err__set(err, EXIT_MACHINE, "cannot reset the faults' counters: %s",
					strerror(errno));
	return 0;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Of the last PARK_SAMPLES packets of this fault; as it was where there is none. */
static void read_delays(struct cutset_bpf *skel, uint32_t fault, uint64_t released,
			struct fault_report *report)
{
	uint32_t cnt = released < PARK_SAMPLES ? released : PARK_SAMPLES;
	uint64_t *delays = calloc(cnt ? cnt : 1, sizeof(*delays));

	for (uint32_t i = 0; delays && i < cnt; i++) {
		uint32_t key = fault * PARK_SAMPLES + i;

		bpf_map_lookup_elem(bpf_map__fd(skel->maps.park_delays), &key, &delays[i]);
	}
	if (delays && cnt) {
		qsort(delays, cnt, sizeof(*delays), by_size);
		report->achieved_ns = delays[cnt / 2];
		report->achieved_p99_ns = delays[cnt * 99 / 100];
	}
	free(delays);
}

static void say_why_no_stall(char *why, size_t size, const struct fault *fault,
			     const struct fired *fired, const char *a, const char *b)
{
	if (fired->unread)
		snprintf(why, size, "of %llu sends from %s to %s it could not be told what they carry",
			 (unsigned long long)fired->unread, a, b);
	else if (!fired->matched)
		snprintf(why, size, "%s sent %s no such message in its window", a, b);
	else if (fired->matched < fault->selector.nth)
		snprintf(why, size, "%s sent %s only %llu such messages in its window", a, b,
			 (unsigned long long)fired->matched);
	else
		snprintf(why, size, "none of the message's bytes came by");
}

static void say_why_not(char *why, size_t size, const struct fault *fault,
			const struct fired *fired, const struct name_table *names)
{
	const char *a = names->name_of(names->ctx, fault->a);
	const char *b = names->name_of(names->ctx, fault->b);

	if (fired->unparked)
		snprintf(why, size, "%llu packets passed: they could not be parked",
			 (unsigned long long)fired->unparked);
	else if (fault->kind == FAULT_STALL || fault->kind == FAULT_LOSS)
		say_why_no_stall(why, size, fault, fired, a, b);
	else if (fired->early)
		snprintf(why, size,
			 "%llu packets from %s to %s passed: all they carried was sent before it began",
			 (unsigned long long)fired->early, a, b);
	else if (fault->kind == FAULT_SILENCE)
		snprintf(why, size, "%s sent and was sent nothing in its window", a);
	else if (fault->kind == FAULT_PARTITION)
		snprintf(why, size, "%s and %s sent each other nothing in its window", a, b);
	else
		snprintf(why, size, "%s sent %s nothing in its window", a, b);
}

/* Why what was to let go the fault's packets never came. */
static void say_why_not_let_go(char *why, size_t size, const struct fault *fault,
			       const struct trigger *trigger, const struct name_table *names)
{
	const struct release *release = &fault->release;
	const char *a = names->name_of(names->ctx, release->a);
	const char *b = names->name_of(names->ctx, release->b);

	if (trigger->matched >= release->selector.nth)
		snprintf(why, size, "%s never took the message of %s's that was to let it go", b,
			 a);
	else if (trigger->unread)
		snprintf(why, size,
			 "what was to let it go was not seen: of %llu sends from %s to %s "
			 "it could not be told what they carry",
			 (unsigned long long)trigger->unread, a, b);
	else
		snprintf(why, size,
			 "what was to let it go never came: %s sent %s %llu such messages", a, b,
			 (unsigned long long)trigger->matched);
}

static void fill_release(struct fault_report *report, const struct fault *fault,
			 const struct trigger *trigger, const struct name_table *names)
{
	report->awaits = fault->release.a != 0;
	report->came_ns = trigger->came_ns;
	if (report->fired && report->awaits && !report->came_ns)
		say_why_not_let_go(report->why, sizeof(report->why), fault, trigger, names);
}

static void fill(struct fault_report *report, const struct fault *fault, const struct fired *fired,
		 const struct name_table *names)
{
	*report = (struct fault_report){
		.fired = fired->first_ns != 0,
		.first_ns = fired->first_ns,
		.last_ns = fired->last_ns,
		.first_step = fired->first_now,
		.dropped = fired->dropped,
		.parked = fired->parked,
		.released = fired->released,
		.lapsed = fired->lapsed,
		.by_event = fired->by_event,
		.by_end = fired->by_end,
		.passed = fired->unparked,
		.over = fired->over,
		.matched = fired->matched,
		.caught = fired->caught,
		.seq = fired->arm_seq,
		.len = fired->arm_len,
		.sport = fired->arm_sport,
		.dport = fired->arm_dport,
		.asked_ns = fault->delay_ns,
	};
	if (!report->fired)
		say_why_not(report->why, sizeof(report->why), fault, fired, names);
}

int report__read(struct cutset_bpf *skel, const struct fault_set *faults,
		 const struct name_table *names, struct fault_report *reports, struct err *err)
{
	for (uint32_t i = 0; i < faults->cnt; i++) {
		struct trigger trigger;
		struct fired fired;

		if (bpf_map_lookup_elem(bpf_map__fd(skel->maps.fired), &i, &fired) ||
		    bpf_map_lookup_elem(bpf_map__fd(skel->maps.triggers), &i, &trigger))
			return err__set(err, EXIT_MACHINE, "cannot read the faults' counters: %s",
					strerror(errno));
		fill(&reports[i], &faults->v[i], &fired, names);
		fill_release(&reports[i], &faults->v[i], &trigger, names);
		read_delays(skel, i, fired.released, &reports[i]);
	}
	return 0;
}
