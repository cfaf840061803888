// SPDX-License-Identifier: GPL-2.0-only
#include "base/rtnl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "base/units.h"

#define REQUEST_BYTES 1024
#define REPLY_BYTES 32768
#define COST_BYTES 65535
#define BURST_BYTES (2 * 65536) /* what tbf does not cut into segments */
#define QUEUE_BYTES (256U << 20)

struct request {
	char bytes[REQUEST_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static struct nlmsghdr *begin(struct request *request, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request->bytes);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return nlh;
}

/* Ask the kernel; each answer but the last is shown to @visit. Returns 0 or -errno. */
static int ask(const struct nlmsghdr *nlh, mnl_cb_t visit, void *arg)
{
	char reply[REPLY_BYTES] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int more = MNL_CB_OK, failed = 0;

	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, nlh, nlh->nlmsg_len) < 0)
		failed = -errno;
	while (!failed && more > MNL_CB_STOP) {
		ssize_t len = mnl_socket_recvfrom(socket, reply, sizeof(reply));

		more = len < 0 ? -1 : mnl_cb_run(reply, len, 0, mnl_socket_get_portid(socket), visit, arg);
		if (more < 0)
			failed = -errno;
	}
	mnl_socket_close(socket);
	return failed;
}

static int see_filter(const struct nlmsghdr *nlh, void *arg)
{
	bool *found = arg;

	*found |= nlh->nlmsg_type == RTM_NEWTFILTER;
	return MNL_CB_OK;
}

bool rtnl__has_filters(int ifindex, bool ingress)
{
	struct request request;
	struct nlmsghdr *nlh = begin(&request, RTM_GETTFILTER, NLM_F_DUMP);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	bool found = false;

	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, ingress ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
	return ask(nlh, see_filter, &found) || found;
}

int rtnl__delete_link(int ifindex)
{
	struct request request;
	struct nlmsghdr *nlh = begin(&request, RTM_DELLINK, NLM_F_ACK);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));

	link->ifi_index = ifindex;
	return ask(nlh, NULL, NULL);
}

static int see_operstate(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr;
	int *state = arg;

	mnl_attr_for_each(attr, nlh, sizeof(struct ifinfomsg))
		if (mnl_attr_get_type(attr) == IFLA_OPERSTATE)
			*state = mnl_attr_get_u8(attr);
	return MNL_CB_OK;
}

int rtnl__is_operating(int ifindex)
{
	struct request request;
	struct nlmsghdr *nlh = begin(&request, RTM_GETLINK, NLM_F_ACK);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));
	int state = 0, failed;

	link->ifi_index = ifindex;
	failed = ask(nlh, see_operstate, &state);
	return failed ? failed : state == IF_OPER_UP;
}

static void put_end(struct nlmsghdr *nlh, const struct rtnl_end *end)
{
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(nlh, sizeof(*link));

	link->ifi_index = end->ifindex;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, end->name);
	mnl_attr_put_u32(nlh, IFLA_MTU, end->mtu);
	mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(end->mac), end->mac);
}

int rtnl__add_veth(const struct rtnl_end *here, const struct rtnl_end *there, int peer_netns_fd)
{
	struct request request;
	struct nlmsghdr *nlh = begin(&request, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *info, *data, *peer;

	put_end(nlh, here);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	put_end(nlh, there);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, peer_netns_fd);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return ask(nlh, NULL, NULL);
}

static void put_options(struct nlmsghdr *nlh, const struct rtnl_attr *attrs, size_t cnt)
{
	struct nlattr *options;

	if (cnt == 1 && !attrs->type) {
		mnl_attr_put(nlh, TCA_OPTIONS, attrs->len, attrs->data);
		return;
	}
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	for (size_t i = 0; i < cnt; i++)
		mnl_attr_put(nlh, attrs[i].type, attrs[i].len, attrs[i].data);
	mnl_attr_nest_end(nlh, options);
}

int rtnl__add_qdisc(int ifindex, const char *kind, const struct rtnl_attr *attrs, size_t cnt)
{
	struct request request;
	struct nlmsghdr *nlh = begin(&request, RTM_NEWQDISC, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));

	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = TC_H_ROOT;
	mnl_attr_put_strz(nlh, TCA_KIND, kind);
	if (cnt)
		put_options(nlh, attrs, cnt);
	return ask(nlh, NULL, NULL);
}

/* Each packet costs as much as the largest: that is the smallest unit that tbf can count. */
int rtnl__add_pacer(int ifindex, uint64_t gap_ns)
{
	const uint64_t rate = COST_BYTES * NSEC_PER_SEC / gap_ns;
	const uint32_t burst = BURST_BYTES;
	const struct tc_tbf_qopt parms = {
		.rate = { .linklayer = TC_LINKLAYER_ETHERNET, .mpu = COST_BYTES, .rate = UINT32_MAX },
		.limit = QUEUE_BYTES,
	};
	const struct rtnl_attr attrs[] = {
		{ TCA_TBF_PARMS, &parms, sizeof(parms) },
		{ TCA_TBF_BURST, &burst, sizeof(burst) },
		{ TCA_TBF_RATE64, &rate, sizeof(rate) },
	};

	return rtnl__add_qdisc(ifindex, "tbf", attrs, sizeof(attrs) / sizeof(attrs[0]));
}
