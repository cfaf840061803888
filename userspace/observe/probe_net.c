// SPDX-License-Identifier: GPL-2.0-only
#include "observe/probe_try.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/pkt_sched.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/rtnl.h"

#define LO_IFINDEX 1 /* in every network namespace */

/* include/uapi/linux/bpf.h, since 6.6; older headers lack the names */
#define TCX_INGRESS 46
#define TCX_EGRESS 47

struct attempt {
	int (*fn)(const void *arg);
	const void *arg;
	int ret;
};

static void *attempt(void *arg)
{
	struct attempt *a = arg;

	a->ret = unshare(CLONE_NEWNET) ? -errno : a->fn(a->arg);
	return NULL;
}

/* On a thread in a network namespace of its own; both are gone when this returns. */
static int in_new_netns(int (*fn)(const void *arg), const void *arg)
{
	struct attempt a = { .fn = fn, .arg = arg };
	pthread_t thread;
	int failed = pthread_create(&thread, NULL, attempt, &a);

	if (failed)
		return -failed;
	pthread_join(thread, NULL);
	return a.ret;
}

static int attach_tcx(const void *arg)
{
	int prog = probe_classifier(), failed = 0;
	static const int types[] = { TCX_INGRESS, TCX_EGRESS };

	if (prog < 0)
		return prog;
	for (int i = 0; i < 2 && !failed; i++) {
		int link = bpf_link_create(prog, LO_IFINDEX, types[i], NULL);

		if (link < 0)
			failed = -errno;
		else
			close(link);
	}
	close(prog);
	return failed;
}

int try_tcx(char *detail, size_t size)
{
	return in_new_netns(attach_tcx, NULL);
}

static int attach_clsact(const void *arg)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = LO_IFINDEX, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts);
	int prog = probe_classifier(), failed;

	if (prog < 0)
		return prog;
	opts.prog_fd = prog;
	failed = bpf_tc_hook_create(&hook);
	if (!failed)
		failed = bpf_tc_attach(&hook, &opts);
	close(prog);
	return failed;
}

int try_clsact(char *detail, size_t size)
{
	return in_new_netns(attach_clsact, NULL);
}

static int make_tap(const void *arg)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC), failed;

	if (fd < 0)
		return -errno;
	failed = ioctl(fd, TUNSETIFF, &ifr) ? -errno : 0;
	close(fd);
	return failed;
}

int try_tap(char *detail, size_t size)
{
	return in_new_netns(make_tap, NULL);
}

/* tc qdisc add dev lo root KIND */
static int add_qdisc(const void *kind)
{
	const struct tc_netem_qopt netem = { .limit = 1 };
	const struct rtnl_attr options = { .data = &netem, .len = sizeof(netem) };

	/* netem is the only one here that insists on options */
	return rtnl__add_qdisc(LO_IFINDEX, kind, &options, !strcmp(kind, "netem"));
}

/* A wire to ourselves, and what paces packets on it. */
static int make_chamber(const void *arg)
{
	const struct rtnl_end near = { "near", 2, 1500, { 2, 0, 0, 0, 0, 1 } };
	const struct rtnl_end far = { "far", 3, 1500, { 2, 0, 0, 0, 0, 2 } };
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), failed;

	if (fd < 0)
		return -errno;
	failed = rtnl__add_veth(&near, &far, fd);
	close(fd);
	return failed ? failed : rtnl__add_pacer(near.ifindex, 10000);
}

int try_chamber(char *detail, size_t size)
{
	return in_new_netns(make_chamber, NULL);
}

int try_fq(char *detail, size_t size)
{
	return in_new_netns(add_qdisc, "fq");
}

int try_netem(char *detail, size_t size)
{
	return in_new_netns(add_qdisc, "netem");
}
