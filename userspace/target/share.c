// SPDX-License-Identifier: GPL-2.0-only
#include "target/share.h"

/* Does it have a place to be cut off at? Not the commands; docker-proxies are no part of the system. */
static bool has_place(const struct node *node)
{
	return node->netns_fd >= 0 && node->kind != TARGET_PROXY;
}

/* A client alone in cutset's own namespace is cut off at the others' ends. */
static bool shares(const struct nodes *nodes, const struct node *node)
{
	if (!has_place(node))
		return false;
	if (node->host_netns)
		return !node->client;
	for (size_t i = 0; i < nodes->cnt; i++)
		if (&nodes->v[i] != node && has_place(&nodes->v[i]) &&
		    nodes->v[i].netns == node->netns)
			return true;
	return false;
}

const struct node *share__place(const struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		if (shares(nodes, &nodes->v[i]))
			return &nodes->v[i];
	return NULL;
}

uint32_t share__netns(const struct nodes *nodes)
{
	const struct node *place = share__place(nodes);

	return place ? place->netns : 0;
}

static bool is_uninvited(const struct node *node)
{
	return node->kind == TARGET_DOCKER && node->host_netns && !node->client && !node->host_asked;
}

int share__check(const struct nodes *nodes, struct err *err)
{
	const struct node *place = share__place(nodes);

	for (size_t i = 0; i < nodes->cnt; i++) {
		const struct node *node = &nodes->v[i];

		if (is_uninvited(node))
			return err__set(err, EXIT_USAGE,
					"%s uses the host's network: faults on it need programs on the host's "
					"own interfaces; name it host:CONTAINER if you want that, or give it "
					"a network of its own",
					node->name);
		if (shares(nodes, node) && node->netns != place->netns)
			return err__set(err, EXIT_USAGE,
					"%s is in one network namespace with others, and so is %s in another: "
					"only one may be shared",
					place->name, node->name);
	}
	return 0;
}
