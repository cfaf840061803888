// SPDX-License-Identifier: GPL-2.0-only
#include "maps.h"

SEC("tp_btf/sys_exit")
int BPF_PROG(observe_exit, struct pt_regs *regs, long ret)
{
	struct event *e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);

	if (e)
		bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
	control.now = 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
