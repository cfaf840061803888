// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which thread made which run: wake-ups between the threads of one node, and signals. A wake-up tells
 * something only if the thread that gives it has had news since it last told the same one.
 */
#include "channel.h"
#include "emit.h"
#include "node.h"
#include "syscalls.h"

#define PF_EXITING 4
#define SIGCHLD 17
#define SIGURG 23 /* Go's runtime sends them to its own threads all the time */

/* In an interrupt the current task is just whom it interrupted. Where that lies differs by kernel. */
struct pcpu_hot___6_2 {
	int preempt_count;
} __attribute__((preserve_access_index));
extern const struct pcpu_hot___6_2 pcpu_hot __ksym __weak; /* 6.2 to 6.14 */
extern const int __preempt_count __ksym __weak;
#define PREEMPT_INTERRUPTS 0xff0100 /* NMIs, hard interrupts, a softirq that is being served */

static __always_inline int in_interrupt(void)
{
	int count = 0;

	if (bpf_core_type_exists(struct pcpu_hot___6_2)) {
		if (&pcpu_hot)
			count = ((struct pcpu_hot___6_2 *)bpf_this_cpu_ptr(&pcpu_hot))
					->preempt_count;
	} else if (&__preempt_count) {
		count = *(int *)bpf_this_cpu_ptr(&__preempt_count);
	}
	return count & PREEMPT_INTERRUPTS;
}

static __always_inline struct task_state *state_of(struct task_struct *task)
{
	struct task_state *state = bpf_task_storage_get(&tasks, task, NULL, 0);

	return state && state->node ? state : NULL;
}

static __always_inline __s32 handoff_by_write(int fd)
{
	struct channel channel;

	switch (channel_of_fd(fd, &channel)) {
	case CHANNEL_FIFO:
		return HANDOFF_PIPE;
	case CHANNEL_COUNTER:
		return HANDOFF_EVENTFD;
	case CHANNEL_UNIX_STREAM:
	case CHANNEL_UNIX_PACKET:
		return HANDOFF_UNIX;
	}
	return -1;
}

/* By what the current task hands something on; -1: it does not. */
static __always_inline __s32 handoff_of_call(struct task_struct *task)
{
	const struct pt_regs *regs = (const struct pt_regs *)bpf_task_pt_regs(task);

	if (task->flags & PF_EXITING)
		return HANDOFF_EXIT;
	switch (regs->orig_ax) {
	case 202: /* futex */
	case 454: /* futex_wake */
	case 456: /* futex_requeue */
		return HANDOFF_FUTEX;
	case 1:	  /* write */
	case 20:  /* writev */
	case 44:  /* sendto */
	case 46:  /* sendmsg */
	case 307: /* sendmmsg */
		return handoff_by_write(regs->di);
	case 65:  /* semop */
	case 220: /* semtimedop */
	case 69:  /* msgsnd */
	case 242: /* mq_timedsend */
		return HANDOFF_OTHER;
	}
	return -1;
}

static __always_inline void handoff_tell(struct task_state *state, struct task_struct *woken,
					 __s32 code)
{
	struct event event;

	event_begin(&event, state, EV_WAKE);
	event.life.other = woken->tgid;
	event.life.other_tid = woken->pid;
	event.life.code = code;
	event_submit(&event, sizeof(event));
}

/* Called with the woken thread's pi_lock held: nothing here may allocate. */
static __always_inline int waking(struct task_struct *woken, int tells_interrupts)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_state *state = state_of(task), *other;
	__u32 news;
	__s32 code;

	if (!state || !state->news || woken == task || (tells_interrupts && in_interrupt()))
		return 0;
	news = state->news;
	if (news == state->told_news && state->told_tid == woken->pid)
		return 0;
	other = state_of(woken);
	if (!other || other->node != state->node)
		return 0;
	code = handoff_of_call(task);
	if (code < 0)
		return 0;
	state->told_news = news;
	state->told_tid = woken->pid;
	__sync_fetch_and_add(&other->news, 1);
	handoff_tell(state, woken, code);
	return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(handoff_waking, struct task_struct *woken)
{
	return waking(woken, 1);
}

/* For kernels that do not give the address of their counter: what an interrupt wakes within one of the
 * calls above is taken for a hand-off of the thread that was interrupted. */
SEC("tp_btf/sched_waking")
int BPF_PROG(handoff_waking_any, struct task_struct *woken)
{
	return waking(woken, 0);
}

SEC("tp_btf/signal_generate")
int BPF_PROG(handoff_signal, int sig, struct kernel_siginfo *info, struct task_struct *task, int group,
	     int result)
{
	struct task_struct *sender = bpf_get_current_task_btf();
	struct task_state *other = state_of(task), *state;
	struct event event = {};

	if (!other || result || sig == SIGCHLD || (sig == SIGURG && sender->tgid == task->tgid))
		return 0;
	state = state_of(sender);
	if (state) {
		event_begin(&event, state, EV_SIGNAL);
	} else {
		event.ts_ns = bpf_ktime_get_ns();
		event.kind = EV_SIGNAL;
		event.node = other->node;
		event.now = control.now;
	}
	event.life.other = task->tgid;
	event.life.other_tid = task->pid;
	event.life.code = sig;
	event_submit(&event, sizeof(event));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
