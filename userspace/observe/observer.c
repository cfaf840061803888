// SPDX-License-Identifier: GPL-2.0-only
#include "observe/observer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/privilege.h"
#include "base/units.h"
#include "cutset.skel.h"
#include "observe/backend.h"
#include "observe/meta.h"
#include "observe/snapshot.h"
#include "target/role.h"

/* Timer of the drain thread: a full ring of 16 MiB lasts 250 ms at a million events a second. */
#define DRAIN_USEC 5000
/* Programs that read the trace's number before it changed have ended after this. */
#define SETTLE_NS NSEC_PER_MSEC

struct observer {
	struct kernel *kernel;
	struct bpf_link *links[96];
	size_t link_cnt;
	struct ring_buffer *ring;
	pthread_t thread;
	bool thread_runs;
	bool stop; /* atomic */

	pthread_mutex_t lock; /* of all below, and of the ring's consumer side */
	struct trace_writer *writer;
	uint64_t begin_ns; /* records before are of another trace */
	bool has_roles;
	uint16_t number[MAX_NODES]; /* by which the trace calls a node of that id */
	uint64_t drained;
	uint64_t missed_before;
};

/* The ring is mapped twice over, page by page: to copy that takes most of the time of every fork, and no child reads
 * it. libbpf does not tell where it is. */
static void keep_rings_from_children(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long begin, end;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "anon_inode:bpf-map") && sscanf(line, "%lx-%lx", &begin, &end) == 2)
			madvise((void *)begin, end - begin, MADV_DONTFORK);
	if (maps)
		fclose(maps);
}

static bool attaches(struct observer *observer, struct bpf_program *prog)
{
	struct bpf_link *link = bpf_program__attach(prog);

	if (!link)
		return false;
	observer->links[observer->link_cnt++] = link;
	return true;
}

/* All that was loaded and watches: the cutter's and the snapshot's programs attach elsewhere. */
static bool watches(const struct cutset_bpf *skel, const struct bpf_program *prog)
{
	return bpf_program__type(prog) == BPF_PROG_TYPE_TRACING &&
	       bpf_program__expected_attach_type(prog) != BPF_TRACE_ITER &&
	       prog != skel->progs.position_uring_sent &&
	       prog != skel->progs.position_uring_taken &&
	       prog != skel->progs.owner_state && /* the injector's */
	       backend__attaches(skel, prog);
}

static int attach_all(struct observer *observer, struct err *err)
{
	struct cutset_bpf *skel = kernel__skel(observer->kernel);
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, skel->obj)
		if (watches(skel, prog) && !attaches(observer, prog))
			return err__set(err, EXIT_MACHINE, "cannot attach %s: %s; see `cutset doctor`",
					bpf_program__name(prog), strerror(errno));
	return 0;
}

/* Hooks that every send and receive on the machine pays for: only where somebody has a ring. */
static void watch_uring(struct observer *observer)
{
	struct cutset_bpf *skel = kernel__skel(observer->kernel);

	if (!skel->bss->found_uring || skel->bss->takes_uring ||
	    !bpf_program__autoload(skel->progs.position_uring_sent))
		return;
	if (attaches(observer, skel->progs.position_uring_sent) &&
	    attaches(observer, skel->progs.position_uring_taken))
		__atomic_store_n(&skel->bss->takes_uring, 1, __ATOMIC_SEQ_CST);
}

static void call_by_number(const struct observer *observer, struct event *event)
{
	event->node = observer->number[event->node % MAX_NODES];
	if (event->kind == EV_CUT)
		event->cut.peer = observer->number[event->cut.peer % MAX_NODES];
}

/* Called with the lock held. */
static int on_record(void *ctx, void *data, size_t bytes)
{
	struct observer *observer = ctx;
	const struct event *event = data;
	const bool early = event->ts_ns < observer->begin_ns;
	union {
		struct event head;
		uint8_t raw[sizeof(struct event) + MAX_PAYLOAD];
	} copy;

	/* A socket may be described just before its first use in this trace. */
	if (!observer->writer || (early && event->kind != EV_SOCKET))
		return 0;
	if (early || observer->has_roles) {
		if (bytes > sizeof(copy))
			return 0;
		memcpy(&copy, data, bytes); /* the ring is mapped read-only */
		if (early)
			copy.head.task_seq = 0;
		call_by_number(observer, &copy.head);
		event = &copy.head;
	}
	observer->drained++;
	trace_writer__add(observer->writer, event);
	return 0;
}

static void drain(struct observer *observer)
{
	pthread_mutex_lock(&observer->lock);
	ring_buffer__consume(observer->ring);
	watch_uring(observer);
	pthread_mutex_unlock(&observer->lock);
}

static void *drain_thread(void *ctx)
{
	struct observer *observer = ctx;

	privilege__drop();
	while (!__atomic_load_n(&observer->stop, __ATOMIC_ACQUIRE)) {
		drain(observer);
		usleep(DRAIN_USEC);
	}
	return NULL;
}

struct observer *observer__start(struct kernel *kernel, struct err *err)
{
	struct observer *observer = calloc(1, sizeof(*observer));

	if (!observer) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	observer->kernel = kernel;
	pthread_mutex_init(&observer->lock, NULL);
	observer->ring = ring_buffer__new(bpf_map__fd(kernel__skel(kernel)->maps.ring), on_record,
					  observer, NULL);
	if (!observer->ring) {
		err__set(err, EXIT_MACHINE, "cannot map the ring buffer: %s", strerror(errno));
		goto stop;
	}
	keep_rings_from_children();
	if (attach_all(observer, err) || snapshot__take_files(kernel, err))
		goto stop;
	watch_uring(observer);
	if (pthread_create(&observer->thread, NULL, drain_thread, observer)) {
		err__set(err, EXIT_MACHINE, "cannot start the drain thread: %s", strerror(errno));
		goto stop;
	}
	observer->thread_runs = true;
	return observer;
stop:
	observer__stop(observer);
	return NULL;
}

/* Programs that did not run because of recursion, so far. */
static uint64_t missed_runs(struct observer *observer)
{
	struct bpf_program *prog;
	uint64_t missed = 0;

	bpf_object__for_each_program(prog, kernel__skel(observer->kernel)->obj) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (!bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size))
			missed += info.recursion_misses;
	}
	return missed;
}

/* 0, or -1 where the kernel side's counters cannot be had: then nobody knows what was lost. */
static int ledger_sum(struct observer *observer, bool reset, struct ledger *ret, struct err *err)
{
	int cpus = libbpf_num_possible_cpus(), fd, failed;
	struct ledger *each;
	__u32 zero = 0;

	memset(ret, 0, sizeof(*ret));
	each = cpus > 0 ? calloc(cpus, sizeof(*each)) : NULL;
	fd = bpf_map__fd(kernel__skel(observer->kernel)->maps.ledgers);
	if (!each)
		return err__set(err, EXIT_MACHINE, "out of memory");
	failed = reset ? bpf_map_update_elem(fd, &zero, each, BPF_ANY) :
			 bpf_map_lookup_elem(fd, &zero, each);
	for (int i = 0; i < cpus && !failed; i++) {
		ret->seen += each[i].seen;
		ret->emitted += each[i].emitted;
		ret->failed += each[i].failed;
		ret->unread += each[i].unread;
		ret->unlisted += each[i].unlisted;
	}
	free(each);
	return failed ? err__set(err, EXIT_MACHINE, "cannot read the counters of lost events: %s",
				 strerror(-failed)) :
			0;
}

static void set_numbers(struct observer *observer, const struct nodes *nodes)
{
	observer->has_roles = false;
	for (uint16_t id = 0; id < MAX_NODES; id++)
		observer->number[id] = id;
	for (size_t i = 0; i < nodes->cnt; i++) {
		observer->number[nodes->v[i].id] = node__number(&nodes->v[i]);
		observer->has_roles |= nodes->v[i].number != 0;
	}
}

int observer__begin_trace(struct observer *observer, const char *path, const struct nodes *nodes,
			  struct err *err)
{
	struct cutset_bpf *skel = kernel__skel(observer->kernel);
	json_t *meta = meta__of(nodes, kernel__payload_bytes(observer->kernel));
	struct ledger none;
	int ret;

	pthread_mutex_lock(&observer->lock);
	ring_buffer__consume(observer->ring);
	ret = snapshot__take_threads(observer->kernel, err);
	if (!ret)
		ret = ledger_sum(observer, true, &none, err);
	if (ret)
		goto unlock;
	observer->writer = trace_writer__open(path, meta, err);
	if (!observer->writer) {
		ret = -1;
		goto unlock;
	}
	set_numbers(observer, nodes);
	kernel__reset_clock(observer->kernel);
	__atomic_fetch_add(&skel->bss->trace_number, 1, __ATOMIC_SEQ_CST);
	observer->begin_ns = units__now_ns() + SETTLE_NS;
	observer->drained = 0;
	observer->missed_before = missed_runs(observer);
unlock:
	pthread_mutex_unlock(&observer->lock);
	json_decref(meta);
	if (!ret)
		usleep(2 * SETTLE_NS / NSEC_PER_USEC);
	return ret;
}

static void write_own(struct observer *observer, struct event *event)
{
	event->ts_ns = units__now_ns();
	event->now = kernel__control(observer->kernel)->now;
	pthread_mutex_lock(&observer->lock);
	ring_buffer__consume(observer->ring);
	event->node = observer->number[event->node];
	if (observer->writer)
		trace_writer__add(observer->writer, event);
	pthread_mutex_unlock(&observer->lock);
}

void observer__phase(struct observer *observer, enum phase phase, int code)
{
	struct event event = { .kind = EV_PHASE, .phase = { .phase = phase, .code = code } };

	write_own(observer, &event);
}

void observer__blind(struct observer *observer, uint16_t node, enum blind why)
{
	struct event event = { .kind = EV_BLIND, .node = node, .blind = { .why = why, .fd = -1 } };

	write_own(observer, &event);
}

int observer__end_trace(struct observer *observer, struct ledger *ret_ledger, struct err *err)
{
	struct ledger ledger;
	int ret, closed;

	pthread_mutex_lock(&observer->lock);
	ret = ledger_sum(observer, false, &ledger, err);
	ring_buffer__consume(observer->ring);
	ledger.missed = missed_runs(observer) - observer->missed_before;
	ledger.drained = observer->drained;
	closed = trace_writer__close(observer->writer, &ledger, ret ? NULL : err);
	ret = ret ? ret : closed;
	observer->writer = NULL;
	pthread_mutex_unlock(&observer->lock);
	if (ret_ledger)
		*ret_ledger = ledger;
	return ret;
}

uint64_t observer__drained(const struct observer *observer)
{
	return __atomic_load_n(&observer->drained, __ATOMIC_RELAXED);
}

void observer__stop(struct observer *observer)
{
	if (!observer)
		return;
	if (observer->thread_runs) {
		__atomic_store_n(&observer->stop, true, __ATOMIC_RELEASE);
		pthread_join(observer->thread, NULL);
	}
	for (size_t i = 0; i < observer->link_cnt; i++)
		bpf_link__destroy(observer->links[i]);
	ring_buffer__free(observer->ring);
	if (observer->writer)
		trace_writer__close(observer->writer, &(struct ledger){ 0 }, NULL);
	pthread_mutex_destroy(&observer->lock);
	free(observer);
}
