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
#include "member.h"
#include "rule.h"

/*
 * Where the bytes of the call that is under way go or come from, noted under the socket's lock
 * (position.bpf.c). What others moved in between ends a part: it is written at once.
 */
struct moving {
	__u64 sk;     /* 0: none */
	__u32 socket; /* its number in the trace */
	__u32 nr;     /* the system call */
	__u32 begin;  /* of the part that goes on */
	__u32 end;    /* of what is known of it */
	__u32 done;   /* bytes in parts that were written */
};

/* A send that rules have looked at and that has not returned. */
struct attempt {
	struct flow_key key;
	__u32 seq;    /* where it begins */
	__u32 len;    /* asked for; 0: not known */
	__u32 counts; /* bits: stalls that count it, */
	__u32 awaits; /* and triggers */
};

/* What a thread is to us; task storage, so it goes with the thread. */
struct task_state {
	__u32 generation; /* of the answer below; 0: never asked */
	__u16 node;	  /* 0: no target */
	__u16 inherited;  /* 1: a process target or a child of one; the answer outlives generations */
	__u32 seq;	  /* events written so far */
	__u32 waited;	  /* EVENT_WAITED: it waited for input since its last event; or 0 */
	__u32 entry;	  /* 1 + the clock when its send or connect began; 0: none is under way */
	__u32 blind;	  /* bits of what was told of blind_trace */
	__u32 blind_trace;
	__u32 news;	  /* goes up when it takes input, or is woken by one that had news */
	__u32 told_news;  /* what it had when it last told a thread of its node, */
	__u32 told_tid;	  /* and that thread */
	struct moving out, in;
	struct attempt attempt;
};

struct ring_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
};
/* A record in the making, one a CPU: programs that use it do not nest (bpf's recursion guard). */
struct record {
	struct event event;
	__u8 payload[2 * MAX_PAYLOAD]; /* more than is used: the verifier bounds offset and length apart */
	__u32 room; /* how much of it may be used */
	__u32 pad;
};
struct records_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct record);
	__uint(max_entries, 1);
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
struct triggers_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct trigger);
	__uint(max_entries, MAX_FAULTS);
};

/* What of a stream is parked, so that its retransmissions can be swallowed. */
struct parked {
	__u32 end;	/* after the last byte parked */
	__u32 released; /* after the last byte released */
	__u64 until_ns; /* all is released by then */
};

struct parked_flows_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct flow_key);
	__type(value, struct parked);
	__uint(max_entries, 4096);
};

struct park_exits_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct park_exit);
	__uint(max_entries, 1024);
};

struct awaited_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct flow_key);
	__type(value, struct awaited);
	__uint(max_entries, 4 * MAX_FAULTS);
};

struct stalls_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct stall);
	__uint(max_entries, MAX_FAULTS);
};
struct fired_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct fired);
	__uint(max_entries, MAX_FAULTS);
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

struct tasks_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
};
/* Thread group to node, for process targets and the workload's commands. */
struct processes_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct member);
	__uint(max_entries, 65536);
};
/* cgroup v2 id to node. */
struct cgroups_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, __u16);
	__uint(max_entries, 256);
};
struct cgroup_paths_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct cgroup_path);
	__type(value, __u16);
	__uint(max_entries, MAX_NODES);
};
struct node_states_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct node_state);
	__uint(max_entries, MAX_NODES);
};
/* One end of a channel that has been described, by its kernel address (and more, see identity.h). */
struct known_socket {
	__u64 inode; /* tells two sockets apart that had the same address one after the other */
	__u64 peer;  /* what it was connected to when it was described */
	__u32 id;
	__u32 trace; /* described in this trace */
	__u32 local_port;
	__u32 sent;  /* unix streams and pipes: bytes; eventfds: writes. Of those, only one is used by */
	__u32 taken; /* each end */
	__u32 pad;
};
struct known_sockets_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u64);
	__type(value, struct known_socket);
	__uint(max_entries, 65536);
};

/* What is known of a socket, at hand where the kernel gives the socket itself. */
struct mark {
	__u64 peer;
	__u32 id;
	__u32 trace;
	__u32 local_port;
	__u64 sender; /* thread (pid_tgid) that last began or went on to send */
	__u32 taken;  /* copied_seq when one of ours last took bytes */
	__u32 has_taken;
	__u32 pad;
};
struct marks_map {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct mark);
};

/*
 * Whose a TCP socket of the namespace that nodes share is: that of the task that made it connect or
 * listen. It goes with the socket, and from a listener to what it accepts.
 */
struct owner {
	__u64 sk;	     /* the socket that this was written for */
	struct flow_key end; /* what it is in `ends` by; all zero: not yet */
	__u16 node;
};
struct owners_map {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct owner);
};
/* The same by connection, src being its own end, for who asks at the other. A listener: no dst. */
struct end {
	__u64 sk;
	__u32 node;
	__u32 pad;
};
struct ends_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct flow_key);
	__type(value, struct end);
	__uint(max_entries, 65536);
};
/* Whose UDP sockets there are, by their kernel address; valid while the inode is the same. */
struct claim {
	__u64 inode;
	__u32 node;
	__u32 pad;
};
struct claims_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u64);
	__type(value, struct claim);
	__uint(max_entries, 65536);
};

/* Where a sending thread's part ended: the first other one that got the socket's lock says so. */
struct part_ends_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u64); /* pid_tgid */
	__type(value, __u32);
	__uint(max_entries, 8192);
};

/* See call.h. */
struct call {
	__u32 nr;
	__u8 family;
	int fd;
	unsigned long arg[3]; /* the second to fourth argument */
	long ret;
};
/* See channel.h. */
struct channel {
	__u64 object; /* the kernel's address of the socket, pipe or counter */
	__u64 inode;
	__u32 kind;
	__u32 type; /* SOCK_* */
};
/* A connection's ends, IPv4 as v4-mapped. */
struct sock_ends {
	struct address local, remote;
	__u16 local_port, remote_port; /* host byte order */
};
/* One datagram as its caller describes it, in user memory. */
struct parcel {
	const void *bytes; /* the buffer, or an array of iovecs */
	__u64 iov_cnt;	   /* 0: it is the buffer */
	__u64 room;	   /* bytes of the buffer */
	const void *name;  /* struct sockaddr of the other end; NULL: not asked for */
	__u64 name_len;
	__u64 len;	   /* bytes that were sent or received */
};
/*
 * What does not fit on the stack (512 bytes for all frames together, before 6.12), one a CPU; as with
 * `records`. A datagram's first bytes and its ends; the mmsg call that is gone through.
 */
#define PRINT_BYTES 64
#define NAME_BYTES 128 /* more than a struct sockaddr_un */
struct scratch {
	__u64 bytes[2 * PRINT_BYTES / 8]; /* the verifier bounds offset and length apart */
	__u64 name[NAME_BYTES / 8];
	struct parcel parcel;
	struct sock_ends ends;
	struct mmsghdr mmsg;
	const struct mmsghdr *next;
	struct call call;
	struct channel channel;
	int sends;
};
struct scratches_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct scratch);
	__uint(max_entries, 1);
};

extern struct tasks_map tasks SEC(".maps");
extern struct processes_map processes SEC(".maps");
extern struct cgroups_map cgroups SEC(".maps");
extern struct cgroup_paths_map cgroup_paths SEC(".maps");
extern struct node_states_map node_states SEC(".maps");
extern struct known_sockets_map known_sockets SEC(".maps");
extern struct marks_map marks SEC(".maps");
extern struct part_ends_map part_ends SEC(".maps");
extern struct owners_map owners SEC(".maps");
extern struct ends_map ends SEC(".maps");
extern struct claims_map claims SEC(".maps");
extern struct records_map records SEC(".maps");
extern struct scratches_map scratches SEC(".maps");
extern struct ring_map ring SEC(".maps");
extern struct cells_map cells SEC(".maps");
extern struct addresses_map addresses SEC(".maps");
extern struct flows_map flows SEC(".maps");
extern struct triggers_map triggers SEC(".maps");
extern struct awaited_map awaited SEC(".maps");
extern struct stalls_map stalls SEC(".maps");
extern struct parked_flows_map parked_flows SEC(".maps");
extern struct park_exits_map park_exits SEC(".maps");
extern struct fired_map fired SEC(".maps");
extern struct ledgers_map ledgers SEC(".maps");

extern struct control control;
extern struct levels levels;
extern __u32 last_socket; /* the newest socket number given out */
extern __u32 trace_number; /* goes up with each trace: sockets are described anew in each */
extern __u64 eventfd_operations; /* the kernel's address of eventfd's operations; 0: not found yet */
extern const volatile __u32 payload_max;
extern const volatile __u64 name_secret; /* channels' names do not tell the kernel's addresses */
extern const volatile __u32 sees_uring; /* 1: io_uring's requests are looked at one by one */
extern __u32 takes_uring; /* 1: what they move over TCP is recorded: the hooks for it are attached */
extern __u32 found_uring; /* 1: somebody has a ring */

#endif
