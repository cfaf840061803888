/* SPDX-License-Identifier: GPL-2.0-only */
/* Where in a stream the bytes of a step begin: noted at the sender's system call, read by tc. */
#ifndef CUTSET_FLOW_H
#define CUTSET_FLOW_H

#include "maps.h"

static __always_inline void flow_note_send_enter(const struct flow_key *key, __u32 write_seq)
{
}

static __always_inline void flow_note_send_exit(const struct flow_key *key, __u32 write_seq)
{
}

#endif
