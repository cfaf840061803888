/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a run is drawn: the messages that matter, log lines, cuts; and how often what stands for
 * many. */
#ifndef CUTSET_REPORT_SCENE_H
#define CUTSET_REPORT_SCENE_H

#include "causal/intern.h"
#include "report/align.h"
#include "report/frontier.h"

enum scene_kind { SCENE_SENT, SCENE_LOG, SCENE_RECEIVED };

struct scene_event {
	uint64_t ts_ns;
	uint32_t index; /* of the message, or of the happening */
	uint32_t step;	/* the run's clock; of a receive that of its message */
	uint16_t node;
	enum scene_kind kind;
};

struct scene {
	const struct account *account;
	struct scene_event *v; /* by time, sends first */
	size_t cnt;
	uint32_t *times;     /* of each message: 0 not drawn, else how many it stands for, itself
				included */
	uint32_t *lines;     /* of each happening: likewise, log lines */
	struct intern kinds; /* looks and phases of the messages that matter */
	uint64_t nodes;	     /* bits: that have something drawn */
	uint64_t begin_ns;   /* of the workload, else of the first event */
};

/*
 * One run, or two with @other: what is drawn of one is drawn of the other, where @mate (of @scene's
 * messages in the other's) knows it. Both filled by scene__choose first, then scene__join, then
 * scene__order. 0 or -1 (memory); scene__free in either case.
 */
int scene__choose(struct scene *scene, const struct account *account);
void scene__join(struct scene *scene, const uint32_t *mate, struct scene *other);
void scene__force(struct scene *scene, uint32_t message); /* is drawn whatever was chosen */
int scene__order(struct scene *scene);
void scene__free(struct scene *scene);

/* What was logged, without the time and the process that loggers put before it. Returns @buf. */
char *scene__log_text(char *buf, size_t size, const struct graph *graph,
		      const struct happening *happening);

#endif
