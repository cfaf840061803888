/* SPDX-License-Identifier: GPL-2.0-only */
/* A system call of interest: its family and its arguments. */
#ifndef CUTSET_CALL_H
#define CUTSET_CALL_H

#include "maps.h"
#include "syscalls.h"

static __always_inline int call_read(struct call *call, const struct pt_regs *regs)
{
	call->nr = regs->orig_ax;
	if (call->nr >= MAX_SYSCALL)
		return 0;
	call->family = family_of[call->nr];
	if (!call->family)
		return 0;
	call->fd = regs->di;
	call->arg[0] = regs->si;
	call->arg[1] = regs->dx;
	call->arg[2] = regs->r10;
	return 1;
}

/* MSG_* of a send or receive. */
static __always_inline __u32 call_flags(const struct call *call)
{
	if (call->nr == NR_RECVFROM || call->nr == NR_SENDTO || call->family == SYS_SEND_MMSG ||
	    call->family == SYS_RECV_MMSG)
		return call->arg[2];
	if (call->family == SYS_SEND_MSG || call->family == SYS_RECV_MSG)
		return call->arg[1];
	return 0;
}

static __always_inline int call_is_compat(void)
{
	return bpf_get_current_task_btf()->thread_info.status & X86_64_COMPAT;
}

#endif
