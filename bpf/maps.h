/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps and globals that more than one program file works on. Defined in maps.bpf.c, extern here. */
#ifndef CUTSET_MAPS_H
#define CUTSET_MAPS_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "event.h"
#include "rule.h"

/* What a thread is to us; task storage, so it goes with the thread. */
struct task_state {
	__u32 generation; /* of the answer below; 0: never asked */
	__u16 node;	  /* 0: no target */
	__u16 flags;	  /* NODE_IS_CLIENT */
	__u32 seq;	  /* events written so far */
	__u32 inherited;  /* 1: node came by fork from a process target and survives generations */
};

#define NODE_IS_CLIENT 1

/* Array, index = node: is it a client, has it received since it last sent? */
struct node_state {
	__u32 flags;
	__u32 received;
};

struct ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
};
struct cells_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct cell);
	__uint(max_entries, MAX_NODES * MAX_NODES);
};
struct addresses_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct address);
	__type(value, __u16);
	__uint(max_entries, 1024);
};
struct flows_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct flow_key);
	__type(value, struct flow);
	__uint(max_entries, 65536);
};
struct ledgers_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct ledger);
	__uint(max_entries, 1);
};

extern struct ring_map ring SEC(".maps");
extern struct cells_map cells SEC(".maps");
extern struct addresses_map addresses SEC(".maps");
extern struct flows_map flows SEC(".maps");
extern struct ledgers_map ledgers SEC(".maps");

extern struct control control;

#endif
