// SPDX-License-Identifier: GPL-2.0-only
/* Who lives: children follow their parents' node, moves and execs void what was remembered. */
#include "emit.h"
#include "node.h"

static __always_inline void life_record(struct task_state *state, __u16 kind, __u32 other,
					__u32 other_tid, __s32 code)
{
	struct record *record = record_begin(state, kind);

	if (!record)
		return;
	record->event.life.other = other;
	record->event.life.other_tid = other_tid;
	record->event.life.code = code;
	record_submit(record);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	struct task_state *state = task_current(), fresh = {}, *born;
	struct member member = {};
	__u32 tgid = child->tgid;

	if (!state)
		return 0;
	fresh.node = member.node = state->node;
	member.start = ticks_of(child);
	fresh.inherited = state->inherited;
	fresh.generation = state->inherited ? control.generation : 0;
	born = bpf_task_storage_get(&tasks, child, &fresh, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (state->inherited && child->pid == child->tgid)
		bpf_map_update_elem(&processes, &tgid, &member, BPF_ANY);
	(void)born;
	life_record(state, EV_FORK, tgid, child->pid, 0);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *bprm)
{
	struct task_state *state = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), NULL, 0);
	struct record *record;
	long len;

	if (state && !state->inherited)
		state->generation = 0;
	state = task_current();
	if (!state)
		return 0;
	record = record_begin(state, EV_EXEC);
	if (!record)
		return 0;
	bpf_get_current_comm(record->payload, EXEC_NAME_BYTES);
	record->event.payload_len = EXEC_NAME_BYTES;
	len = bpf_probe_read_kernel_str(record->payload + EXEC_NAME_BYTES,
					MAX_PAYLOAD - EXEC_NAME_BYTES, bprm->filename);
	if (len > 0)
		record->event.payload_len += len;
	record_submit(record);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	struct task_state *state = task_current();
	__u32 tgid = task->tgid;

	if (!state)
		return 0;
	life_record(state, EV_EXIT, 0, 0, task->exit_code);
	if (task->signal->live.counter == 0)
		bpf_map_delete_elem(&processes, &tgid);
	return 0;
}

/*
 * A task was moved to another cgroup. Fires once for each hierarchy, and once for all threads of a
 * process: answers of all tasks are asked again (moves are rare).
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(process_moved, struct cgroup *cgroup, const char *path, struct task_struct *task,
	     bool threadgroup)
{
	if (cgroup->root->hierarchy_id == 0)
		__sync_fetch_and_add(&control.generation, 1);
	return 0;
}

/* A container that is restarted has another cgroup of the same path: what runs in it is the same node. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(process_cgroup_made, struct cgroup *cgroup, const char *path)
{
	struct cgroup_path key = {};
	__u64 id = cgroup->kn->id;
	__u16 *node;

	if (cgroup->root->hierarchy_id != 0)
		return 0;
	bpf_probe_read_kernel_str(key.text, sizeof(key.text), path);
	node = bpf_map_lookup_elem(&cgroup_paths, &key);
	if (!node)
		return 0;
	bpf_map_update_elem(&cgroups, &id, node, BPF_ANY);
	__sync_fetch_and_add(&control.generation, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
