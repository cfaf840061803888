/* SPDX-License-Identifier: GPL-2.0-only */
/* What a trace says of the machine and the nodes it was recorded on (docs/trace-format.md). */
#ifndef CUTSET_OBSERVE_META_H
#define CUTSET_OBSERVE_META_H

#include <jansson.h>

#include "target/node.h"

/* A new object, owned by the caller. NULL: out of memory. */
json_t *meta__of(const struct nodes *nodes, size_t payload_bytes);

#endif
