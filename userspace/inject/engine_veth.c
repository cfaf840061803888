// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engines that keep packets in the kernel. A veth pair leads from the node's namespace to one that
 * only we know, which lasts as long as our descriptor of it: with the process it all goes.
 */
#include "inject/engine.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/grow.h"
#include "base/privilege.h"
#include "base/rtnl.h"
#include "base/units.h"
#include "cutset.skel.h"
#include "inject/device.h"
#include "inject/hook.h"
#include "target/netns.h"

#define MTU 65535
#define MAC { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xfe } /* as a stamp that of no fault: it is dropped */
#define GO_ROUND_NS 10000ULL /* chamber: the time between two packets on the wire */
#define QUEUE_PACKETS 65536U
#define END_MS 500 /* at most, until all has left */
#define HORIZON_US 600000000U /* edt: further ahead than any delay */

struct wire {
	char near_name[16], far_name[16];
	uint32_t near_ifindex, far_ifindex;
	struct hook near, far;
};

struct wires {
	struct cutset_bpf *skel;
	bool paced; /* chamber; else edt */
	int far_fd; /* the namespace of the far ends */
	struct wire *v;
	size_t cnt, cap;
};

static void *leave(void *arg)
{
	uint32_t inode;
	int *fd = arg, failed;

	privilege__enter();
	failed = unshare(CLONE_NEWNET) ? -errno : netns__open(gettid(), fd, &inode);
	if (failed)
		*fd = failed;
	return NULL;
}

/* A network namespace without a name. Returns a descriptor, or -errno. */
static int new_netns(void)
{
	pthread_t thread;
	int fd = -1, failed = pthread_create(&thread, NULL, leave, &fd);

	if (failed)
		return -failed;
	pthread_join(thread, NULL);
	return fd;
}

static int add_fq(uint32_t ifindex)
{
	const uint32_t packets = QUEUE_PACKETS, horizon = HORIZON_US, no = 0;
	const struct rtnl_attr attrs[] = {
		{ TCA_FQ_PLIMIT, &packets, sizeof(packets) },
		{ TCA_FQ_FLOW_PLIMIT, &packets, sizeof(packets) },
		{ TCA_FQ_RATE_ENABLE, &no, sizeof(no) },
		{ TCA_FQ_HORIZON, &horizon, sizeof(horizon) },
	};

	return rtnl__add_qdisc(ifindex, "fq", attrs, sizeof(attrs) / sizeof(attrs[0]));
}

/* In the node's namespace. */
static int make_wire(struct wires *wires, struct wire *wire)
{
	int failed = -EBUSY;

	for (int i = 0; i < DEVICE_TRIES && (failed == -EBUSY || failed == -EEXIST); i++) {
		wire->near_ifindex = device__next_ifindex();
		wire->far_ifindex = device__next_ifindex();
		snprintf(wire->near_name, sizeof(wire->near_name), DEVICE_NAME "%u", wire->near_ifindex & 0xfffff);
		snprintf(wire->far_name, sizeof(wire->far_name), DEVICE_NAME "%u", wire->far_ifindex & 0xfffff);
		failed = rtnl__add_veth(&(struct rtnl_end){ wire->near_name, wire->near_ifindex, MTU, MAC },
					&(struct rtnl_end){ wire->far_name, wire->far_ifindex, MTU, MAC },
					wires->far_fd);
	}
	if (failed)
		return failed;
	device__silence_ipv6(wire->near_name);
	if (!wires->paced)
		failed = add_fq(wire->near_ifindex);
	return failed ? failed : device__up(wire->near_ifindex);
}

struct visit {
	struct wires *wires;
	struct wire *wire;
};

static int make_near(void *arg)
{
	struct visit *v = arg;

	return make_wire(v->wires, v->wire);
}

static int make_far(void *arg)
{
	struct visit *v = arg;
	int failed = v->wires->paced ? rtnl__add_pacer(v->wire->far_ifindex, GO_ROUND_NS) : 0;

	device__silence_ipv6(v->wire->far_name);
	if (!failed)
		failed = device__up(v->wire->far_ifindex);
	return failed ? failed : device__wait(v->wire->far_ifindex);
}

static int wait_near(void *arg)
{
	const struct visit *v = arg;

	return device__wait(v->wire->near_ifindex);
}

static int delete_far(void *arg)
{
	const struct wire *wire = arg;

	return rtnl__delete_link(wire->far_ifindex); /* and with it the near end */
}

static void take_down(struct wires *wires, struct wire *wire)
{
	hook__detach(&wire->near);
	hook__detach(&wire->far);
	netns__run(wires->far_fd, delete_far, wire);
}

static int attach(struct wires *wires, struct wire *wire, int netns_fd)
{
	const struct cutset_bpf *skel = wires->skel;
	const int near[HOOK_SIDES] = {
		[HOOK_INGRESS] = bpf_program__fd(wires->paced ? skel->progs.cut_chamber :
								skel->progs.cut_release),
		[HOOK_EGRESS] = wires->paced ? HOOK_NO_PROG :
					       bpf_program__fd(skel->progs.cut_schedule),
	};
	const int far[HOOK_SIDES] = {
		[HOOK_INGRESS] = bpf_program__fd(skel->progs.cut_return),
		[HOOK_EGRESS] = HOOK_NO_PROG,
	};
	int failed = hook__attach(&wire->near, netns_fd, wire->near_ifindex, near);

	return failed ? failed : hook__attach(&wire->far, wires->far_fd, wire->far_ifindex, far);
}

static int add_wire(void *self, int netns_fd, uint32_t *ret_ifindex, struct err *err)
{
	static const struct hook none = { .link_fd = { -1, -1 }, .netns_fd = -1 };
	struct wires *wires = self;
	struct wire wire = { .near = none, .far = none };
	struct visit v = { wires, &wire };
	int failed;

	if (grow(&wires->v, &wires->cap, wires->cnt + 1))
		return err__set(err, EXIT_MACHINE, "out of memory");
	failed = netns__run(netns_fd, make_near, &v);
	if (!failed)
		failed = netns__run(wires->far_fd, make_far, &v);
	if (!failed)
		failed = netns__run(netns_fd, wait_near, &v);
	if (!failed)
		failed = attach(wires, &wire, netns_fd);
	if (failed) {
		take_down(wires, &wire);
		return err__set(err, EXIT_MACHINE,
				"cannot make a device to park packets in: %s; the engine %s needs veth and %s, "
				"see `cutset doctor`",
				strerror(-failed), wires->paced ? "chamber" : "edt",
				wires->paced ? "tbf" : "fq");
	}
	*ret_ifindex = wire.near_ifindex;
	wires->v[wires->cnt++] = wire;
	return 0;
}

static void *open_wires(struct cutset_bpf *skel, bool paced, struct err *err)
{
	struct wires *wires = calloc(1, sizeof(*wires));
	int far_fd = new_netns();

	if (wires && far_fd >= 0) {
		*wires = (struct wires){ .skel = skel, .paced = paced, .far_fd = far_fd };
		return wires;
	}
	if (far_fd >= 0)
		close(far_fd);
	free(wires);
	err__set(err, EXIT_MACHINE, "cannot make a network namespace to park packets in: %s",
		 strerror(far_fd < 0 ? -far_fd : ENOMEM));
	return NULL;
}

static void *open_chamber(struct cutset_bpf *skel, const struct park_term terms[MAX_FAULTS],
			  struct err *err)
{
	return open_wires(skel, true, err);
}

static void *open_edt(struct cutset_bpf *skel, const struct park_term terms[MAX_FAULTS],
		      struct err *err)
{
	return open_wires(skel, false, err);
}

static int start_wires(void *self, struct err *err)
{
	return 0;
}

/* What is parked, by the programs' own counters. */
static uint64_t still_parked(const struct wires *wires)
{
	int fd = bpf_map__fd(wires->skel->maps.fired);
	uint64_t parked = 0;
	struct fired fired;

	for (uint32_t i = 0; i < MAX_FAULTS; i++)
		if (!bpf_map_lookup_elem(fd, &i, &fired))
			parked += fired.parked - fired.released - fired.lapsed;
	return parked;
}

/* What goes round leaves the next time that it comes by, as nothing is in force any more. */
static void end_wires(void *self)
{
	const struct wires *wires = self;

	for (int i = 0; wires->paced && i < END_MS && still_parked(wires); i++)
		usleep(1000);
}

static void close_wires(void *self)
{
	struct wires *wires = self;

	for (size_t i = 0; i < wires->cnt; i++)
		take_down(wires, &wires->v[i]);
	close(wires->far_fd);
	free(wires->v);
	free(wires);
}

const struct engine engine_chamber = {
	.name = "chamber",
	.early = true,
	.open = open_chamber,
	.add = add_wire,
	.start = start_wires,
	.end = end_wires,
	.close = close_wires,
};

const struct engine engine_edt = {
	.name = "edt",
	.open = open_edt,
	.add = add_wire,
	.start = start_wires,
	.end = end_wires,
	.close = close_wires,
};
