// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second back-end: hooks in the functions of those system calls that are of interest, where the
 * kernel has trampolines. Other calls, and processes on the way in and out of the kernel, pay
 * nothing. Each looks whether the task belongs to a node and jumps to the program that does the
 * work, which is loaded once. Their arguments are the tracepoints', a struct pt_regs.
 */
#include "node.h"

/*
 * Programs of one array must be attached in one way, to functions of one type. The kernel's system
 * calls are of two (their argument's name differs), and which is which is known when it runs: each
 * hook is here twice, userspace loads the one that fits (observe/backend.c).
 */
struct jump_map {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
};
struct jump_map jump_to_recognise SEC(".maps");
struct jump_map jump_to_recognise_other SEC(".maps");
struct jump_map jump_to_observe SEC(".maps");
struct jump_map jump_to_observe_other SEC(".maps");

#define HOOK(section, name, jump)                     \
	SEC(section)                                  \
	int BPF_PROG(name)                            \
	{                                             \
		if (task_current())                   \
			bpf_tail_call(ctx, &jump, 0); \
		return 0;                             \
	}
#define ON_BEGIN(call)                                                   \
	HOOK("fentry/__x64_sys_" #call, begin_##call, jump_to_recognise) \
	HOOK("fentry/__x64_sys_" #call, other_begin_##call, jump_to_recognise_other)
#define ON_END(call)                                                \
	HOOK("fexit/__x64_sys_" #call, end_##call, jump_to_observe) \
	HOOK("fexit/__x64_sys_" #call, other_end_##call, jump_to_observe_other)

/* Those that begin a message (recognise.bpf.c). */
ON_BEGIN(write)
ON_END(write)
ON_BEGIN(sendto)
ON_END(sendto)
ON_BEGIN(sendmsg)
ON_END(sendmsg)
ON_BEGIN(sendmmsg)
ON_END(sendmmsg)
ON_BEGIN(writev)
ON_END(writev)
ON_BEGIN(pwritev2)
ON_END(pwritev2)
ON_BEGIN(vmsplice)
ON_END(vmsplice)
ON_BEGIN(sendfile64)
ON_END(sendfile64)
ON_BEGIN(splice)
ON_END(splice)
ON_BEGIN(tee)
ON_END(tee)
ON_BEGIN(connect)
ON_END(connect)

ON_END(read)
ON_END(recvfrom)
ON_END(recvmsg)
ON_END(recvmmsg)
ON_END(readv)
ON_END(preadv2)
ON_END(accept)
ON_END(accept4)
ON_END(shutdown)
ON_END(bind)
ON_END(poll)
ON_END(ppoll)
ON_END(select)
ON_END(pselect6)
ON_END(epoll_wait)
ON_END(epoll_pwait)
ON_END(epoll_pwait2)
ON_END(io_uring_setup)
ON_END(io_uring_enter)

char LICENSE[] SEC("license") = "GPL";
