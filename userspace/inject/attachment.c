// SPDX-License-Identifier: GPL-2.0-only
#include "inject/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/grow.h"
#include "inject/device.h"
#include "inject/qdisc_note.h"

bool attachments__wanted(const struct node *node)
{
	return node->netns_fd >= 0 && !node->host_netns && node->kind != TARGET_PROXY;
}

static bool iface_wanted(const struct iface *iface)
{
	return !iface->loopback && !device__is_name(iface->name);
}

static int check_pair(const struct node *x, const struct node *y, struct err *err)
{
	char text[64];

	if (attachments__wanted(x) && attachments__wanted(y) && x->netns == y->netns)
		return err__set(err, EXIT_USAGE,
				"%s and %s share a network namespace: their packets cannot be told "
				"apart; give each its own, or make them one node",
				x->name, y->name);
	for (size_t i = 0; i < x->addr_cnt; i++)
		for (size_t j = 0; j < y->addr_cnt; j++)
			if (!(x->host_netns && y->host_netns) &&
			    !memcmp(&x->addrs[i], &y->addrs[j], sizeof(x->addrs[i])))
				return err__set(err, EXIT_USAGE,
						"%s and %s have the same address %s: their packets "
						"cannot be told apart; give each its own",
						x->name, y->name,
						address__print(text, sizeof(text), &x->addrs[i]));
	return 0;
}

int attachments__check(const struct nodes *nodes, struct err *err)
{
	for (size_t i = 0; i < nodes->cnt; i++) {
		const struct node *node = &nodes->v[i];

		if (node->host_netns && !node->client && node->kind != TARGET_PROXY)
			return err__set(err, EXIT_USAGE,
					"%s uses the host's network namespace: its packets cannot be "
					"told from others; run it in a namespace of its own",
					node->name);
		for (size_t j = i + 1; j < nodes->cnt; j++)
			if (check_pair(node, &nodes->v[j], err))
				return -1;
	}
	return 0;
}

static bool matches(const struct attachment *at, const struct node *node,
		    const struct iface *iface)
{
	return at->node == node->id && at->netns == node->netns && at->hook.ifindex == iface->ifindex;
}

static bool still_there(const struct attachment *at, const struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->cnt; i++) {
		const struct node *node = &nodes->v[i];

		for (size_t j = 0; attachments__wanted(node) && j < node->iface_cnt; j++)
			if (matches(at, node, &node->ifaces[j]))
				return hook__alive(&at->hook);
	}
	return false;
}

static void let_go(struct attachment *at)
{
	hook__detach(&at->hook);
	close(at->netns_fd);
}

static void drop_gone(struct attachments *attachments, const struct nodes *nodes)
{
	size_t kept = 0;

	for (size_t i = 0; i < attachments->cnt; i++) {
		if (still_there(&attachments->v[i], nodes))
			attachments->v[kept++] = attachments->v[i];
		else
			let_go(&attachments->v[i]);
	}
	attachments->cnt = kept;
}

static int fail_to_attach(const struct node *node, const struct iface *iface, int why,
			  struct err *err)
{
	if (why == -ENODEV || why == -ENXIO)
		return err__set(err, EXIT_TARGET,
				"cannot attach to %s of %s: it is gone; did the target restart?",
				iface->name, node->name);
	return err__set(err, EXIT_MACHINE, "cannot attach to %s of %s: %s%s", iface->name, node->name,
			strerror(-why),
			why == -EPERM ? "; run as root or grant CAP_BPF, CAP_NET_ADMIN and "
					"CAP_SYS_ADMIN" :
					"");
}

static int add(struct attachments *attachments, const struct node *node,
	       const struct iface *iface, const struct cut_progs *progs, struct err *err)
{
	const int prog_fd[HOOK_SIDES] = {
		[HOOK_INGRESS] = progs->ingress_fd,
		[HOOK_EGRESS] = progs->egress_fd,
	};
	struct attachment at = { .node = node->id, .netns = node->netns };
	int failed;

	for (size_t i = 0; i < attachments->cnt; i++)
		if (matches(&attachments->v[i], node, iface))
			return 0;
	if (grow(&attachments->v, &attachments->cap, attachments->cnt + 1))
		return err__set(err, EXIT_MACHINE, "out of memory");
	memcpy(at.iface, iface->name, sizeof(at.iface));
	at.netns_fd = fcntl(node->netns_fd, F_DUPFD_CLOEXEC, 0);
	failed = at.netns_fd < 0 ? -errno :
				   hook__attach(&at.hook, at.netns_fd, iface->ifindex, prog_fd);
	if (failed) {
		if (at.netns_fd >= 0)
			close(at.netns_fd);
		return fail_to_attach(node, iface, failed, err);
	}
	attachments->v[attachments->cnt++] = at;
	return 0;
}

int attachments__update(struct attachments *attachments, const struct nodes *nodes,
			const struct cut_progs *progs, struct err *err)
{
	drop_gone(attachments, nodes);
	for (size_t i = 0; i < nodes->cnt; i++) {
		const struct node *node = &nodes->v[i];

		for (size_t j = 0; attachments__wanted(node) && j < node->iface_cnt; j++)
			if (iface_wanted(&node->ifaces[j]) &&
			    add(attachments, node, &node->ifaces[j], progs, err))
				return -1;
	}
	return 0;
}

void attachments__free(struct attachments *attachments)
{
	bool clsact = false;

	for (size_t i = 0; i < attachments->cnt; i++) {
		clsact |= attachments->v[i].hook.clsact;
		let_go(&attachments->v[i]);
	}
	if (clsact)
		qdisc_notes__forget();
	free(attachments->v);
	*attachments = (struct attachments){};
}
