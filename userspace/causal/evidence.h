/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a class of messages is known to do by itself, and how much each kind of process edge is
 * worth before that. Learning is declared in lineage.h.
 */
#ifndef CUTSET_CAUSAL_EVIDENCE_H
#define CUTSET_CAUSAL_EVIDENCE_H

#include "causal/inside.h"
#include "causal/lineage.h"

/*
 * How sure it is that what was received led to what was sent (DESIGN: causality), strongest first.
 * Measured on Redis with sentinels; to be judged by the order they put, not as probabilities.
 */
#define CONFIDENCE_CERTAIN 1.0f	   /* a connection's handshake before its bytes; a rare token */
#define CONFIDENCE_ACTIVATION 0.8f /* received since the thread's last wait */
#define CONFIDENCE_CLIENT 0.8f	   /* received by the client in this phase */
#define CONFIDENCE_HANDOFF 0.6f	   /* received by the thread that made the sender go on */
#define CONFIDENCE_SIGNAL 0.3f	   /* that sent it a signal, or woke it in a way that is not known */
#define CONFIDENCE_ANSWER 0.5f	   /* the other end's turn on this connection came before */
#define CONFIDENCE_THREAD 0.05f	   /* received by this thread, some time */
#define CONFIDENCE_PROCESS 0.03f
#define CONFIDENCE_NODE 0.02f
#define CONFIDENCE_FLOOR 0.001f	   /* order alone: never zero */

/* Factors: a class that also comes by itself; another input, when a token tells the cause. */
#define FACTOR_BACKGROUND 0.05f
#define FACTOR_EXPLAINED 0.1f
#define FACTOR_RELAY 0.8f /* each thread more between the one that received and the one that sent */

/*
 * 1, or FACTOR_BACKGROUND for a class seen without a workload, here or in what was learned; also for one that is
 * some such messages, sent in one go: which of them meet is chance. Looks at bytes, so ask once a class.
 */
float evidence__factor(const struct evidence *evidence, const struct graph *graph, uint32_t class);

/*
 * Of a message whose class is background: is it like those that were seen? Text tells by its skeleton what it is; what
 * is binary must be as long to the byte, and the same wherever all of them were. @evidence may be NULL.
 */
bool evidence__has_seen(const struct evidence *evidence, const struct graph *graph, uint32_t message);

#endif
