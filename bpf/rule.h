/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run's fault set looks like to the kernel: one cell for each ordered pair of nodes.
 * The tc programs compare the run's clock (event.h: NOW_*) with the cell's window, so nothing has
 * to be pushed when a step begins. Shared by bpf/ and userspace/.
 */
#ifndef CUTSET_RULE_H
#define CUTSET_RULE_H

#include "event.h"
#include "member.h"

#define FAULT_NONE 0xff

/* One window [from, until) of the run's clock; from == until: never. */
struct window {
	__u32 from;
	__u32 until;
	__u64 delay_ns; /* 0: endless, the packet is dropped silently */
	__u8 fault;	/* index into the run's fault set */
	__u8 pad[7];
};

/* Array map `cells`, index sender * MAX_NODES + receiver. Faults of one kind that overlap on a pair
 * are refused by the rule compiler. */
struct cell {
	struct window all;  /* silence, partition: every packet but ARP and neighbour discovery */
	struct window will; /* link: what carries the application's will, not pure acknowledgements */
};

/* Hash map `addresses`: an IPv6 or v4-mapped address to its node. */
struct address {
	__u8 ip[16];
};

/* Hash map `flows`: one direction of a TCP connection, as the sender sees it.
 * Written by the recogniser at the sender's system calls, read by the tc programs. */
struct flow_key {
	struct address src;
	struct address dst;
	__u16 sport; /* host byte order */
	__u16 dport;
};

struct flow {
	__u32 now;	 /* the step in which the last send began */
	__u32 start_seq; /* write_seq when the first send of that step began */
	__u32 end_seq;	 /* write_seq after the last send that returned */
};

/* Array map `fired`, index = fault's index in the run's fault set. */
#define MAX_FAULTS 32
struct fired {
	__u64 first_ns;
	__u64 last_ns;
	__u64 dropped; /* packets */
	__u64 parked;
	__u64 released;
	__u64 late;    /* packets of the window that passed uncut, by our own count */
	__u32 first_now;
	__u32 pad;
};

/* The lease: the tc programs pass everything, and latch `lapsed`, once it is this old. */
#define LEASE_NS 2000000000ULL

/* Shared by all programs, one instance, mapped by userspace (.bss `control`). */
struct control {
	__u32 now;	   /* the run's clock */
	__u32 counting;	   /* 1: client sends after receives raise `now` (workload phase) */
	__u64 lease_ns;	   /* last heartbeat; 0: no faults are in force */
	__u64 lapsed_ns;   /* first packet that passed because the lease was old; 0: none */
	__u32 generation;  /* changes when the set of nodes changes: cached answers are void */
	__u32 recognise;   /* 1: remember write_seq of streams for the cutter */
	__u32 park_ifindex; /* unused by programs that find no parking device */
	__u32 pad;
};

#endif
