// SPDX-License-Identifier: GPL-2.0-only
#include "inject/engine.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/grow.h"
#include "base/log.h"
#include "base/units.h"
#include "cutset.skel.h"
#include "inject/heap.h"
#include "inject/hook.h"
#include "inject/quiet_thread.h"
#include "inject/tap.h"

#define BYTES_MAX (256UL << 20) /* of parked frames; beyond it they are lost, as in a full router */
#define READ_BATCH 64
#define RELEASE_LOOK_NS 100000 /* how often, while something is held until something happens */
#define STAMP_AT (TAP_HEADER_BYTES + 6)

struct stand {
	int tap_fd;
	struct hook hook;
};

struct taps {
	struct cutset_bpf *skel;
	struct park_term terms[MAX_FAULTS];
	uint32_t waiting; /* bits: faults that hold until something happens, and it has not yet */
	struct stand *stands;
	size_t stand_cnt, stand_cap;
	struct heap heap;
	size_t bytes;
	uint64_t lost;
	int epoll_fd, timer_fd, stop_fd;
	pthread_t thread;
	bool running;
	uint8_t buf[TAP_FRAME_MAX];
};

static int watch(struct taps *taps, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(taps->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* The stamp's 40 bits are the low ones of a time not long ago. Returns the fault's number. */
static uint8_t read_stamp(const uint8_t *mac, uint64_t *ret_arrival_ns)
{
	const uint64_t mask = (1ULL << PARK_STAMP_BITS) - 1;
	uint64_t now_ns = units__now_ns(), then = 0, age_ns;

	for (int i = 1; i < 6; i++)
		then = then << 8 | mac[i];
	age_ns = (now_ns - then) & mask;
	/* the kernel's fast clock may be a little ahead of ours */
	*ret_arrival_ns = age_ns <= mask / 2 ? now_ns - age_ns : now_ns;
	return mac[0] >> 2;
}

/* What it waited for has happened. */
static bool is_released(const struct taps *taps, uint8_t fault)
{
	const struct park_term *term = &taps->terms[fault];
	const volatile struct control *control = &taps->skel->bss->control;

	return (term->step && control->now >= term->step) ||
	       (term->message && control->came >> fault & 1);
}

static void hold(struct taps *taps, int fd, size_t len)
{
	uint64_t arrival_ns;
	uint8_t fault;
	struct frame *frame;

	if (len < STAMP_AT + 8)
		return;
	fault = read_stamp(taps->buf + STAMP_AT, &arrival_ns);
	if (fault >= MAX_FAULTS || !taps->terms[fault].delay_ns)
		return; /* not from our program */
	frame = taps->bytes + len <= BYTES_MAX ? malloc(sizeof(*frame) + len) : NULL;
	if (!frame) {
		taps->lost++;
		return;
	}
	frame->due_ns = is_released(taps, fault) ? 0 : arrival_ns + taps->terms[fault].delay_ns;
	frame->fault = fault;
	frame->fd = fd;
	frame->len = len;
	memcpy(frame->data, taps->buf, len);
	if (heap__push(&taps->heap, frame)) {
		free(frame);
		taps->lost++;
		return;
	}
	taps->bytes += len;
}

/* Returns how many frames were there. */
static int take(struct taps *taps, int fd, int max)
{
	int cnt = 0;

	while (cnt < max) {
		ssize_t len = read(fd, taps->buf, sizeof(taps->buf));

		if (len <= 0)
			break;
		hold(taps, fd, len);
		cnt++;
	}
	return cnt;
}

/* What is due; with @all the rest, too. */
static void let_go(struct taps *taps, bool all)
{
	uint64_t now_ns = units__now_ns();
	const struct frame *top;

	while ((top = heap__top(&taps->heap)) && (all || top->due_ns <= now_ns)) {
		struct frame *frame = heap__pop(&taps->heap);

		if (write(frame->fd, frame->data, frame->len) < 0)
			taps->lost++;
		taps->bytes -= frame->len;
		free(frame);
	}
}

static void look_for_releases(struct taps *taps)
{
	for (uint32_t left = taps->waiting; left; left &= left - 1) {
		uint8_t fault = __builtin_ctz(left);

		if (!is_released(taps, fault))
			continue;
		heap__hasten(&taps->heap, fault, 0);
		taps->waiting &= ~(1U << fault);
	}
}

static void set_timer(struct taps *taps)
{
	const struct frame *top = heap__top(&taps->heap);
	struct itimerspec when = {};
	uint64_t due_ns, look_ns;

	if (top) {
		due_ns = top->due_ns;
		look_ns = units__now_ns() + RELEASE_LOOK_NS;
		if (taps->waiting && look_ns < due_ns)
			due_ns = look_ns;
		when.it_value.tv_sec = due_ns / NSEC_PER_SEC;
		when.it_value.tv_nsec = due_ns % NSEC_PER_SEC;
	}
	timerfd_settime(taps->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void *run(void *arg)
{
	struct taps *taps = arg;
	struct epoll_event events[16];
	bool stop = false;

	while (!stop) {
		int cnt;

		look_for_releases(taps);
		let_go(taps, false);
		set_timer(taps);
		cnt = epoll_wait(taps->epoll_fd, events, 16, -1);
		for (int i = 0; i < cnt; i++) {
			int fd = events[i].data.fd;

			stop |= fd == taps->stop_fd;
			if (fd != taps->stop_fd && fd != taps->timer_fd)
				take(taps, fd, READ_BATCH);
		}
	}
	for (size_t i = 0; i < taps->stand_cnt; i++)
		while (take(taps, taps->stands[i].tap_fd, READ_BATCH) == READ_BATCH)
			;
	look_for_releases(taps);
	let_go(taps, true);
	return NULL;
}

static void end_taps(void *self)
{
	struct taps *taps = self;

	if (!taps->running)
		return;
	if (eventfd_write(taps->stop_fd, 1))
		log__warn("cannot stop the parking thread: %s", strerror(errno));
	pthread_join(taps->thread, NULL);
	taps->running = false;
}

static void close_taps(void *self)
{
	struct taps *taps = self;

	end_taps(taps);
	for (size_t i = 0; i < taps->stand_cnt; i++) {
		hook__detach(&taps->stands[i].hook);
		close(taps->stands[i].tap_fd);
	}
	if (taps->lost)
		log__warn("%llu parked packets were lost: more than %lu MiB lay there at a time",
			  (unsigned long long)taps->lost, BYTES_MAX >> 20);
	heap__clear(&taps->heap);
	free(taps->stands);
	if (taps->epoll_fd >= 0)
		close(taps->epoll_fd);
	if (taps->timer_fd >= 0)
		close(taps->timer_fd);
	if (taps->stop_fd >= 0)
		close(taps->stop_fd);
	free(taps);
}

static void *open_taps(struct cutset_bpf *skel, const struct park_term terms[MAX_FAULTS],
		       struct err *err)
{
	struct taps *taps = calloc(1, sizeof(*taps));

	if (!taps) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	taps->skel = skel;
	memcpy(taps->terms, terms, sizeof(taps->terms));
	for (int i = 0; i < MAX_FAULTS; i++)
		if (terms[i].step || terms[i].message)
			taps->waiting |= 1U << i;
	taps->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	taps->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	taps->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (taps->epoll_fd >= 0 && taps->timer_fd >= 0 && taps->stop_fd >= 0 &&
	    !watch(taps, taps->timer_fd) && !watch(taps, taps->stop_fd))
		return taps;
	err__set(err, EXIT_MACHINE, "cannot park packets: %s", strerror(errno));
	close_taps(taps);
	return NULL;
}

static int connect_stand(struct taps *taps, struct stand *stand, int netns_fd, uint32_t ifindex)
{
	const int progs[HOOK_SIDES] = {
		[HOOK_INGRESS] = bpf_program__fd(taps->skel->progs.cut_release),
		[HOOK_EGRESS] = HOOK_NO_PROG,
	};
	int failed = hook__attach(&stand->hook, netns_fd, ifindex, progs);

	if (!failed && watch(taps, stand->tap_fd)) {
		failed = -errno;
		hook__detach(&stand->hook);
	}
	return failed;
}

static int add_tap(void *self, int netns_fd, uint32_t *ret_ifindex, struct err *err)
{
	struct taps *taps = self;
	struct stand stand = {};
	int failed;

	if (grow(&taps->stands, &taps->stand_cap, taps->stand_cnt + 1))
		return err__set(err, EXIT_MACHINE, "out of memory");
	stand.tap_fd = tap__open(netns_fd, ret_ifindex);
	if (stand.tap_fd < 0)
		return err__set(err, EXIT_MACHINE,
				"cannot make a device to park packets in: %s; finite delays need "
				"/dev/net/tun and CAP_NET_ADMIN",
				strerror(-stand.tap_fd));
	failed = connect_stand(taps, &stand, netns_fd, *ret_ifindex);
	if (failed) {
		close(stand.tap_fd);
		return err__set(err, EXIT_MACHINE, "cannot attach to a device to park packets in: %s",
				strerror(-failed));
	}
	taps->stands[taps->stand_cnt++] = stand;
	return 0;
}

static int start_taps(void *self, struct err *err)
{
	struct taps *taps = self;
	int failed = quiet_thread(&taps->thread, run, taps);

	if (failed)
		return err__set(err, EXIT_MACHINE, "cannot start the parking thread: %s",
				strerror(failed));
	taps->running = true;
	return 0;
}

const struct engine engine_tap = {
	.name = "tap",
	.early = true,
	.open = open_taps,
	.add = add_tap,
	.start = start_taps,
	.end = end_taps,
	.close = close_taps,
};
