// SPDX-License-Identifier: GPL-2.0-only
#include "hunt/fault_json.h"

#include <string.h>

json_t *fault_set__to_json(const struct fault_set *set, const struct name_table *names)
{
	json_t *list = json_array();
	char text[FAULT_TEXT_MAX];

	for (size_t i = 0; i < set->cnt; i++)
		json_array_append_new(
			list, json_string(fault__print(text, sizeof(text), &set->v[i], names)));
	return list;
}

int fault_set__from_json(const json_t *list, const struct name_table *names, struct fault_set *ret,
			 struct err *err)
{
	struct fault fault;
	json_t *item;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	json_array_foreach (list, i, item) {
		const char *text = json_string_value(item);

		if (!text)
			return err__set(err, EXIT_USAGE, "a fault is not a text");
		if (fault__parse(text, names, &fault, err))
			return -1;
		if (fault_set__add(ret, &fault))
			return err__set(err, EXIT_USAGE,
					"%s is there twice, or the set is too large", text);
	}
	return 0;
}
