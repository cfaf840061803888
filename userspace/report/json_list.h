/* SPDX-License-Identifier: GPL-2.0-only */
/* A JSON array that is written element by element: traces are larger than memory should be. */
#ifndef CUTSET_REPORT_JSON_LIST_H
#define CUTSET_REPORT_JSON_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

struct json_list {
	FILE *out;
	bool any, failed;
};

/* @open: all up to the array's bracket, included. */
void json_list__begin(struct json_list *list, FILE *out, const char *open);
void json_list__add(struct json_list *list, json_t *value); /* takes the reference; NULL fails */
void json_list__end(struct json_list *list, const char *close);

/* Once all is written: 0, or -1 where memory or @out failed on the way. */
int json_list__finish(struct json_list *list, struct err *err);

#endif
