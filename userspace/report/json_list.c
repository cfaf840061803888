// SPDX-License-Identifier: GPL-2.0-only
#include "report/json_list.h"

#include <errno.h>
#include <string.h>

void json_list__begin(struct json_list *list, FILE *out, const char *open)
{
	list->out = out;
	list->any = false;
	fputs(open, out);
}

void json_list__add(struct json_list *list, json_t *value)
{
	fputs(list->any ? ",\n" : "\n", list->out);
	list->any = true;
	if (!value || json_dumpf(value, list->out, JSON_COMPACT | JSON_ENSURE_ASCII))
		list->failed = true;
	json_decref(value);
}

void json_list__end(struct json_list *list, const char *close)
{
	fputs(list->any ? "\n" : "", list->out);
	fputs(close, list->out);
}

int json_list__finish(struct json_list *list, struct err *err)
{
	if (fflush(list->out) || ferror(list->out))
		return err__set(err, EXIT_MACHINE, "cannot write the export: %s", strerror(errno));
	return list->failed ? err__set(err, EXIT_MACHINE, "out of memory") : 0;
}
