// SPDX-License-Identifier: GPL-2.0-only
#include "inject/rtnl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#define REPLY_BYTES 32768

/* What @visit returns ends the conversation, unless it is 1. */
static int converse(const struct nlmsghdr *request, int (*visit)(const struct nlmsghdr *reply))
{
	static __thread char buf[REPLY_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int verdict = 1;

	if (fd < 0)
		return -errno;
	if (send(fd, request, request->nlmsg_len, 0) < 0)
		verdict = -errno;
	while (verdict == 1) {
		int len = recv(fd, buf, sizeof(buf), 0);

		if (len < 0)
			verdict = -errno;
		for (const struct nlmsghdr *reply = (void *)buf;
		     verdict == 1 && NLMSG_OK(reply, (unsigned int)len);
		     reply = NLMSG_NEXT(reply, len))
			verdict = visit(reply);
	}
	close(fd);
	return verdict;
}

static int error_of(const struct nlmsghdr *reply)
{
	const struct nlmsgerr *error = NLMSG_DATA(reply);

	return error->error;
}

static int saw_filter(const struct nlmsghdr *reply)
{
	if (reply->nlmsg_type == NLMSG_DONE)
		return 0;
	if (reply->nlmsg_type == NLMSG_ERROR)
		return error_of(reply);
	return reply->nlmsg_type == RTM_NEWTFILTER ? -EEXIST : 1;
}

bool rtnl__has_filters(int ifindex, bool ingress)
{
	struct {
		struct nlmsghdr head;
		struct tcmsg tc;
	} request = {
		.head = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_GETTFILTER,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.tc = { .tcm_ifindex = ifindex,
			.tcm_parent = TC_H_MAKE(TC_H_CLSACT,
						ingress ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS) },
	};

	return converse(&request.head, saw_filter) != 0;
}

static int acknowledged(const struct nlmsghdr *reply)
{
	return reply->nlmsg_type == NLMSG_ERROR ? error_of(reply) : 1;
}

int rtnl__delete_link(int ifindex)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
	} request = {
		.head = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_DELLINK,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.link = { .ifi_index = ifindex },
	};

	return converse(&request.head, acknowledged);
}
