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
	__u64 delay_ns;	 /* 0: endless, the packet is dropped silently */
	__u32 next_from; /* from here on the window is `next`'s: two faults that overlap, made one */
	__u8 fault;	 /* index into the run's fault set */
	__u8 next;	 /* FAULT_NONE: the whole window is `fault`'s */
	__u8 pad[2];
};

/* Array map `cells`, index sender * MAX_NODES + receiver. The rule compiler makes one window of the
 * faults of one kind that overlap on a pair, and refuses those of which it cannot. */
struct cell {
	struct window all;  /* silence, partition: every packet but ARP and neighbour discovery */
	struct window will; /* link: what carries the application's will, not pure acknowledgements */
	__u32 stalls;	    /* bits, by fault's index: rules in `stalls` that look at this pair */
	__u32 stall_parks;  /* 1: one of them holds for a finite time */
	__u32 triggers;	    /* bits, by fault's index: rules in `triggers` that look at this pair */
	__u32 pad;
};

/* Which messages a stall is about. */
#define SELECTOR_BYTES 32
struct selector {
	__u64 text[SELECTOR_BYTES / 8]; /* how it begins, where `mask` has bits; zero elsewhere */
	__u64 mask[SELECTOR_BYTES / 8];
	__u32 len_min, len_max; /* bytes of the send; 0, 0: any */
	__u32 nth;		/* the first that is held, among those that match, from 1 */
	__u16 port;		/* of the side that listens, whichever that is; 0: any */
	__u8 connect;		/* attempts to connect, by their SYN; nothing else */
	__u8 len;		/* of the text */
};

/*
 * Array map `stalls`, index = fault's index. The recogniser matches sends at their system call, before
 * their bytes reach the stack, and arms the flow from there on; the tc programs match SYNs and
 * datagrams. One flow is armed by one rule at a time.
 */
struct stall {
	struct selector selector;
	__u32 from, until; /* clock: what is sent in [from, until) can match */
	__u32 heal;	   /* clock: from here on all passes */
	__u32 every;	   /* 1: a loss, each message of the window is meant, SYNs and answers too */
	__u64 delay_ns;	   /* 0: until healing; else so long after its first packet came by */
};

/*
 * Array map `triggers`, index = fault's index: the message that lets go what the fault holds. It
 * has come once its receiver has taken its last byte; where the receiver is no node, and with an
 * attempt to connect, once it was sent. Then control.came has the fault's bit, and the fault takes
 * nothing more.
 */
struct trigger {
	struct selector selector;
	__u32 from; /* clock: what is sent from here on can match */
	__u32 pad;
	__u64 matched; /* such messages so far */
	__u64 unread;  /* sends of which it could not be told */
	__u64 came_ns; /* 0: not yet */
};

/* Hash map `awaited`: messages that were sent and are not taken yet, by their flow. Of datagrams,
 * whose receiver may see other addresses, .sport is the receiver's node, .dport its port, the rest
 * 0. */
struct awaited {
	__u32 epoch;
	__u32 seq_end;
	__u32 faults; /* bits */
};

/*
 * Hash map `addresses`: an IPv6 or v4-mapped address to its node. NODE_SHARED: an address of the one
 * network namespace in which several nodes are, or nodes and strangers; there a socket tells the node.
 */
#define NODE_SHARED MAX_NODES
struct address {
	__u8 ip[16];
};

/*
 * Hash map `flows`: one direction of a TCP connection, as the sender sees it. It tells the bytes
 * that were sent before a fault's onset, which may still be queued or sent again, from those after.
 *
 * The recogniser writes it while control.recognise is set, through bpf/flow.h, with the socket's
 * write_seq: flow_note_send_enter() before the bytes reach the stack and after control.now was
 * raised for this send, flow_note_send_exit() when the call has returned, whatever it returned.
 * The first send entered with now >= from latches arm_seq; sends in later steps leave it alone.
 * The tc programs cut what ends after arm_seq, or after end_seq where none was latched yet: no send
 * has begun in the window, so all that returned is from before. An unknown flow is cut.
 */
struct flow_key {
	struct address src;
	struct address dst;
	__u16 sport; /* host byte order */
	__u16 dport;
};

struct flow {
	__u32 epoch;   /* of `from` and `armed`: they are void in another run */
	__u32 from;    /* onset of the fault on this link; NOW_NEVER: none */
	__u32 armed;   /* 1: arm_seq is set */
	__u32 arm_seq; /* write_seq when the first send at or after `from` began */
	__u32 end_seq; /* write_seq after the last send that returned */
	__u32 stall;	 /* 1 + index of the rule that holds it, in this epoch; 0: none */
	__u32 stall_seq; /* what comes after is held */
	__u32 stall_held; /* packets of it that are parked */
	__u32 stall_caught; /* bytes before stall_seq that are held with it */
	__u64 stall_ns;	 /* when the first packet of that came by; 0: not yet */
	__u32 rest_seq;	 /* where the last send that was taken in part goes on, */
	__u32 rest;	 /* and how much of it is left; 0: nothing */
};

/* Array map `fired`, index = fault's index in the run's fault set. */
#define MAX_FAULTS 32
struct fired {
	__u64 first_ns;
	__u64 last_ns;
	__u64 dropped; /* packets */
	__u64 parked;
	__u64 released;
	__u64 swallowed; /* retransmissions of what is parked */
	__u64 by_event;	 /* of those released: by the step or the message that they were held for, */
	__u64 by_end;	 /* and as the faults ended; else by their time */
	__u64 lapsed;	 /* parked packets that were discarded because the lease ran out */
	__u64 early;	 /* packets that passed in the window: their bytes were sent before it */
	__u64 over;	 /* packets that passed because the fault had reached its limit */
	__u64 unparked;	 /* packets that passed because no device could take them */
	__u64 matched;	 /* stalls: messages that the selector means, in the window */
	__u64 unread;	 /* sends of which it could not be told: their bytes are not in the program's memory */
	__u64 caught;	 /* bytes of earlier messages in packets that were held or dropped */
	__u32 first_now;
	__u32 arm_seq;	 /* where the first message that was meant begins, */
	__u32 arm_len;	 /* how long it is, */
	__u16 arm_sport, arm_dport; /* and its ports */
	__u32 armed;	 /* stalls: 1 once the message was there */
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
	__u32 outside_node; /* the node of addresses that are no node's: the client, or 0 */
	__u32 epoch;	   /* changes when a fault set is armed: what flows remember is void */
	__u32 stalls;	   /* bits: rules of `stalls` and `triggers` that are in use */
	__u32 awaiting;	   /* 1: something is in `awaited` */
	__u32 came;	   /* bits, by fault's index: its trigger has come */
	__u32 shared_netns; /* inode of the namespace of NODE_SHARED; 0: there is none */
};

/* What the cutter has to know of the nodes, one instance (.bss `cut_config`). */
struct cut_config {
	__u64 most_packets;	/* that one fault may take in a run; 0: any number */
	__u64 longest_ns;	/* how long it may go on after its first; 0: as long as its window */
	__u32 mark;		/* skb->mark of packets that were parked and are on their way */
	__u32 strangers;	/* 1: some rule is about what comes from outside */
	__u8 hooked[MAX_NODES]; /* 1: its own packets pass our egress program */
};

/* Array map `park_terms`, index = fault's index: how long what the fault parks is held. */
struct park_term {
	__u64 delay_ns; /* at most; 0: it parks nothing */
	__u32 step;	/* or until the run's clock stands here; 0: none */
	__u32 message;	/* 1: or until its trigger has come */
};

/*
 * Parking. A packet goes into a device of its namespace and comes back from it, with a stamp in
 * place of its source MAC (restored from struct park_exit):
 *
 *	byte 0: fault << 2 | 2    bytes 1..5: the low 40 bits of the arrival's time, big-endian
 */
#define PARK_STAMP_BITS 40
#define PARK_DELAY_MAX_NS (540ULL * 1000000000ULL) /* less than 2^39 ns, half of what a stamp tells */

/* Hash map `park_ports`: where a packet on this interface of this node is parked (the device's ifindex). */
struct park_port {
	__u32 node; /* NODE_SHARED: in the namespace that nodes share */
	__u32 ifindex;
	__u32 ingress;
};

/* Hash map `park_exits`, key: the device's ifindex (unique over namespaces): where it goes on. */
struct park_exit {
	__u32 ifindex;
	__u32 ingress;
	__u8 mac[6]; /* source MAC of the last packet that was parked */
	__u8 shared; /* in the namespace of NODE_SHARED */
	__u8 routed; /* by a new look at the routes: lo refuses others' packets with its own addresses */
};

/* Array map `park_delays`, index fault * PARK_SAMPLES + n: the last delays achieved. */
#define PARK_SAMPLES 1024

#endif
