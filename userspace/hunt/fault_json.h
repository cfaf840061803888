/* SPDX-License-Identifier: GPL-2.0-only */
/* Fault sets as JSON lists of texts, and back. */
#ifndef CUTSET_HUNT_FAULT_JSON_H
#define CUTSET_HUNT_FAULT_JSON_H

#include <jansson.h>

#include "model/fault.h"

json_t *fault_set__to_json(const struct fault_set *set, const struct name_table *names);

/* 0, or -1: EXIT_USAGE where an item is no fault, or is there twice. */
int fault_set__from_json(const json_t *list, const struct name_table *names, struct fault_set *ret,
			 struct err *err);

#endif
