/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Roles: what a node is in this run, where that is decided anew in each (elected). A node that has one goes by its name,
 * and by a number of its own, in faults, traces and reports; so what was learned of the leader in one run is known of the
 * leader in the next, whichever container that is. The kernel side knows nodes by their own numbers alone.
 */
#ifndef CUTSET_TARGET_ROLE_H
#define CUTSET_TARGET_ROLE_H

#include "target/node.h"

struct roles {
	struct role {
		char name[NODE_NAME_MAX], node[NODE_NAME_MAX];
	} v[MAX_NODES]; /* sorted by name */
	size_t cnt;
};

/* Lines `ROLE NODE`, blank ones and what follows a # aside. A role is [A-Za-z_][A-Za-z0-9_]*, and given once, to a node
 * that has no other. 0, or -1 (EXIT_USAGE). */
int roles__parse(struct roles *ret, const char *text, size_t len, struct err *err);

/*
 * From here on the nodes are what @roles says. Errors, the nodes are then as before: EXIT_USAGE where a node is not
 * there, or cannot have a role; EXIT_TARGET where the roles, or the nodes that have one, are not those of the time before.
 */
int nodes__cast(struct nodes *nodes, const struct roles *roles, struct err *err);

/* By which number and name a node goes, and which node goes by that number (NULL: none). */
uint16_t node__number(const struct node *node);
const char *node__called(const struct node *node);
const struct node *nodes__numbered(const struct nodes *nodes, uint16_t number);

/* "leader (etcd2)", or the name alone. Returns @buf. */
#define NODE_TITLE_MAX (2 * NODE_NAME_MAX + 4)
char *node__title(const struct node *node, char *buf, size_t size);

#endif
