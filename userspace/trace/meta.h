/* SPDX-License-Identifier: GPL-2.0-only */
/* The nodes as a trace's first chunk names them, checked. */
#ifndef CUTSET_TRACE_META_H
#define CUTSET_TRACE_META_H

#include "trace/trace.h"

struct trace_nodes {
	struct trace_node *v;
	size_t cnt;
};

/* From `{"nodes": [{"id": 1, "name": "redis1", "client": false, "addresses": ["198.18.0.2"],
 * "listen": [6379]}, ...]}`; what else is there is left alone. Returns 0 and fills @ret, or -1
 * with a message that names what is wrong; nothing is left to free then. */
int trace_nodes__parse(const json_t *meta, struct trace_nodes *ret, struct err *err);
void trace_nodes__free(struct trace_nodes *nodes);

#endif
