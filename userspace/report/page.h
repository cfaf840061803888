/* SPDX-License-Identifier: GPL-2.0-only */
/* The report of a hunt: one HTML page that needs no other file and asks no network for anything. */
#ifndef CUTSET_REPORT_PAGE_H
#define CUTSET_REPORT_PAGE_H

#include <jansson.h>

#include "base/err.h"

/* Read the hunt in @dir and write its page to @path, in place of an older one. @ret_told, the caller's: what it tells
 * of the two runs, see comparison__to_json; may be NULL. 0 or -1. */
int page__write(const char *dir, const char *path, json_t **ret_told, struct err *err);

#endif
