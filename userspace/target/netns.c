// SPDX-License-Identifier: GPL-2.0-only
#include "target/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/grow.h"
#include "base/privilege.h"

static void ns_path(pid_t pid, char *buf, size_t size)
{
	if (pid)
		snprintf(buf, size, "/proc/%d/ns/net", pid);
	else
		snprintf(buf, size, "/proc/self/ns/net");
}

int netns__open(pid_t pid, int *ret_fd, uint32_t *ret_inode)
{
	char path[40];
	struct stat st;
	int fd;

	ns_path(pid, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		int failed = -errno;

		close(fd);
		return failed;
	}
	*ret_fd = fd;
	*ret_inode = st.st_ino;
	return 0;
}

uint32_t netns__inode(pid_t pid)
{
	char path[40];
	struct stat st;

	ns_path(pid, path, sizeof(path));
	return stat(path, &st) ? 0 : st.st_ino;
}

struct visit {
	int netns_fd;
	int (*fn)(void *arg);
	void *arg;
	int ret;
};

static void *visit(void *arg)
{
	struct visit *v = arg;

	privilege__enter();
	v->ret = setns(v->netns_fd, CLONE_NEWNET) ? -errno : v->fn(v->arg);
	return NULL;
}

int netns__run(int netns_fd, int (*fn)(void *arg), void *arg)
{
	struct visit v = { .netns_fd = netns_fd, .fn = fn, .arg = arg };
	pthread_t thread;
	int failed = pthread_create(&thread, NULL, visit, &v);

	if (failed)
		return -failed;
	pthread_join(thread, NULL);
	return v.ret;
}

struct view {
	struct iface *ifaces;
	size_t iface_cnt, iface_cap;
	struct address *addrs;
	size_t addr_cnt, addr_cap;
};

static int take_iface(struct view *view, const struct ifaddrs *ifa)
{
	const struct sockaddr_ll *ll = (const void *)ifa->ifa_addr;
	struct iface *iface;

	if (grow(&view->ifaces, &view->iface_cap, view->iface_cnt + 1))
		return -ENOMEM;
	iface = &view->ifaces[view->iface_cnt++];
	memset(iface, 0, sizeof(*iface)); /* padding too: they are compared as bytes */
	iface->ifindex = ll->sll_ifindex;
	iface->loopback = ifa->ifa_flags & IFF_LOOPBACK;
	snprintf(iface->name, sizeof(iface->name), "%s", ifa->ifa_name);
	return 0;
}

static struct address mapped(struct in_addr ip)
{
	struct address a = { .ip = { [10] = 0xff, [11] = 0xff } };

	memcpy(a.ip + 12, &ip, 4);
	return a;
}

/* Returns whether others can reach the address. */
static bool reachable(const struct sockaddr *sa, struct address *ret)
{
	if (sa->sa_family == AF_INET) {
		struct in_addr ip = ((const struct sockaddr_in *)sa)->sin_addr;
		uint32_t host = ntohl(ip.s_addr);

		*ret = mapped(ip);
		return host >> 24 != 127 && host >> 16 != 0xa9fe;
	}
	if (sa->sa_family == AF_INET6) {
		const struct in6_addr *ip = &((const struct sockaddr_in6 *)sa)->sin6_addr;

		memcpy(ret->ip, ip, 16);
		return !IN6_IS_ADDR_LOOPBACK(ip) && !IN6_IS_ADDR_LINKLOCAL(ip);
	}
	return false;
}

/* getifaddrs lists interfaces before their addresses. */
static void mark_addressed(struct view *view, const char *name)
{
	for (size_t i = 0; i < view->iface_cnt; i++)
		view->ifaces[i].addressed |= !strcmp(view->ifaces[i].name, name);
}

static int take_address(struct view *view, const struct ifaddrs *ifa)
{
	struct address a;

	if (ifa->ifa_flags & IFF_LOOPBACK || !reachable(ifa->ifa_addr, &a))
		return 0;
	mark_addressed(view, ifa->ifa_name);
	if (grow(&view->addrs, &view->addr_cap, view->addr_cnt + 1))
		return -ENOMEM;
	view->addrs[view->addr_cnt++] = a;
	return 0;
}

static int collect(void *arg)
{
	struct view *view = arg;
	struct ifaddrs *all;
	int failed = 0;

	if (getifaddrs(&all))
		return -errno;
	for (struct ifaddrs *ifa = all; ifa && !failed; ifa = ifa->ifa_next) {
		if (!ifa->ifa_addr)
			continue;
		if (ifa->ifa_addr->sa_family == AF_PACKET)
			failed = take_iface(view, ifa);
		else
			failed = take_address(view, ifa);
	}
	freeifaddrs(all);
	return failed;
}

int netns__look(struct node *node)
{
	struct view view = { 0 };
	int failed;

	if (node->netns == netns__inode(0)) /* entering even one's own needs CAP_SYS_ADMIN */
		failed = collect(&view);
	else
		failed = netns__run(node->netns_fd, collect, &view);
	if (failed) {
		free(view.ifaces);
		free(view.addrs);
		return failed;
	}
	free(node->ifaces);
	free(node->addrs);
	node->ifaces = view.ifaces;
	node->iface_cnt = view.iface_cnt;
	node->addrs = view.addrs;
	node->addr_cnt = view.addr_cnt;
	return 0;
}
