// SPDX-License-Identifier: GPL-2.0-only
#include "inject/hook.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rtnl.h"
#include "inject/qdisc_note.h"
#include "target/netns.h"

/* newer than the headers of the libbpf that we build with */
#define ATTACH_TCX_INGRESS 46
#define ATTACH_TCX_EGRESS 47
#define ATTACH_BEFORE (1U << 3)

#define FILTER_HANDLE 0xc075e7

/* The first is best, before every other filter; it may be taken by one of another kind. */
static const uint16_t filter_prios[] = { 1, 2, 3, 100 };
#define PRIO_CNT (sizeof(filter_prios) / sizeof(filter_prios[0]))

static const enum bpf_tc_attach_point points[] = {
	[HOOK_INGRESS] = BPF_TC_INGRESS,
	[HOOK_EGRESS] = BPF_TC_EGRESS,
};

struct visit {
	struct hook *hook;
	int netns_fd;
	const int *prog_fd;
};

static bool asked_for(const char *engine)
{
	const char *asked = getenv("CUTSET_TC");

	return asked && !strcmp(asked, engine);
}

static int attach_tcx(void *arg)
{
	static const int types[] = {
		[HOOK_INGRESS] = ATTACH_TCX_INGRESS,
		[HOOK_EGRESS] = ATTACH_TCX_EGRESS,
	};
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = ATTACH_BEFORE);
	const struct visit *v = arg;

	for (int side = 0; side < HOOK_SIDES; side++) {
		if (v->prog_fd[side] == HOOK_NO_PROG)
			continue;
		v->hook->link_fd[side] = bpf_link_create(v->prog_fd[side], v->hook->ifindex,
							 (enum bpf_attach_type)types[side], &opts);
		if (v->hook->link_fd[side] < 0)
			return v->hook->link_fd[side];
	}
	return 0;
}

static int attach_filter(struct hook *hook, int side, int prog_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, at, .ifindex = hook->ifindex, .attach_point = points[side]);
	int failed = 0;

	for (size_t i = 0; i < PRIO_CNT; i++) {
		LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog_fd, .handle = FILTER_HANDLE,
			    .priority = filter_prios[i]);

		failed = bpf_tc_attach(&at, &opts);
		if (!failed) {
			hook->prio[side] = filter_prios[i];
			return 0;
		}
	}
	return failed;
}

static int attach_clsact(void *arg)
{
	const struct visit *v = arg;
	struct hook *hook = v->hook;
	LIBBPF_OPTS(bpf_tc_hook, at, .ifindex = hook->ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int failed = bpf_tc_hook_create(&at);

	if (failed && failed != -EEXIST)
		return failed;
	hook->made_qdisc = !failed;
	if (hook->made_qdisc)
		qdisc_note__add(v->netns_fd, hook->ifindex);
	for (int side = 0; side < HOOK_SIDES; side++) {
		if (v->prog_fd[side] == HOOK_NO_PROG)
			continue;
		failed = attach_filter(hook, side, v->prog_fd[side]);
		if (failed)
			return failed;
	}
	return 0;
}

static int detach_clsact(void *arg)
{
	struct hook *hook = arg;
	LIBBPF_OPTS(bpf_tc_hook, qdisc, .ifindex = hook->ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	for (int side = 0; side < HOOK_SIDES; side++) {
		LIBBPF_OPTS(bpf_tc_hook, at, .ifindex = hook->ifindex,
			    .attach_point = points[side]);
		LIBBPF_OPTS(bpf_tc_opts, opts, .handle = FILTER_HANDLE,
			    .priority = hook->prio[side]);

		if (hook->prio[side])
			bpf_tc_detach(&at, &opts);
		hook->prio[side] = 0;
	}
	if (hook->made_qdisc && !rtnl__has_filters(hook->ifindex, true) &&
	    !rtnl__has_filters(hook->ifindex, false))
		bpf_tc_hook_destroy(&qdisc);
	return 0;
}

int hook__attach(struct hook *ret, int netns_fd, int ifindex, const int prog_fd[HOOK_SIDES])
{
	struct hook hook = { .ifindex = ifindex, .link_fd = { -1, -1 }, .netns_fd = -1 };
	struct visit v = { .hook = &hook, .netns_fd = netns_fd, .prog_fd = prog_fd };
	int failed = -EOPNOTSUPP;

	if (!asked_for("clsact"))
		failed = netns__run(netns_fd, attach_tcx, &v);
	if ((failed == -EINVAL || failed == -EOPNOTSUPP) && !asked_for("tcx")) {
		hook__detach(&hook);
		hook.clsact = true;
		hook.netns_fd = fcntl(netns_fd, F_DUPFD_CLOEXEC, 0);
		failed = netns__run(netns_fd, attach_clsact, &v);
	}
	if (failed)
		hook__detach(&hook);
	else
		*ret = hook;
	return failed;
}

/* Every link's own part of its description begins with the interface, 0 once that is gone. */
static bool link_alive(int link_fd, int ifindex)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(link_fd, &info, &len))
		return false;
	return info.xdp.ifindex == (__u32)ifindex;
}

static int query_clsact(void *arg)
{
	const struct hook *hook = arg;

	for (int side = 0; side < HOOK_SIDES; side++) {
		LIBBPF_OPTS(bpf_tc_hook, at, .ifindex = hook->ifindex,
			    .attach_point = points[side]);
		LIBBPF_OPTS(bpf_tc_opts, opts, .handle = FILTER_HANDLE,
			    .priority = hook->prio[side]);

		if (hook->prio[side] && bpf_tc_query(&at, &opts))
			return -ENOENT;
	}
	return 0;
}

bool hook__alive(const struct hook *hook)
{
	if (hook->clsact)
		return !netns__run(hook->netns_fd, query_clsact, (void *)hook);
	for (int side = 0; side < HOOK_SIDES; side++)
		if (hook->link_fd[side] >= 0 && !link_alive(hook->link_fd[side], hook->ifindex))
			return false;
	return true;
}

void hook__detach(struct hook *hook)
{
	if (hook->clsact && hook->netns_fd >= 0) {
		netns__run(hook->netns_fd, detach_clsact, hook);
		close(hook->netns_fd);
		hook->netns_fd = -1;
	}
	for (int side = 0; side < HOOK_SIDES; side++) {
		if (hook->link_fd[side] >= 0)
			close(hook->link_fd[side]);
		hook->link_fd[side] = -1;
	}
}

const char *hook__engine(const struct hook *hook)
{
	return hook->clsact ? "clsact" : "tcx";
}

static bool prog_is_ours(__u32 prog_id)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(prog_id);
	int failed;

	if (fd < 0)
		return false;
	failed = bpf_obj_get_info_by_fd(fd, &info, &len);
	close(fd);
	/* their names are cut at 15 characters */
	return !failed && (!strcmp(info.name, "cut_egress") || !strcmp(info.name, "cut_ingress") ||
			   !strcmp(info.name, "cut_shared_egre") ||
			   !strcmp(info.name, "cut_shared_ingr"));
}

static int remove_filter(int ifindex, int side, uint16_t prio)
{
	LIBBPF_OPTS(bpf_tc_hook, at, .ifindex = ifindex, .attach_point = points[side]);
	LIBBPF_OPTS(bpf_tc_opts, found, .handle = FILTER_HANDLE, .priority = prio);
	LIBBPF_OPTS(bpf_tc_opts, gone, .handle = FILTER_HANDLE, .priority = prio);

	if (bpf_tc_query(&at, &found) || !prog_is_ours(found.prog_id))
		return 0;
	return !bpf_tc_detach(&at, &gone);
}

int hook__remove_leftover(int ifindex, bool ours)
{
	LIBBPF_OPTS(bpf_tc_hook, qdisc, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int removed = 0;

	for (int side = 0; side < HOOK_SIDES; side++)
		for (size_t i = 0; i < PRIO_CNT && rtnl__has_filters(ifindex, side == HOOK_INGRESS); i++)
			removed += remove_filter(ifindex, side, filter_prios[i]);
	if (ours && !rtnl__has_filters(ifindex, true) && !rtnl__has_filters(ifindex, false))
		removed += !bpf_tc_hook_destroy(&qdisc);
	return removed;
}
