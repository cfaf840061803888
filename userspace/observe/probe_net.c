// SPDX-License-Identifier: GPL-2.0-only
#include "observe/probe_try.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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

struct qdisc_request {
	struct nlmsghdr head;
	struct tcmsg tcm;
	char attrs[128];
};

static void put_attr(struct qdisc_request *req, int type, const void *data, size_t len)
{
	struct rtattr *rta = (void *)((char *)req + NLMSG_ALIGN(req->head.nlmsg_len));

	rta->rta_type = type;
	rta->rta_len = RTA_LENGTH(len);
	memcpy(RTA_DATA(rta), data, len);
	req->head.nlmsg_len = NLMSG_ALIGN(req->head.nlmsg_len) + RTA_ALIGN(rta->rta_len);
}

/* The kernel's answer to one request: 0 or -errno. */
static int ask(const struct qdisc_request *req)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[512];
	} answer = { 0 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), failed = 0;

	if (fd < 0)
		return -errno;
	if (send(fd, req, req->head.nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
		failed = -errno;
	else
		failed = answer.head.nlmsg_type == NLMSG_ERROR ? answer.error.error : -EPROTO;
	close(fd);
	return failed;
}

/* tc qdisc add dev lo root KIND */
static int add_qdisc(const void *kind)
{
	struct qdisc_request req = {
		.head = { .nlmsg_len = NLMSG_LENGTH(sizeof(req.tcm)), .nlmsg_type = RTM_NEWQDISC,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL },
		.tcm = { .tcm_ifindex = LO_IFINDEX, .tcm_parent = TC_H_ROOT },
	};
	const struct tc_netem_qopt netem = { .limit = 1 };

	put_attr(&req, TCA_KIND, kind, strlen(kind) + 1);
	if (!strcmp(kind, "netem")) /* the only one here that insists on options */
		put_attr(&req, TCA_OPTIONS, &netem, sizeof(netem));
	return ask(&req);
}

int try_fq(char *detail, size_t size)
{
	return in_new_netns(add_qdisc, "fq");
}

int try_netem(char *detail, size_t size)
{
	return in_new_netns(add_qdisc, "netem");
}
