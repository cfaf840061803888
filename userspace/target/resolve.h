/* SPDX-License-Identifier: GPL-2.0-only */
/* From one target to what runs there now. node.c keeps the list; this finds out. */
#ifndef CUTSET_TARGET_RESOLVE_H
#define CUTSET_TARGET_RESOLVE_H

#include "target/container.h"
#include "target/docker.h"
#include "target/node.h"
#include "target/spec.h"

/* Fill @node (all zero but netns_fd -1) but for id and client. name is the one that was given, or
 * the default, not yet unique. On error @node is for node__clear. Not for compose. */
int resolve__target(struct nodes *nodes, const char *text, struct node *node, struct err *err);

/* The containers that compose:PROJECT[/SERVICE] means, and the names of their nodes, in the order
 * of services and numbers. Containers that ended well (jobs) and one-off ones are left out; others
 * that do not run are an error. @list is reordered and cut down to those. */
int resolve__choose(struct containers *list, const char *service, const char *project,
		    struct err *err);
/* Its node's name among the chosen: SERVICE, or SERVICE-NUMBER where the service has several. */
void resolve__service_name(const struct containers *chosen, size_t i, char *buf, size_t size);

/* The connection to Docker, made on first use and kept until node.c hangs up. NULL on error. */
struct docker *resolve__docker(struct nodes *nodes, struct err *err);

void node__clear(struct node *node); /* frees what it owns; leaves it as an empty one */

#endif
