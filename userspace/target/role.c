// SPDX-License-Identifier: GPL-2.0-only
#include "target/role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DIGITS "0123456789"
#define BLANKS " \t\r"

static int compare(const void *x, const void *y)
{
	return strcmp(((const struct role *)x)->name, ((const struct role *)y)->name);
}

/* The word at *@at, which is moved behind it. false: there is none, or none that fits. */
static bool take_word(const char **at, char ret[NODE_NAME_MAX])
{
	size_t len;

	*at += strspn(*at, BLANKS);
	len = strcspn(*at, BLANKS "#");
	if (!len || len >= NODE_NAME_MAX)
		return false;
	memcpy(ret, *at, len);
	ret[len] = '\0';
	*at += len;
	return true;
}

static int add(struct roles *roles, const struct role *role, struct err *err)
{
	if (!strchr(LETTERS, role->name[0]) || role->name[strspn(role->name, LETTERS DIGITS)])
		return err__set(err, EXIT_USAGE, "`%s` is no name of a role: letters, digits and _ only",
				role->name);
	for (size_t i = 0; i < roles->cnt; i++) {
		if (!strcmp(roles->v[i].name, role->name))
			return err__set(err, EXIT_USAGE, "the role %s is given twice, to %s and to %s",
					role->name, roles->v[i].node, role->node);
		if (!strcmp(roles->v[i].node, role->node))
			return err__set(err, EXIT_USAGE, "%s has two roles, %s and %s", role->node,
					roles->v[i].name, role->name);
	}
	if (roles->cnt == MAX_NODES)
		return err__set(err, EXIT_USAGE, "more roles than there can be nodes");
	roles->v[roles->cnt++] = *role;
	return 0;
}

static int parse_line(struct roles *roles, const char *line, struct err *err)
{
	const char *at = line + strspn(line, BLANKS);
	struct role role;

	if (!*at || *at == '#')
		return 0;
	if (!take_word(&at, role.name) || !take_word(&at, role.node) ||
	    ((at += strspn(at, BLANKS)), *at && *at != '#'))
		return err__set(err, EXIT_USAGE, "`%.80s` is not ROLE NODE", line);
	return add(roles, &role, err);
}

int roles__parse(struct roles *ret, const char *text, size_t len, struct err *err)
{
	struct roles roles = { .cnt = 0 };
	char line[512];

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t part = end ? (size_t)(end - text) : len;

		if (part >= sizeof(line) || memchr(text, '\0', part))
			return err__set(err, EXIT_USAGE, "a line of it is no text, or too long");
		memcpy(line, text, part);
		line[part] = '\0';
		if (parse_line(&roles, line, err))
			return -1;
		part += end != NULL;
		text += part;
		len -= part;
	}
	if (!roles.cnt)
		return err__set(err, EXIT_USAGE, "it names no role; write a line for each: leader etcd2");
	qsort(roles.v, roles.cnt, sizeof(roles.v[0]), compare);
	*ret = roles;
	return 0;
}

static struct node *find(const struct nodes *nodes, const char *name)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		if (!strcmp(nodes->v[i].name, name))
			return &nodes->v[i];
	return NULL;
}

static int check(const struct nodes *nodes, const struct role *role, struct err *err)
{
	const struct node *node = find(nodes, role->node);

	if (!node)
		return err__set(err, EXIT_USAGE, "%s is to be the %s, and no node is named so", role->node,
				role->name);
	if (node->kind == TARGET_COMMANDS || node->kind == TARGET_PROXY)
		return err__set(err, EXIT_USAGE, "%s cannot be the %s: it is no target", role->node, role->name);
	if (find(nodes, role->name) || !strcmp(role->name, "client") || !strcmp(role->name, "outside"))
		return err__set(err, EXIT_USAGE, "a role cannot be called %s: a node is", role->name);
	return 0;
}

static bool is_role(const struct nodes *nodes, const char *name)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		if (nodes->v[i].number && !strcmp(nodes->v[i].role, name))
			return true;
	return false;
}

/* The same roles, among the same nodes. */
static int check_before(const struct nodes *nodes, const struct roles *roles, struct err *err)
{
	size_t before = 0;

	for (size_t i = 0; i < nodes->cnt; i++)
		before += nodes->v[i].number != 0;
	for (size_t i = 0; i < roles->cnt && before; i++) {
		const struct role *role = &roles->v[i];

		if (!is_role(nodes, role->name))
			return err__set(err, EXIT_TARGET, "%s is a %s, which there was not before", role->node,
					role->name);
		if (!find(nodes, role->node)->number)
			return err__set(err, EXIT_TARGET, "%s is the %s, and had no role before: give each node "
					"that can have one a role", role->node, role->name);
	}
	return !before || before == roles->cnt ? 0 :
		       err__set(err, EXIT_TARGET, "it names %zu role%s, and named %zu before", roles->cnt,
				roles->cnt == 1 ? "" : "s", before);
}

static const struct role *role_of(const struct roles *roles, const struct node *node)
{
	for (size_t i = 0; i < roles->cnt; i++)
		if (!strcmp(roles->v[i].node, node->name))
			return &roles->v[i];
	return NULL;
}

/* The numbers of the nodes that have roles, in rising order, to the roles in the order of their names. */
int nodes__cast(struct nodes *nodes, const struct roles *roles, struct err *err)
{
	uint16_t numbers[MAX_NODES];
	size_t cnt = 0;

	for (size_t i = 0; i < roles->cnt; i++)
		if (check(nodes, &roles->v[i], err))
			return -1;
	if (check_before(nodes, roles, err))
		return -1;
	for (size_t i = 0; i < nodes->cnt; i++)
		if (role_of(roles, &nodes->v[i]))
			numbers[cnt++] = nodes->v[i].id;
	for (size_t i = 0; i < nodes->cnt; i++) {
		const struct role *role = role_of(roles, &nodes->v[i]);

		if (!role)
			continue;
		nodes->v[i].number = numbers[role - roles->v];
		memcpy(nodes->v[i].role, role->name, sizeof(role->name));
	}
	return 0;
}

uint16_t node__number(const struct node *node)
{
	return node->number ? node->number : node->id;
}

const char *node__called(const struct node *node)
{
	return node->number ? node->role : node->name;
}

const struct node *nodes__numbered(const struct nodes *nodes, uint16_t number)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		if (node__number(&nodes->v[i]) == number)
			return &nodes->v[i];
	return NULL;
}

char *node__title(const struct node *node, char *buf, size_t size)
{
	if (node->number)
		snprintf(buf, size, "%s (%s)", node->role, node->name);
	else
		snprintf(buf, size, "%s", node->name);
	return buf;
}
