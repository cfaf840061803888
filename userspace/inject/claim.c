// SPDX-License-Identifier: GPL-2.0-only
/* A claim is a record lock on the byte of one file whose offset is the namespace's inode: nothing is written, no
 * child inherits it, and the kernel tells who holds it. */
#include "inject/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inject/attachment.h"
#include "target/share.h"

#define CLAIMS_PATH "/run/cutset.lock"

struct claims {
	int fd;
	uint32_t held[MAX_NODES]; /* inodes */
	size_t cnt;
};

struct claims *claims__new(struct err *err)
{
	struct claims *claims = calloc(1, sizeof(*claims));

	if (!claims) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	claims->fd = open(CLAIMS_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (claims->fd < 0) {
		err__set(err, EXIT_MACHINE, "cannot open " CLAIMS_PATH ": %s; run as root",
			 strerror(errno));
		free(claims);
		return NULL;
	}
	return claims;
}

int claims__take(struct claims *claims, uint32_t netns, const char *where, struct err *err)
{
	struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = netns, .l_len = 1 };

	if (!fcntl(claims->fd, F_SETLK, &range))
		return 0;
	if (errno != EACCES && errno != EAGAIN)
		return err__set(err, EXIT_MACHINE, "cannot lock " CLAIMS_PATH ": %s", strerror(errno));
	if (fcntl(claims->fd, F_GETLK, &range) || range.l_type == F_UNLCK || range.l_pid <= 0)
		return err__set(err, EXIT_MACHINE,
				"another cutset is at work on %s; wait until it has ended", where);
	return err__set(err, EXIT_MACHINE,
			"another cutset is at work on %s (process %ld); wait until it has ended, or end it",
			where, (long)range.l_pid);
}

static void let_go(struct claims *claims, uint32_t inode)
{
	struct flock range = { .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = inode, .l_len = 1 };

	if (fcntl(claims->fd, F_SETLK, &range)) {
		/* it ends with this process */
	}
}

static bool is_cut_in(const struct node *node, uint32_t shared)
{
	return attachments__wanted(node, shared) ||
	       (shared && node->netns_fd >= 0 && node->netns == shared);
}

static bool among(const struct nodes *nodes, uint32_t shared, uint32_t inode)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		if (nodes->v[i].netns == inode && is_cut_in(&nodes->v[i], shared))
			return true;
	return false;
}

static bool holds(const struct claims *claims, uint32_t inode)
{
	for (size_t i = 0; i < claims->cnt; i++)
		if (claims->held[i] == inode)
			return true;
	return false;
}

int claims__update(struct claims *claims, const struct nodes *nodes, struct err *err)
{
	const uint32_t shared = share__netns(nodes);
	size_t kept = 0;

	for (size_t i = 0; i < claims->cnt; i++) {
		if (among(nodes, shared, claims->held[i]))
			claims->held[kept++] = claims->held[i];
		else
			let_go(claims, claims->held[i]);
	}
	claims->cnt = kept;
	for (size_t i = 0; i < nodes->cnt; i++) {
		const struct node *node = &nodes->v[i];

		if (!is_cut_in(node, shared) || holds(claims, node->netns))
			continue;
		if (claims__take(claims, node->netns, node->name, err))
			return -1;
		claims->held[claims->cnt++] = node->netns;
	}
	return 0;
}

void claims__free(struct claims *claims)
{
	if (!claims)
		return;
	close(claims->fd);
	free(claims);
}
