/* SPDX-License-Identifier: GPL-2.0-only */
/* What a message says, in its protocol's words where that is known. */
#ifndef CUTSET_REPORT_CAPTION_H
#define CUTSET_REPORT_CAPTION_H

#include "causal/graph.h"

#define CAPTION_BYTES 72

/*
 * Of Redis' protocol the words ("SET key value", "OK", "(nil)"), of HTTP/2 the frame
 * ("HTTP/2 DATA 57 bytes"), of anything else message__label. Longer ones are cut. Printable ASCII.
 * Returns @buf.
 */
char *caption__of(char *buf, size_t size, const struct message *message);

/* "redis1>redis2:6379", "a>b:53/udp", "a>b unix". Returns @buf. */
char *caption__link(char *buf, size_t size, const struct graph *graph,
		    const struct message *message);

/* "udp". */
const char *carrier__name(enum carrier carrier);

#endif
