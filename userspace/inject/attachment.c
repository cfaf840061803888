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
#include "target/share.h"

bool attachments__wanted(const struct node *node, uint32_t shared)
{
	return node->netns_fd >= 0 && !node->host_netns && node->kind != TARGET_PROXY &&
	       (!shared || node->netns != shared);
}

static bool iface_wanted(const struct iface *iface, bool shared)
{
	if (shared)
		return iface->loopback || iface->addressed;
	return !iface->loopback && !device__is_name(iface->name);
}

static int check_pair(const struct node *x, const struct node *y, struct err *err)
{
	char text[64];

	if (x->netns == y->netns)
		return 0;
	for (size_t i = 0; i < x->addr_cnt; i++)
		for (size_t j = 0; j < y->addr_cnt; j++)
			if (!memcmp(&x->addrs[i], &y->addrs[j], sizeof(x->addrs[i])))
				return err__set(err, EXIT_USAGE,
						"%s and %s have the same address %s: their packets "
						"cannot be told apart; give each its own",
						x->name, y->name,
						address__print(text, sizeof(text), &x->addrs[i]));
	return 0;
}

int attachments__check(const struct nodes *nodes, struct err *err)
{
	if (share__check(nodes, err))
		return -1;
	for (size_t i = 0; i < nodes->cnt; i++)
		for (size_t j = i + 1; j < nodes->cnt; j++)
			if (check_pair(&nodes->v[i], &nodes->v[j], err))
				return -1;
	return 0;
}

/* What is attached to, for a node or for all that share a namespace. */
struct place {
	const struct node *node;
	uint16_t id;
	bool shared;
};

static bool next_place(const struct nodes *nodes, size_t *i, struct place *ret)
{
	const struct node *shared = share__place(nodes);

	for (; *i < nodes->cnt; ++*i) {
		const struct node *node = &nodes->v[*i];

		*ret = (struct place){ node, node->id, false };
		if (node == shared)
			*ret = (struct place){ node, NODE_SHARED, true };
		else if (!attachments__wanted(node, shared ? shared->netns : 0))
			continue;
		++*i;
		return true;
	}
	return false;
}

static bool matches(const struct attachment *at, const struct place *place,
		    const struct iface *iface)
{
	return at->node == place->id && at->netns == place->node->netns &&
	       at->hook.ifindex == iface->ifindex;
}

static bool still_there(const struct attachment *at, const struct nodes *nodes)
{
	struct place place;

	for (size_t i = 0; next_place(nodes, &i, &place);)
		for (size_t j = 0; j < place.node->iface_cnt; j++)
			if (matches(at, &place, &place.node->ifaces[j]))
				return hook__alive(&at->hook);
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

/* On lo every packet goes out before it comes in: it is judged there. */
static int attach(struct attachment *at, const struct place *place, const struct iface *iface,
		  const struct cut_progs *progs)
{
	const int *fds = place->shared ? progs->shared : progs->own;
	const int prog_fd[HOOK_SIDES] = {
		[HOOK_INGRESS] = iface->loopback ? HOOK_NO_PROG : fds[HOOK_INGRESS],
		[HOOK_EGRESS] = fds[HOOK_EGRESS],
	};

	return hook__attach(&at->hook, at->netns_fd, iface->ifindex, prog_fd);
}

static int add(struct attachments *attachments, const struct place *place,
	       const struct iface *iface, const struct cut_progs *progs, struct err *err)
{
	struct attachment at = { .node = place->id,
				 .netns = place->node->netns,
				 .loopback = iface->loopback };
	int failed;

	for (size_t i = 0; i < attachments->cnt; i++)
		if (matches(&attachments->v[i], place, iface))
			return 0;
	if (grow(&attachments->v, &attachments->cap, attachments->cnt + 1))
		return err__set(err, EXIT_MACHINE, "out of memory");
	memcpy(at.iface, iface->name, sizeof(at.iface));
	at.netns_fd = fcntl(place->node->netns_fd, F_DUPFD_CLOEXEC, 0);
	failed = at.netns_fd < 0 ? -errno : attach(&at, place, iface, progs);
	if (failed) {
		if (at.netns_fd >= 0)
			close(at.netns_fd);
		return fail_to_attach(place->node, iface, failed, err);
	}
	attachments->v[attachments->cnt++] = at;
	return 0;
}

int attachments__update(struct attachments *attachments, const struct nodes *nodes,
			const struct cut_progs *progs, struct err *err)
{
	struct place place;

	drop_gone(attachments, nodes);
	for (size_t i = 0; next_place(nodes, &i, &place);)
		for (size_t j = 0; j < place.node->iface_cnt; j++)
			if (iface_wanted(&place.node->ifaces[j], place.shared) &&
			    add(attachments, &place, &place.node->ifaces[j], progs, err))
				return -1;
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
		qdisc_notes__forget_own();
	free(attachments->v);
	*attachments = (struct attachments){};
}
