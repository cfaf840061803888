// SPDX-License-Identifier: GPL-2.0-only
#include "inject/park.h"

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
	uint32_t ifindex; /* of the TAP */
	struct park_port port;
	struct hook hook;
};

struct park {
	struct cutset_bpf *skel;
	struct park_term terms[MAX_FAULTS];
	uint32_t waiting; /* bits: faults that hold until something happens, and it has not yet */
	struct stand *stands;
	size_t stand_cnt, stand_cap;
	struct heap heap;
	size_t bytes;
	uint64_t lost;
	struct park_count counts[MAX_FAULTS];
	int epoll_fd, timer_fd, stop_fd;
	pthread_t thread;
	bool running;
	uint8_t buf[TAP_FRAME_MAX];
};

static int watch(struct park *park, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(park->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

struct park *park__open(struct cutset_bpf *skel, const struct park_term terms[MAX_FAULTS],
			struct err *err)
{
	struct park *park = calloc(1, sizeof(*park));

	if (!park) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	park->skel = skel;
	memcpy(park->terms, terms, sizeof(park->terms));
	for (int i = 0; i < MAX_FAULTS; i++)
		if (terms[i].step || terms[i].message)
			park->waiting |= 1U << i;
	park->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	park->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	park->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (park->epoll_fd >= 0 && park->timer_fd >= 0 && park->stop_fd >= 0 &&
	    !watch(park, park->timer_fd) && !watch(park, park->stop_fd))
		return park;
	err__set(err, EXIT_MACHINE, "cannot park packets: %s", strerror(errno));
	park__close(park);
	return NULL;
}

/* The program first, then where packets go on, then the way in. */
static int connect_stand(struct park *park, struct stand *stand, int netns_fd)
{
	const int progs[HOOK_SIDES] = {
		[HOOK_INGRESS] = bpf_program__fd(park->skel->progs.cut_release),
		[HOOK_EGRESS] = HOOK_NO_PROG,
	};
	struct park_exit exit = { .ifindex = stand->port.ifindex, .ingress = stand->port.ingress };
	int failed = hook__attach(&stand->hook, netns_fd, stand->ifindex, progs);

	if (failed)
		return failed;
	if (watch(park, stand->tap_fd) ||
	    bpf_map_update_elem(bpf_map__fd(park->skel->maps.park_exits), &stand->ifindex, &exit,
				BPF_ANY) ||
	    bpf_map_update_elem(bpf_map__fd(park->skel->maps.park_ports), &stand->port,
				&stand->ifindex, BPF_ANY)) {
		failed = -errno;
		hook__detach(&stand->hook);
	}
	return failed;
}

int park__add(struct park *park, const struct park_place *place, struct err *err)
{
	struct stand stand = {
		.port = { .node = place->node, .ifindex = place->ifindex, .ingress = place->ingress },
	};
	int failed;

	if (grow(&park->stands, &park->stand_cap, park->stand_cnt + 1))
		return err__set(err, EXIT_MACHINE, "out of memory");
	stand.tap_fd = tap__open(place->netns_fd, &stand.ifindex);
	if (stand.tap_fd < 0)
		return err__set(err, EXIT_MACHINE,
				"cannot make a device to park packets in: %s; finite delays need "
				"/dev/net/tun and CAP_NET_ADMIN",
				strerror(-stand.tap_fd));
	failed = connect_stand(park, &stand, place->netns_fd);
	if (failed) {
		close(stand.tap_fd);
		return err__set(err, EXIT_MACHINE, "cannot attach to a device to park packets in: %s",
				strerror(-failed));
	}
	park->stands[park->stand_cnt++] = stand;
	return 0;
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
static bool is_released(const struct park *park, uint8_t fault)
{
	const struct park_term *term = &park->terms[fault];
	const volatile struct control *control = &park->skel->bss->control;

	return (term->step && control->now >= term->step) ||
	       (term->message && control->came >> fault & 1);
}

static void hold(struct park *park, int fd, size_t len)
{
	uint64_t arrival_ns;
	uint8_t fault;
	struct frame *frame;

	if (len < STAMP_AT + 8)
		return;
	fault = read_stamp(park->buf + STAMP_AT, &arrival_ns);
	if (fault >= MAX_FAULTS || !park->terms[fault].delay_ns)
		return; /* not from our program */
	frame = park->bytes + len <= BYTES_MAX ? malloc(sizeof(*frame) + len) : NULL;
	if (!frame) {
		park->lost++;
		return;
	}
	frame->hastened = is_released(park, fault);
	frame->due_ns = arrival_ns + (frame->hastened ? 0 : park->terms[fault].delay_ns);
	frame->fault = fault;
	frame->fd = fd;
	frame->len = len;
	memcpy(frame->data, park->buf, len);
	if (heap__push(&park->heap, frame)) {
		free(frame);
		park->lost++;
		return;
	}
	park->bytes += len;
}

/* Returns how many frames were there. */
static int take(struct park *park, int fd, int max)
{
	int cnt = 0;

	while (cnt < max) {
		ssize_t len = read(fd, park->buf, sizeof(park->buf));

		if (len <= 0)
			break;
		hold(park, fd, len);
		cnt++;
	}
	return cnt;
}

/* What is due; with @all the rest, too. */
static void let_go(struct park *park, bool all)
{
	uint64_t now_ns = units__now_ns();
	const struct frame *top;

	while ((top = heap__top(&park->heap)) && (all || top->due_ns <= now_ns)) {
		struct frame *frame = heap__pop(&park->heap);
		struct park_count *count = &park->counts[frame->fault];

		++*(frame->hastened	      ? &count->event
		    : frame->due_ns <= now_ns ? &count->due
					      : &count->end);
		if (write(frame->fd, frame->data, frame->len) < 0)
			park->lost++;
		park->bytes -= frame->len;
		free(frame);
	}
}

static void look_for_releases(struct park *park)
{
	for (uint32_t left = park->waiting; left; left &= left - 1) {
		uint8_t fault = __builtin_ctz(left);

		if (!is_released(park, fault))
			continue;
		heap__hasten(&park->heap, fault, 0);
		park->waiting &= ~(1U << fault);
	}
}

static void set_timer(struct park *park)
{
	const struct frame *top = heap__top(&park->heap);
	struct itimerspec when = {};
	uint64_t due_ns, look_ns;

	if (top) {
		due_ns = top->due_ns;
		look_ns = units__now_ns() + RELEASE_LOOK_NS;
		if (park->waiting && look_ns < due_ns)
			due_ns = look_ns;
		when.it_value.tv_sec = due_ns / NSEC_PER_SEC;
		when.it_value.tv_nsec = due_ns % NSEC_PER_SEC;
	}
	timerfd_settime(park->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void *run(void *arg)
{
	struct park *park = arg;
	struct epoll_event events[16];
	bool stop = false;

	while (!stop) {
		int cnt;

		look_for_releases(park);
		let_go(park, false);
		set_timer(park);
		cnt = epoll_wait(park->epoll_fd, events, 16, -1);
		for (int i = 0; i < cnt; i++) {
			int fd = events[i].data.fd;

			stop |= fd == park->stop_fd;
			if (fd != park->stop_fd && fd != park->timer_fd)
				take(park, fd, READ_BATCH);
		}
	}
	for (size_t i = 0; i < park->stand_cnt; i++)
		while (take(park, park->stands[i].tap_fd, READ_BATCH) == READ_BATCH)
			;
	look_for_releases(park);
	let_go(park, true);
	return NULL;
}

int park__start(struct park *park, struct err *err)
{
	int failed = quiet_thread(&park->thread, run, park);

	if (failed)
		return err__set(err, EXIT_MACHINE, "cannot start the parking thread: %s",
				strerror(failed));
	park->running = true;
	return 0;
}

static void stop_thread(struct park *park)
{
	if (!park->running)
		return;
	if (eventfd_write(park->stop_fd, 1))
		log__warn("cannot stop the parking thread: %s", strerror(errno));
	pthread_join(park->thread, NULL);
	park->running = false;
}

static void close_stand(struct park *park, struct stand *stand)
{
	bpf_map_delete_elem(bpf_map__fd(park->skel->maps.park_exits), &stand->ifindex);
	hook__detach(&stand->hook);
	close(stand->tap_fd);
}

void park__end(struct park *park, struct park_count counts[MAX_FAULTS])
{
	for (size_t i = 0; i < park->stand_cnt; i++)
		bpf_map_delete_elem(bpf_map__fd(park->skel->maps.park_ports),
				    &park->stands[i].port);
	stop_thread(park);
	memcpy(counts, park->counts, sizeof(park->counts));
}

void park__close(struct park *park)
{
	struct park_count counts[MAX_FAULTS];

	if (!park)
		return;
	park__end(park, counts);
	for (size_t i = 0; i < park->stand_cnt; i++)
		close_stand(park, &park->stands[i]);
	if (park->lost)
		log__warn("%llu parked packets were lost: more than %lu MiB lay there at a time",
			  (unsigned long long)park->lost, BYTES_MAX >> 20);
	heap__clear(&park->heap);
	free(park->stands);
	if (park->epoll_fd >= 0)
		close(park->epoll_fd);
	if (park->timer_fd >= 0)
		close(park->timer_fd);
	if (park->stop_fd >= 0)
		close(park->stop_fd);
	free(park);
}
