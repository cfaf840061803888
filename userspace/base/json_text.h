/* SPDX-License-Identifier: GPL-2.0-only */
/* A text from outside (a path, a name, another program's message) as JSON. */
#ifndef CUTSET_BASE_JSON_TEXT_H
#define CUTSET_BASE_JSON_TEXT_H

#include <jansson.h>

/* json_string(@text), or where that is no UTF-8 the same with `?` for what is not ASCII, cut after
 * 4095 bytes. NULL makes null. Returns NULL when memory is out. */
json_t *json_text(const char *text);

#endif
