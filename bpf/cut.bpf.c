// SPDX-License-Identifier: GPL-2.0-only
#include "maps.h"

SEC("tc")
int cut_egress(struct __sk_buff *skb)
{
	return control.now ? -1 : 0;
}

char LICENSE[] SEC("license") = "GPL";
