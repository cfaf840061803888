/* SPDX-License-Identifier: GPL-2.0-only */
/* What a person recognises a message by. */
#ifndef CUTSET_CAUSAL_LABEL_H
#define CUTSET_CAUSAL_LABEL_H

#include "causal/graph.h"

/* Fits most; longer ones are cut. */
#define LABEL_BYTES 60

/* "connect", "accept", or the payload's printable ASCII, other bytes as one dot each run, white
 * space as one blank; "12 bytes" where no payload was recorded. Returns @buf. */
char *message__label(char *buf, size_t size, const struct message *message);

#endif
