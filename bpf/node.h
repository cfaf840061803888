/* SPDX-License-Identifier: GPL-2.0-only */
/* Which node is this task? Answers are kept in task storage and void when the generation changes. */
#ifndef CUTSET_NODE_H
#define CUTSET_NODE_H

#include "maps.h"

#define TICK_NSEC 10000000 /* of /proc's clock, on any kernel */

static __always_inline __u64 ticks_of(const struct task_struct *task)
{
	return task->start_boottime / TICK_NSEC;
}

/* The node of a process that is a target, or comes from one; NULL: it is none. */
static __always_inline struct member *member_of(struct task_struct *task)
{
	__u32 tgid = task->tgid;
	struct member *member = bpf_map_lookup_elem(&processes, &tgid);

	return member && (!member->start || member->start == ticks_of(task->group_leader)) ? member :
											     NULL;
}

static __always_inline __u16 *node_by_cgroup(struct task_struct *task)
{
	struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp), *ancestor;
	void *ancestors = (void *)cgroup + bpf_core_field_offset(cgroup->ancestors);
	__u16 *node = NULL;
	__u64 id;

	for (int i = 0; !node && i < MAX_LEVELS && i < levels.cnt; i++) {
		if (levels.level[i] > BPF_CORE_READ(cgroup, level) ||
		    bpf_probe_read_kernel(&ancestor, sizeof(ancestor),
					  ancestors + levels.level[i] * sizeof(ancestor)))
			continue;
		id = BPF_CORE_READ(ancestor, kn, id);
		node = bpf_map_lookup_elem(&cgroups, &id);
	}
	return node;
}

/* The node of any task; 0: none. */
static __always_inline __u16 node_of_task(struct task_struct *task)
{
	struct member *member = member_of(task);
	__u16 *node = member ? NULL : node_by_cgroup(task);

	return member ? member->node : node ? *node : NODE_OUTSIDE;
}

/* Find the current task's node anew and remember the answer, also a negative one. */
static __noinline struct task_state *task_ask(struct task_struct *task)
{
	struct task_state fresh = {}, *state;
	struct member *member = member_of(task);
	__u16 *node = NULL;

	fresh.generation = control.generation;
	fresh.inherited = member != NULL;
	for (int i = 0; !member && !node && i < MAX_LEVELS; i++) {
		__u64 cgroup = 0;

		if (i < levels.cnt)
			cgroup = bpf_get_current_ancestor_cgroup_id(levels.level[i]);
		if (cgroup)
			node = bpf_map_lookup_elem(&cgroups, &cgroup);
	}
	if (member)
		fresh.node = member->node;
	else if (node)
		fresh.node = *node;
	state = bpf_task_storage_get(&tasks, task, &fresh, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (state && state->generation != fresh.generation && !state->inherited) {
		state->node = fresh.node;
		state->inherited = fresh.inherited;
	}
	if (state)
		state->generation = fresh.generation;
	return state;
}

/* The state of the current task, or NULL where it belongs to no node. */
static __always_inline struct task_state *task_current(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_state *state = bpf_task_storage_get(&tasks, task, NULL, 0);

	if (!state || state->generation != control.generation)
		state = task_ask(task);
	return state && state->node ? state : NULL;
}

#endif
