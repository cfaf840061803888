// SPDX-License-Identifier: GPL-2.0-only
/*
 * The injector on a lead, for the system tests: targets as arguments (the last may be `client`),
 * commands on stdin, answers on stdout, each ended by a line `ok` or `error CODE MESSAGE`.
 *
 *	arm FAULT...	now STEP|NUMBER	 disarm	 events	 describe  refresh  lapsed  quit
 *	limit PACKETS NANOSECONDS
 *
 * With the argument --cleanup it does what `cutset cleanup` does.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "inject/injector.h"
#include "inject/claim.h"
#include "cutset.skel.h"

struct driver {
	struct nodes nodes;
	struct kernel *kernel;
	struct injector *injector;
	struct bpf_link *links[3]; /* the recogniser, and what it knows of places */
	struct ring_buffer *ring;
	struct fault_set faults;
	unsigned long counts[8];
	struct event last;
};

static int id_of(void *ctx, const char *name, size_t len)
{
	const struct nodes *nodes = ctx;

	for (size_t i = 0; i < nodes->cnt; i++)
		if (strlen(nodes->v[i].name) == len && !memcmp(nodes->v[i].name, name, len))
			return nodes->v[i].id;
	return -1;
}

static const char *name_of(void *ctx, uint16_t id)
{
	return nodes__name(ctx, id);
}

static int take_event(void *ctx, void *data, size_t size)
{
	const struct event *event = data;
	struct driver *d = ctx;

	if (event->kind != EV_CUT || event->cut.action >= 8)
		return 0;
	d->counts[event->cut.action]++;
	d->last = *event;
	return 0;
}

static int arm(struct driver *d, char *args, struct err *err)
{
	struct name_table names = { .id_of = id_of, .name_of = name_of, .ctx = &d->nodes };
	uint32_t heal = NOW_HEALED;

	d->faults.cnt = 0;
	for (char *word = strtok(args, " "); word; word = strtok(NULL, " ")) {
		struct fault fault;

		if (!strcmp(word, "heal=end")) {
			heal = NOW_END;
			continue;
		}
		if (fault__parse(word, &names, &fault, err))
			return -1;
		if (fault_set__add(&d->faults, &fault))
			return err__set(err, EXIT_USAGE, "twice the same");
	}
	ring_buffer__consume(d->ring);
	memset(d->counts, 0, sizeof(d->counts));
	return injector__arm(d->injector, &d->faults, heal, err);
}

static int set_now(struct driver *d, const char *text, struct err *err)
{
	uint32_t now = strtoul(text, NULL, 0);

	if (!strcmp(text, "healed"))
		now = NOW_HEALED;
	else if (*text < '0' || *text > '9')
		if (step__parse(text, strlen(text), &now))
			return err__set(err, EXIT_USAGE, "no step: %s", text);
	__atomic_store_n(&kernel__control(d->kernel)->now, now, __ATOMIC_SEQ_CST);
	return 0;
}

static int disarm(struct driver *d, struct err *err)
{
	struct name_table names = { .id_of = id_of, .name_of = name_of, .ctx = &d->nodes };
	struct fault_report reports[MAX_FAULTS] = {};
	char text[FAULT_TEXT_MAX], step[64];
	bool lapsed = false;

	if (injector__disarm(d->injector, reports, &lapsed, err))
		return -1;
	for (size_t i = 0; i < d->faults.cnt; i++) {
		const struct fault_report *r = &reports[i];

		printf("fault %s fired=%d dropped=%lu parked=%lu released=%lu step=%s asked=%lu "
		       "achieved=%lu p99=%lu over=%lu matched=%lu caught=%lu bytes=%u sport=%u due=%lu "
		       "event=%lu end=%lu came=%lu why=%s\n",
		       fault__print(text, sizeof(text), &d->faults.v[i], &names), r->fired,
		       r->dropped, r->parked, r->released,
		       step__print(step, sizeof(step), r->first_step), r->asked_ns, r->achieved_ns,
		       r->achieved_p99_ns, r->over, r->matched, r->caught, r->len, r->sport,
		       fault_report__due(r), r->by_event, r->by_end, r->came_ns,
		       r->why);
	}
	printf("lapsed=%d\n", lapsed);
	return 0;
}

static void print_events(struct driver *d)
{
	ring_buffer__consume(d->ring);
	printf("drop=%lu park=%lu release=%lu swallow=%lu lapse=%lu\n", d->counts[CUT_DROP],
	       d->counts[CUT_PARK], d->counts[CUT_RELEASE], d->counts[CUT_SWALLOW],
	       d->counts[CUT_LAPSE]);
	printf("last node=%u peer=%u seq=%u len=%u arm=%u flags=%u proto=%u dport=%u now=%u\n",
	       d->last.node, d->last.cut.peer, d->last.cut.seq, d->last.cut.len,
	       d->last.cut.arm_seq, d->last.cut.tcp_flags, d->last.cut.proto, d->last.cut.dport,
	       d->last.now);
}

static int refresh(struct driver *d, struct err *err)
{
	bool changed;

	if (nodes__refresh(&d->nodes, &changed, err) ||
	    kernel__set_nodes(d->kernel, &d->nodes, err))
		return -1;
	return injector__refresh(d->injector, &d->nodes, err);
}

static void limit(struct driver *d, const char *args)
{
	char *rest;
	unsigned long packets = strtoul(args, &rest, 0);

	injector__limit(d->injector, packets, strtoul(rest, NULL, 0));
}

static int obey(struct driver *d, char *line, struct err *err)
{
	char *args = line + strcspn(line, " ");

	if (*args)
		*args++ = 0;
	if (!strcmp(line, "arm"))
		return arm(d, args, err);
	if (!strcmp(line, "now"))
		return set_now(d, args, err);
	if (!strcmp(line, "disarm"))
		return disarm(d, err);
	if (!strcmp(line, "refresh"))
		return refresh(d, err);
	if (!strcmp(line, "limit"))
		limit(d, args);
	else if (!strcmp(line, "events"))
		print_events(d);
	else if (!strcmp(line, "describe"))
		injector__describe(d->injector, stdout);
	else if (!strcmp(line, "lapsed"))
		printf("lapsed=%d\n", kernel__control(d->kernel)->lapsed_ns != 0);
	else
		return err__set(err, EXIT_USAGE, "no command: %s", line);
	return 0;
}

static int start(struct driver *d, struct claims *claims, int argc, char **argv, struct err *err)
{
	const struct kernel_opts opts = { .cut = true, .recognise = true };
	enum park_engine engine = PARK_AUTO;

	if (getenv("CUT_DRIVER_ENGINE") && park__parse_engine(getenv("CUT_DRIVER_ENGINE"), &engine))
		return err__set(err, EXIT_USAGE, "no such engine");

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "client") ? nodes__add(&d->nodes, argv[i], false, err) :
						nodes__add_commands(&d->nodes, err))
			return -1;
	d->kernel = kernel__open(&opts, err);
	if (!d->kernel || kernel__set_nodes(d->kernel, &d->nodes, err))
		return -1;
	if (claims__update(claims, &d->nodes, err))
		return -1;
	d->injector = injector__new(d->kernel, &d->nodes, engine, err);
	if (!d->injector)
		return -1;
	d->links[0] = bpf_program__attach(kernel__skel(d->kernel)->progs.recognise_enter);
	d->links[1] = bpf_program__attach(kernel__skel(d->kernel)->progs.observe_exit);
	if (bpf_program__autoload(kernel__skel(d->kernel)->progs.position_send))
		d->links[2] = bpf_program__attach(kernel__skel(d->kernel)->progs.position_send);
	if (!d->links[0] || !d->links[1])
		return err__set(err, EXIT_MACHINE, "cannot attach the recogniser");
	d->ring = ring_buffer__new(bpf_map__fd(kernel__skel(d->kernel)->maps.ring), take_event, d,
				   NULL);
	return d->ring ? 0 : err__set(err, EXIT_MACHINE, "no ring buffer");
}

static int answer(int failed, const struct err *err)
{
	if (failed)
		printf("error %d %s\n", err->code, err->msg);
	else
		puts("ok");
	fflush(stdout);
	return failed;
}

int main(int argc, char **argv)
{
	struct driver d = {};
	struct err err = {};
	char line[4096];
	struct claims *claims;

	if (getenv("CUT_DRIVER_DEBUG"))
		log__set_topics("bpf,tc");
	if (argc > 1 && !strcmp(argv[1], "--cleanup"))
		return injector__cleanup(stdout, stderr, &err) < 0 ? answer(-1, &err) : 0;
	claims = claims__new(&err);
	if (answer(!claims || start(&d, claims, argc, argv, &err), &err))
		return err.code;
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (!strcmp(line, "quit"))
			break;
		answer(obey(&d, line, &err), &err);
	}
	injector__free(d.injector);
	ring_buffer__free(d.ring);
	bpf_link__destroy(d.links[0]);
	bpf_link__destroy(d.links[1]);
	bpf_link__destroy(d.links[2]);
	kernel__close(d.kernel);
	nodes__free(&d.nodes);
	claims__free(claims);
	return 0;
}
