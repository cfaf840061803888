// SPDX-License-Identifier: GPL-2.0-only
#include "inject/injector.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "cutset.skel.h"
#include "inject/attachment.h"
#include "inject/lease.h"
#include "inject/park.h"
#include "inject/report.h"
#include "inject/rules.h"
#include "observe/snapshot.h"
#include "target/netns.h"
#include "target/share.h"

struct injector {
	struct kernel *kernel;
	struct cutset_bpf *skel;
	struct attachments attachments;
	char names[MAX_NODES][NODE_NAME_MAX];
	uint64_t proxies; /* bit 1 << id */
	uint64_t sharers; /* likewise: may have sockets in the namespace that nodes share; outside too */
	struct bpf_link *owners; /* tells whose they are; NULL: none is shared */
	struct cell *cells; /* what the kernel has */
	struct cell *next;  /* room to compile into */
	struct fault_set faults;
	struct lease *lease; /* NULL: nothing is in force */
	enum park_engine engine;
	struct park *park;
};

static const char *name_of(void *ctx, uint16_t id)
{
	const struct injector *injector = ctx;

	if (id == NODE_OUTSIDE)
		return "outside";
	return id < MAX_NODES && injector->names[id][0] ? injector->names[id] : "?";
}

static int id_of(void *ctx, const char *name, size_t len)
{
	const struct injector *injector = ctx;

	for (int id = 1; id < MAX_NODES; id++)
		if (strlen(injector->names[id]) == len && !memcmp(injector->names[id], name, len))
			return id;
	return -1;
}

static struct name_table names_of(struct injector *injector)
{
	return (struct name_table){ .id_of = id_of, .name_of = name_of, .ctx = injector };
}

/* Tell the programs whose packets pass where, and whose addresses nobody owns. */
static void configure(struct injector *injector, const struct nodes *nodes)
{
	uint8_t hooked[MAX_NODES] = { 0 };
	const uint32_t shared = share__netns(nodes);
	const bool own_shared = shared && shared == netns__inode(0); /* the commands are there, too */
	uint32_t outside = NODE_OUTSIDE;

	memset(injector->names, 0, sizeof(injector->names));
	injector->proxies = 0;
	injector->sharers = 1ULL << NODE_OUTSIDE;
	for (size_t i = 0; i < nodes->cnt; i++) {
		const struct node *node = &nodes->v[i];
		const bool commands = node->kind == TARGET_COMMANDS;
		const bool shares = commands ? own_shared : shared && node->netns == shared;

		memcpy(injector->names[node->id], node->name, NODE_NAME_MAX);
		hooked[node->id] = shares || attachments__wanted(node, shared);
		if (shares)
			injector->sharers |= 1ULL << node->id;
		if (node->kind == TARGET_PROXY)
			injector->proxies |= 1ULL << node->id;
		if (commands && !own_shared)
			outside = node->id;
	}
	/* at once: faults may be in force */
	memcpy(injector->skel->bss->cut_config.hooked, hooked, sizeof(hooked));
	injector->skel->bss->control.outside_node = outside;
}

/* Before the sockets that there are are looked at: none may come unseen. */
static int watch_owners(struct injector *injector, const struct nodes *nodes, struct err *err)
{
	if (injector->owners || !share__netns(nodes))
		return 0;
	injector->owners = bpf_program__attach(injector->skel->progs.owner_state);
	return injector->owners ? 0 :
				  err__set(err, EXIT_MACHINE,
					   "cannot watch whose sockets there are: %s; targets with a network "
					   "namespace of their own need none of this",
					   strerror(errno));
}

int injector__refresh(struct injector *injector, const struct nodes *nodes, struct err *err)
{
	const struct cutset_bpf *skel = injector->skel;
	const struct cut_progs progs = {
		.own = { [HOOK_EGRESS] = bpf_program__fd(skel->progs.cut_egress),
			 [HOOK_INGRESS] = bpf_program__fd(skel->progs.cut_ingress) },
		.shared = { [HOOK_EGRESS] = bpf_program__fd(skel->progs.cut_shared_egress),
			    [HOOK_INGRESS] = bpf_program__fd(skel->progs.cut_shared_ingress) },
	};

	if (attachments__check(nodes, err) || watch_owners(injector, nodes, err) ||
	    attachments__update(&injector->attachments, nodes, &progs, err))
		return -1;
	configure(injector, nodes);
	if (injector->owners && snapshot__take_sockets(injector->kernel, err))
		return -1;
	return 0;
}

/* A mark that no packet carries by chance: whoever has it passes. */
static uint32_t random_mark(void)
{
	uint32_t mark = 0;

	if (getrandom(&mark, sizeof(mark), 0) != sizeof(mark) || !mark)
		mark = 0xc075e7c5;
	return mark;
}

struct injector *injector__new(struct kernel *kernel, const struct nodes *nodes,
			       enum park_engine engine, struct err *err)
{
	struct injector *injector = calloc(1, sizeof(*injector));

	if (!injector)
		goto no_memory;
	injector->kernel = kernel;
	injector->engine = engine;
	injector->skel = kernel__skel(kernel);
	injector->cells = calloc(CELL_CNT, sizeof(*injector->cells));
	injector->next = calloc(CELL_CNT, sizeof(*injector->next));
	if (!injector->cells || !injector->next)
		goto no_memory;
	injector->skel->bss->cut_config.mark = random_mark();
	if (injector__refresh(injector, nodes, err)) {
		injector__free(injector);
		return NULL;
	}
	kernel__control(kernel)->recognise = 1;
	return injector;
no_memory:
	err__set(err, EXIT_MACHINE, "out of memory");
	injector__free(injector);
	return NULL;
}

static int write_cells(struct injector *injector, const struct cell *cells, struct err *err)
{
	int fd = bpf_map__fd(injector->skel->maps.cells);

	for (uint32_t i = 0; i < CELL_CNT; i++) {
		if (!memcmp(&injector->cells[i], &cells[i], sizeof(*cells)))
			continue;
		if (bpf_map_update_elem(fd, &i, &cells[i], BPF_ANY))
			return err__set(err, EXIT_MACHINE, "cannot write the rules: %s",
					strerror(errno));
		injector->cells[i] = cells[i];
	}
	return 0;
}

static bool is_proxy(const struct injector *injector, uint16_t node)
{
	return node < MAX_NODES && (injector->proxies >> node & 1);
}

/* Is there a packet of such a pair that passes a program of ours? */
static int check_reach(struct injector *injector, const struct fault_set *faults, struct err *err)
{
	const uint8_t *hooked = injector->skel->bss->cut_config.hooked;
	struct name_table names = names_of(injector);
	char text[FAULT_TEXT_MAX];

	for (size_t i = 0; i < faults->cnt; i++) {
		const struct fault *fault = &faults->v[i];

		if (is_proxy(injector, fault->a) || is_proxy(injector, fault->b))
			return err__set(err, EXIT_USAGE,
					"cannot inject %s: docker-proxy is on the way to a container "
					"and no node of the system; name the container",
					fault__print(text, sizeof(text), fault, &names));
		if (fault->a < MAX_NODES && fault->b < MAX_NODES && !hooked[fault->a] &&
		    !hooked[fault->b] && fault->kind != FAULT_SILENCE)
			return err__set(err, EXIT_USAGE,
					"cannot inject %s: both are clients in cutset's own network "
					"namespace",
					fault__print(text, sizeof(text), fault, &names));
	}
	return 0;
}

/* Does some packet that is judged on this side of @node have to be held? */
static bool side_parks(const struct injector *injector, uint16_t node, bool ingress)
{
	const uint8_t *hooked = injector->skel->bss->cut_config.hooked;

	for (uint16_t other = 0; other < MAX_NODES; other++) {
		if (!ingress && cell__parks(&injector->next[cell_index(node, other)]))
			return true;
		if (ingress && !hooked[other] &&
		    cell__parks(&injector->next[cell_index(other, node)]))
			return true;
	}
	return false;
}

static bool shares(const struct injector *injector, uint16_t node)
{
	return injector->sharers >> node & 1;
}

/* Likewise of an interface of the namespace that nodes share. */
static bool shared_side_parks(const struct injector *injector, bool loopback, bool ingress)
{
	for (uint16_t src = 0; src < MAX_NODES; src++)
		for (uint16_t dst = 0; dst < MAX_NODES; dst++)
			if ((ingress || shares(injector, src)) &&
			    (!(ingress || loopback) || shares(injector, dst)) &&
			    cell__parks(&injector->next[cell_index(src, dst)]))
				return !(loopback && ingress);
	return false;
}

static bool parks(const struct injector *injector, const struct attachment *at, bool ingress)
{
	return at->node == NODE_SHARED ? shared_side_parks(injector, at->loopback, ingress) :
					 side_parks(injector, at->node, ingress);
}

/* Whose interface, for people. */
static const char *place_name(const struct injector *injector, const struct attachment *at)
{
	return at->node == NODE_SHARED ? "the shared namespace" :
					 name_of((void *)injector, at->node);
}

static int add_places(struct injector *injector, struct err *err)
{
	for (size_t i = 0; i < injector->attachments.cnt; i++) {
		const struct attachment *at = &injector->attachments.v[i];

		for (int ingress = 0; ingress < 2; ingress++) {
			struct park_place place = { .netns_fd = at->netns_fd, .node = at->node,
						    .ifindex = at->hook.ifindex,
						    .ingress = ingress,
						    .loopback = at->loopback };

			if (parks(injector, at, ingress) &&
			    park__add(injector->park, &place, err))
				return err__prefix(err, "%s of %s", at->iface,
						   place_name(injector, at));
		}
	}
	return 0;
}

/* Before the lease: what they match counts from then on. */
static int write_stalls(struct injector *injector, const struct fault_set *faults, uint32_t heal,
			struct err *err)
{
	volatile struct control *control = kernel__control(injector->kernel);
	const struct cutset_bpf *skel = injector->skel;
	struct trigger triggers[MAX_FAULTS];
	struct stall stalls[MAX_FAULTS];
	uint32_t stalled, triggered;

	rules__stalls(stalls, faults, heal, &stalled);
	rules__triggers(triggers, faults, &triggered);
	control->awaiting = control->came = 0;
	for (uint32_t i = 0; i < MAX_FAULTS; i++)
		if (bpf_map_update_elem(bpf_map__fd(skel->maps.stalls), &i, &stalls[i], BPF_ANY) ||
		    bpf_map_update_elem(bpf_map__fd(skel->maps.triggers), &i, &triggers[i],
					BPF_ANY))
			return err__set(err, EXIT_MACHINE, "cannot write the stalls: %s",
					strerror(errno));
	control->stalls = stalled | triggered;
	return 0;
}

static int open_engine(struct injector *injector, enum park_engine engine,
		       const struct park_term terms[MAX_FAULTS], struct err *err)
{
	injector->park = park__open(injector->skel, engine, terms, err);
	if (injector->park && !add_places(injector, err) && !park__start(injector->park, err))
		return 0;
	park__close(injector->park);
	injector->park = NULL;
	return -1;
}

/* Most faults are not: then strangers pass quickly. */
static bool is_about_strangers(const struct injector *injector)
{
	static const struct cell none;

	for (uint16_t dst = 0; dst < MAX_NODES; dst++)
		if (memcmp(&injector->next[cell_index(NODE_OUTSIDE, dst)], &none, sizeof(none)))
			return true;
	return false;
}

static int open_park(struct injector *injector, const struct fault_set *faults, struct err *err)
{
	struct park_term terms[MAX_FAULTS];
	struct err first = { 0 };
	bool any = false;

	rules__terms(terms, faults);
	for (size_t i = 0; i < faults->cnt; i++)
		any |= fault__holds(&faults->v[i]);
	if (!any)
		return 0;
	if (injector->engine != PARK_AUTO)
		return open_engine(injector, injector->engine, terms, err);
	if (!open_engine(injector, PARK_TAP, terms, &first))
		return 0;
	log__verbose("no tap engine: %s", first.msg);
	return open_engine(injector, PARK_CHAMBER, terms, NULL) ?
		       err__set(err, first.code, "%s", first.msg) :
		       0;
}

/* Cells without faults; the kernel's may stay only where it refuses to be written to. */
static void clear_cells(struct injector *injector)
{
	kernel__control(injector->kernel)->stalls = 0;
	memset(injector->next, 0, CELL_CNT * sizeof(*injector->next));
	if (write_cells(injector, injector->next, NULL))
		log__warn("cannot clear the rules: %s", strerror(errno));
}

int injector__arm(struct injector *injector, const struct fault_set *faults, uint32_t heal,
		  struct err *err)
{
	volatile struct control *control = kernel__control(injector->kernel);
	struct name_table names = names_of(injector);

	injector__disarm(injector, NULL, NULL, NULL);
	if (rules__compile(injector->next, faults, heal, &names, err) ||
	    check_reach(injector, faults, err) || report__reset(injector->skel, err) ||
	    (injector->owners && snapshot__take_sockets(injector->kernel, err)) ||
	    open_park(injector, faults, err))
		return -1;
	injector->skel->bss->cut_config.strangers = is_about_strangers(injector);
	if (!write_stalls(injector, faults, heal, err) &&
	    !write_cells(injector, injector->next, err)) {
		__atomic_fetch_add(&control->epoch, 1, __ATOMIC_SEQ_CST);
		injector->lease = lease__start(control, err);
	}
	if (injector->lease) {
		injector->faults = *faults;
		return 0;
	}
	park__close(injector->park);
	injector->park = NULL;
	clear_cells(injector);
	return -1;
}

int injector__disarm(struct injector *injector, struct fault_report *reports, bool *ret_lapsed,
		     struct err *err)
{
	struct name_table names = names_of(injector);
	int failed = 0;

	if (ret_lapsed)
		*ret_lapsed = false;
	if (!injector->lease)
		return 0;
	lease__stop(injector->lease);
	injector->lease = NULL;
	park__close(injector->park);
	injector->park = NULL;
	if (ret_lapsed)
		*ret_lapsed = kernel__control(injector->kernel)->lapsed_ns != 0;
	if (reports)
		failed = report__read(injector->skel, &injector->faults, &names, reports, err);
	clear_cells(injector);
	injector->faults.cnt = 0;
	return failed;
}

void injector__limit(struct injector *injector, uint64_t packets, uint64_t span_ns)
{
	injector->skel->bss->cut_config.most_packets = packets;
	injector->skel->bss->cut_config.longest_ns = span_ns;
}

const char *injector__engine(const struct injector *injector)
{
	return injector->park ? park__engine_name(park__engine(injector->park)) : NULL;
}

void injector__describe(const struct injector *injector, FILE *out)
{
	for (size_t i = 0; i < injector->attachments.cnt; i++) {
		const struct attachment *at = &injector->attachments.v[i];

		fprintf(out, "%s: %s (interface %d), egress%s, by %s\n", place_name(injector, at),
			at->iface, at->hook.ifindex, at->loopback ? "" : " and ingress",
			hook__engine(&at->hook));
	}
}

void injector__free(struct injector *injector)
{
	if (!injector)
		return;
	injector__disarm(injector, NULL, NULL, NULL);
	kernel__control(injector->kernel)->recognise = 0;
	attachments__free(&injector->attachments);
	bpf_link__destroy(injector->owners);
	free(injector->cells);
	free(injector->next);
	free(injector);
}
