// SPDX-License-Identifier: GPL-2.0-only
#include "inject/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inject/device.h"
#include "target/netns.h"

#define QUEUE_FRAMES 4096

#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

struct visit {
	int fd;
	uint32_t ifindex;
};

static int create(int fd, struct ifreq *ifr, uint32_t *ret_ifindex)
{
	for (int i = 0; i < DEVICE_TRIES; i++) {
		unsigned int ifindex = device__next_ifindex();

		if (ioctl(fd, TUNSETIFINDEX, &ifindex))
			return -errno;
		snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), DEVICE_NAME "%%d");
		ifr->ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
		if (!ioctl(fd, TUNSETIFF, ifr)) {
			*ret_ifindex = ifindex;
			return 0;
		}
		if (errno != EBUSY && errno != EEXIST)
			return -errno;
	}
	return -EBUSY;
}

/* Take packets as they are, checksums open and segments joined; USO is there since 6.2. */
static int take_offloads(int fd)
{
	unsigned int all = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

	if (!ioctl(fd, TUNSETOFFLOAD, all | TUN_F_USO4 | TUN_F_USO6))
		return 0;
	return ioctl(fd, TUNSETOFFLOAD, all) ? -errno : 0;
}

static int bring_up(struct ifreq *ifr)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int failed = 0;

	if (sock < 0)
		return -errno;
	device__silence_ipv6(ifr->ifr_name);
	ifr->ifr_qlen = QUEUE_FRAMES;
	if (ioctl(sock, SIOCSIFTXQLEN, ifr))
		failed = -errno;
	ifr->ifr_flags = IFF_UP | IFF_NOARP;
	if (!failed && ioctl(sock, SIOCSIFFLAGS, ifr))
		failed = -errno;
	close(sock);
	return failed;
}

static int open_here(void *arg)
{
	struct ifreq ifr = {};
	struct visit *v = arg;
	int failed;

	v->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (v->fd < 0)
		return -errno;
	failed = create(v->fd, &ifr, &v->ifindex);
	if (!failed)
		failed = take_offloads(v->fd);
	if (!failed)
		failed = bring_up(&ifr);
	if (failed)
		close(v->fd);
	return failed;
}

int tap__open(int netns_fd, uint32_t *ret_ifindex)
{
	struct visit v = {};
	int failed = netns__run(netns_fd, open_here, &v);

	if (failed)
		return failed;
	*ret_ifindex = v.ifindex;
	return v.fd;
}
