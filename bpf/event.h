/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The records that the kernel side writes, byte for byte what lies in a trace file.
 *
 *	+----------------------------+-----------------------------+
 *	| struct event, 64 bytes     | payload, event.payload_len  |
 *	+----------------------------+-----------------------------+
 *
 * Shared by bpf/ and userspace/. Times are CLOCK_MONOTONIC nanoseconds.
 */
#ifndef CUTSET_EVENT_H
#define CUTSET_EVENT_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/* A node's number: 1 .. MAX_NODES-1. Node 0 is everything that is no target ("outside"). */
#define MAX_NODES 64
#define NODE_OUTSIDE 0

#define MAX_PAYLOAD 256

/*
 * The run's logical clock, one number that only grows. Kernel and user compare it with <.
 *
 *	0            before the workload (idle: what happens here is background)
 *	1 + k        step workload.k
 *	NOW_CHECK    the workload has exited: silences of check.0 are in force, nothing has healed
 *	NOW_HEALED   faults that heal are over; settle and check run here
 *	NOW_END      the check has exited
 */
#define NOW_IDLE 0U
#define NOW_WORKLOAD 1U
#define NOW_CHECK 0x10000U
#define NOW_HEALED 0x10001U
#define NOW_END 0x7ffffffeU
#define NOW_NEVER 0x7fffffffU

enum event_kind {
	EV_NONE = 0,
	EV_SOCKET,  /* describes a socket, before its first use: .socket */
	EV_SEND,    /* .io: bytes [seq_end - len, seq_end) were handed to the stack */
	EV_RECV,    /* .io: bytes [seq_end - len, seq_end) were taken; len 0 is end of stream */
	EV_CONNECT, /* .io: len is 0, ret the system call's result (0 or -EINPROGRESS); of TCP seq_end is
		       where its first byte will be */
	EV_ACCEPT,  /* .io: a connection was taken from a listener; seq_end: as that of its connect */
	EV_CLOSE,   /* .io: this thread closed (or shut down writing of) the socket */
	EV_WAIT,    /* a wait for input ended: as EVENT_WAITED of the next record, without one */
	EV_LOG,	    /* .io: bytes written to fd 1 or 2, or appended to a file; payload is the text */
	EV_FORK,    /* .life: `other` is the child's tgid, `other_tid` its tid */
	EV_EXEC,    /* .life; payload is the command's name, EXEC_NAME_BYTES, and its file's */
	EV_EXIT,    /* .life: `code` as wait(2) gives it; the whole process when tid == tgid */
	EV_STEP,    /* the client's clock went up: `now` is the new step */
	EV_CUT,	    /* .cut: what the injector did to one packet */
	EV_PHASE,   /* written by userspace: .phase */
	EV_BLIND,   /* .blind: from here on this thread moved bytes that are not recorded */
	EV_WAKE,    /* .life: this thread woke `other_tid` of `other`, of the same node; code: enum handoff */
	EV_SIGNAL,  /* .life: this thread sent `other_tid` of `other` a signal; code: its number. tid 0:
		       somebody else did, or the kernel, and the node is that of who it was sent to */
	EV_KINDS,
};

#define EXEC_NAME_BYTES 16 /* as in task_struct.comm */

/* What became of a packet (struct event .cut.action). */
enum cut_action {
	CUT_DROP = 1,
	CUT_PARK,     /* taken out, to be released later */
	CUT_RELEASE,  /* written back */
	CUT_SWALLOW,  /* a retransmission of what is parked */
	CUT_LAPSE,    /* discarded: it was parked when the lease ran out */
};

/* struct event .cut.by: what let a parked packet go */
enum let_go {
	LET_GO_NOT = 0,
	LET_GO_DUE,   /* its time */
	LET_GO_EVENT, /* the step or the message that it was held for */
	LET_GO_END,   /* the end of the faults */
};

/* struct event .phase.phase */
enum phase {
	PHASE_NONE = 0,
	PHASE_IDLE,
	PHASE_WORKLOAD,
	PHASE_HOLD,
	PHASE_SETTLE,
	PHASE_CHECK,
	PHASE_END,
};

/* struct event .flags */
#define EVENT_PAYLOAD_FAULT 1 /* the payload could not be read (paged out, kernel buffer) */
#define EVENT_NONBLOCK 2
#define EVENT_URGENT 4 /* of a send: its last byte is urgent, a receiver may pass over it */
#define EVENT_WAITED 8 /* since its last event the thread waited for input: an activation begins */
#define EVENT_DATAGRAM 16 /* of a send or receive: one datagram, .io.seq_end is a print of its bytes */

/* What a thread was doing when it woke another (struct event .life.code of an EV_WAKE). */
enum handoff {
	HANDOFF_OTHER = 0,
	HANDOFF_FUTEX,
	HANDOFF_EVENTFD,
	HANDOFF_PIPE,
	HANDOFF_UNIX,
	HANDOFF_CLONE, /* a new thread or process: told by EV_FORK, never by an EV_WAKE */
	HANDOFF_EXIT,  /* to whoever waits for it */
	HANDOFF_SIGNAL, /* told by EV_SIGNAL */
	HANDOFFS,
};

/*
 * Channels: what an EV_SOCKET describes, by .socket.family and .socket.proto.
 *
 *	AF_INET, AF_INET6	IPPROTO_TCP, IPPROTO_UDP
 *	AF_UNIX			SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET
 *	CHANNEL_PIPE		0; CHANNEL_EVENTFD: 0
 *
 * All but the first line's have their ends' names as payload: u64 this end's, u64 the other's (0: not
 * known); AF_UNIX then the path it is bound to and the one it sends to or its peer is bound to, zeroes
 * where there is none. A name is the same wherever it is told.
 * Streams of bytes (pipes too) count positions like TCP; an eventfd counts its writes.
 */
#define CHANNEL_PIPE 0x101
#define CHANNEL_EVENTFD 0x102
#define CHANNEL_NAMES_BYTES 16
#define UNIX_PATH_BYTES 108 /* as in struct sockaddr_un */

/* struct event .blind.why */
enum blind {
	BLIND_NONE = 0,
	BLIND_IO_URING, /* bytes moved, or may have moved, without a system call of their own */
	BLIND_MPTCP,
	BLIND_ULP,	/* kTLS and kin: what is sent is not what the program wrote */
	BLIND_COMPAT,	/* 32-bit system calls */
	BLIND_MULTICAST, /* datagrams to a group: the sends are recorded, not who took them */
	BLIND_SEGMENTS, /* one call, several UDP datagrams, or several calls, one (GSO, GRO, corking) */
	BLIND_SOCKMAP,	/* another program moves bytes between sockets within the kernel */
	BLIND_URGENT,	/* MSG_OOB on a unix stream: who takes that byte, and when, is not followed */
	BLIND_RESTART,	/* written by userspace: the node was started anew, and found only now */
	BLINDS,
};

struct event {
	__u64 ts_ns;
	__u32 tgid;
	__u32 tid;
	__u16 kind;
	__u16 node;	   /* whose event this is; 0 for EV_PHASE and for packets from outside */
	__u16 payload_len; /* bytes that follow this record */
	__u16 flags;
	__u32 now;	   /* the run's clock when it happened */
	__u32 task_seq;	   /* counts this thread's events from 1: a gap is a loss */
	union {
		struct {
			__u32 socket;  /* names an EV_SOCKET; 0 where the fd is no socket */
			__s32 fd;
			__u32 seq_end; /* absolute sequence number; EVENT_DATAGRAM: a print of 64 bytes */
			__u32 len;     /* bytes moved */
			__s32 ret; /* 0 where len is not: a part of a call that others came between */
			__u16 syscall;
			__u16 print8; /* EVENT_DATAGRAM: a print of the first 8 bytes alone */
		} io;
		struct {
			__u32 socket;
			__u16 family; /* AF_INET or AF_INET6: as the owner sees it */
			__u16 proto;
			__u16 local_port; /* host byte order */
			__u16 remote_port;
			__u32 netns;	   /* inode of the network namespace */
			union {
				struct {
					__u8 local[4];	/* IPv4; for IPv6 the 32 bytes are the payload: */
					__u8 remote[4]; /* local address, then remote address */
				};
				struct {
					__u32 inode; /* AF_UNIX: of this end, and of the other; 0: not */
					__u32 peer_inode; /* known, or it was closed, or not accepted */
				};
			};
		} socket;
		struct {
			__u32 other;
			__u32 other_tid;
			__s32 code;
		} life;
		struct {
			__u8 action;
			__u8 fault;   /* index into the run's fault set; 0xff: none of its own */
			__u16 peer;   /* the receiving node; `node` is the sender */
			__u32 seq;    /* of the packet's first byte */
			__u32 len;    /* payload bytes */
			__u32 arm_seq; /* the fault covers [arm_seq, ...) */
			__u16 sport;  /* host byte order */
			__u16 dport;
			__u8 tcp_flags;
			__u8 family;
			__u8 proto;
			__u8 by;      /* enum let_go, of CUT_RELEASE */
		} cut;
		struct {
			__u32 phase;
			__s32 code; /* exit status of the command that ended with this phase */
		} phase;
		struct {
			__u32 why;
			__s32 fd;
		} blind;
		__u8 raw[32];
	};
};

_Static_assert(sizeof(struct event) == 64, "a record's head is 64 bytes");

/*
 * The ledger: what the kernel side saw and what became of it, summed over CPUs.
 * A trace is complete only if failed and missed are 0 (and its streams tile without holes).
 */
struct ledger {
	__u64 seen;	/* events of a node that should have been written */
	__u64 emitted;	/* reached the ring buffer */
	__u64 failed;	/* the ring buffer was full */
	__u64 missed;	/* programs not run because of recursion */
	__u64 unread;	/* payloads that could not be read (the event itself is there) */
	__u64 unlisted; /* sockets that could not be described: their table was full */
	__u64 drained;	/* what userspace took out of the ring buffer */
	__u64 reserved;
};

#endif
