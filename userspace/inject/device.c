// SPDX-License-Identifier: GPL-2.0-only
#include "inject/device.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rtnl.h"

#define FIRST_IFINDEX 0x0c500000U /* far above what the kernel gives by itself */

bool device__is_name(const char *name)
{
	size_t len = strlen(DEVICE_NAME);

	return !strncmp(name, DEVICE_NAME, len) && name[len] >= '0' && name[len] <= '9';
}

uint32_t device__next_ifindex(void)
{
	static uint32_t next = FIRST_IFINDEX;

	return __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);
}

void device__silence_ipv6(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "1", 1) < 0) {
		/* its packets carry no stamp and are thrown away */
	}
	close(fd);
}

int device__up(uint32_t ifindex)
{
	struct ifreq ifr = {};
	int sock, failed;

	if (!if_indextoname(ifindex, ifr.ifr_name))
		return -errno;
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	ifr.ifr_flags = IFF_UP | IFF_NOARP;
	failed = ioctl(sock, SIOCSIFFLAGS, &ifr) ? -errno : 0;
	close(sock);
	return failed;
}

int device__wait(uint32_t ifindex)
{
	int is_up = 0;

	for (int i = 0; i < 1000 && !is_up; i++) {
		is_up = rtnl__is_operating(ifindex);
		if (!is_up)
			usleep(1000);
	}
	return is_up < 0 ? is_up : is_up ? 0 : -ETIMEDOUT;
}
