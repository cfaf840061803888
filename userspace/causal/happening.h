/* SPDX-License-Identifier: GPL-2.0-only */
/* What threads did besides moving bytes: lines they logged, programs begun, ends, signals. */
#ifndef CUTSET_CAUSAL_HAPPENING_H
#define CUTSET_CAUSAL_HAPPENING_H

#include <stddef.h>
#include <stdint.h>

#include "../bpf/event.h"

struct happening {
	uint64_t ts_ns;
	uint32_t tgid, tid; /* who did it; 0: somebody outside, or the kernel */
	uint32_t step;	    /* the run's clock (NOW_*) */
	uint32_t other;	    /* EV_SIGNAL: the process it was sent to; EV_FORK: the new one */
	int32_t code;	    /* EV_LOG: the descriptor; EV_EXIT: as wait(2) gives it; EV_SIGNAL: its number */
	uint32_t len;	    /* EV_LOG: bytes written; the text may be less */
	uint32_t text;	    /* where it lies in `texts` */
	uint32_t thread, activation; /* EV_LOG: as in records, see history.h */
	uint16_t text_len;  /* EV_LOG: what was written; EV_EXEC: the program's file, or name */
	uint16_t node;
	enum event_kind kind;
};

struct happenings {
	struct happening *v; /* once they are sorted by time */
	size_t cnt, cap;
	char *texts;
	size_t text_bytes, text_cap;
};

/* Whether @event is one of them; then it is added. 0 or -1 (memory). */
int happenings__take(struct happenings *events, const struct event *event);
void happenings__sort(struct happenings *events);
void happenings__free(struct happenings *events);

#endif
