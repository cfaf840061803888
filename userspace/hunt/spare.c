// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/spare.h"

#include <string.h>

#include "target/role.h"

static uint64_t bit_of(const struct node *node)
{
	return 1ULL << node__number(node);
}

static uint64_t called(const struct nodes *nodes, const char *name)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		if (!strcmp(node__called(&nodes->v[i]), name))
			return bit_of(&nodes->v[i]);
	return 0;
}

static uint64_t any_target(const struct nodes *nodes, uint64_t but)
{
	for (size_t i = 0; i < nodes->cnt; i++)
		if (!nodes->v[i].client && nodes->v[i].kind != TARGET_PROXY && !(but & bit_of(&nodes->v[i])))
			return bit_of(&nodes->v[i]);
	return 0;
}

int spare__of(const struct scenario *scenario, const struct nodes *nodes, bool cast, uint64_t *ret,
	      struct err *err)
{
	uint64_t spare = 0;

	for (size_t i = 0; i < nodes->cnt; i++)
		if (nodes->v[i].kind == TARGET_PROXY)
			spare |= bit_of(&nodes->v[i]);
	for (size_t i = 0; i < scenario->spare_cnt; i++) {
		uint64_t bit = called(nodes, scenario->spare[i]);

		if (!bit && (cast || !scenario->roles))
			return err__set(err, EXIT_USAGE, "%s: `spare` names %s, which is no node%s",
					scenario->path, scenario->spare[i],
					scenario->roles ? "; one that has a role goes by that" : "");
		spare |= bit ? bit : any_target(nodes, spare);
	}
	*ret = spare;
	return 0;
}
