/* SPDX-License-Identifier: GPL-2.0-only */
/* What is behind a file descriptor of the current task: a channel, whatever family it is of. */
#ifndef CUTSET_CHANNEL_H
#define CUTSET_CHANNEL_H

#include "maps.h"

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_SEQPACKET 5
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_MPTCP 262
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFIFO 0010000
#define O_APPEND 02000

enum channel_kind {
	CHANNEL_NONE = 0,
	CHANNEL_TCP,
	CHANNEL_UDP,
	CHANNEL_UNIX_STREAM,
	CHANNEL_UNIX_PACKET, /* datagrams and SOCK_SEQPACKET */
	CHANNEL_FIFO,	     /* pipes, with a name or without */
	CHANNEL_COUNTER,     /* eventfds */
	CHANNEL_MULTIPATH,   /* MPTCP */
	CHANNEL_APPENDED,    /* a file that is only written to at its end, as logs are */
};

static __always_inline struct sock *channel_sock(const struct channel *channel)
{
	return (struct sock *)channel->object;
}

static __always_inline __u32 netns_of_sock(const struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

/* 0: it has none, as before it is accepted. */
static __always_inline __u64 inode_of_sock(const struct sock *sk)
{
	struct socket *socket = BPF_CORE_READ(sk, sk_socket);
	struct socket_alloc *alloc;

	if (!socket)
		return 0;
	alloc = container_of(socket, struct socket_alloc, socket);
	return BPF_CORE_READ(alloc, vfs_inode.i_ino);
}

static __always_inline __u32 channel_kind_of_sock(const struct sock *sk, __u32 type)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family), protocol;

	if (family == AF_UNIX)
		return type == SOCK_STREAM ? CHANNEL_UNIX_STREAM : CHANNEL_UNIX_PACKET;
	if (family != AF_INET && family != AF_INET6)
		return CHANNEL_NONE;
	protocol = BPF_CORE_READ(sk, sk_protocol);
	return protocol == IPPROTO_TCP	 ? CHANNEL_TCP :
	       protocol == IPPROTO_UDP	 ? CHANNEL_UDP :
	       protocol == IPPROTO_MPTCP ? CHANNEL_MULTIPATH :
					   CHANNEL_NONE;
}

/* Fills in @ret for an open file. Returns its kind. */
static __always_inline __u32 channel_of_file(const struct file *file, struct channel *ret)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u16 mode = BPF_CORE_READ(inode, i_mode) & S_IFMT;
	struct socket *socket;

	ret->kind = CHANNEL_NONE;
	ret->type = 0;
	if (mode == S_IFSOCK) {
		socket = BPF_CORE_READ(file, private_data);
		ret->object = (__u64)BPF_CORE_READ(socket, sk);
		ret->type = (__u16)BPF_CORE_READ(socket, type);
		if (ret->object)
			ret->kind = channel_kind_of_sock(channel_sock(ret), ret->type);
	} else if (mode == S_IFIFO) {
		ret->object = (__u64)BPF_CORE_READ(inode, i_pipe);
		ret->kind = ret->object ? CHANNEL_FIFO : CHANNEL_NONE;
	} else if (mode == S_IFREG) {
		if (BPF_CORE_READ(file, f_flags) & O_APPEND)
			ret->kind = CHANNEL_APPENDED;
	} else if (eventfd_operations &&
		   (__u64)BPF_CORE_READ(file, f_op) == eventfd_operations) {
		ret->object = (__u64)BPF_CORE_READ(file, private_data);
		ret->kind = CHANNEL_COUNTER;
	}
	if (ret->kind)
		ret->inode = BPF_CORE_READ(inode, i_ino);
	return ret->kind;
}

static __always_inline __u32 channel_of_fd(int fd, struct channel *ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *fdt = task->files->fdt;
	struct file **files, *file;

	ret->kind = CHANNEL_NONE;
	if (fd < 0 || (__u32)fd >= fdt->max_fds)
		return CHANNEL_NONE;
	files = fdt->fd;
	if (bpf_probe_read_kernel(&file, sizeof(file), files + fd) || !file)
		return CHANNEL_NONE;
	return channel_of_file(file, ret);
}

/* From one process to another. */
static __always_inline int channel_carries(__u32 kind)
{
	return kind != CHANNEL_NONE && kind != CHANNEL_APPENDED;
}

static __always_inline int channel_is_datagram(__u32 kind)
{
	return kind == CHANNEL_UDP || kind == CHANNEL_UNIX_PACKET;
}

/* Between hosts, or processes that could be on two: what a client's steps are counted by. */
static __always_inline int channel_is_network(__u32 kind)
{
	return kind == CHANNEL_TCP || kind == CHANNEL_UDP;
}

#endif
