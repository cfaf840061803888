/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls that move bytes, make connections or wait, by what their arguments look like. */
#ifndef CUTSET_SYSCALLS_H
#define CUTSET_SYSCALLS_H

enum syscall_family {
	SYS_NONE = 0,
	SYS_SEND_BUF,	/* fd, buf, len: write, sendto */
	SYS_SEND_IOV,	/* fd, iovec, cnt: writev, pwritev2 */
	SYS_SEND_MSG,	/* fd, msghdr: sendmsg */
	SYS_SEND_MMSG,	/* fd, mmsghdr, cnt: sendmmsg; returns messages, not bytes */
	SYS_SEND_FILE,	/* out_fd, in_fd: sendfile */
	SYS_TEE,	/* in_fd, out_fd: nothing is taken from the first */
	SYS_SPLICE,	/* in_fd, off, out_fd: one is a pipe, the other may be a socket */
	SYS_RECV_BUF,	/* read, recvfrom */
	SYS_RECV_IOV,	/* readv, preadv2 */
	SYS_RECV_MSG,	/* recvmsg */
	SYS_RECV_MMSG,	/* recvmmsg */
	SYS_CONNECT,
	SYS_ACCEPT,
	SYS_CLOSE,
	SYS_SHUTDOWN,
	SYS_WAIT_INPUT, /* epoll_wait, poll, select and kin */
	SYS_BIND,
	SYS_URING,	/* io_uring_setup, io_uring_enter */
};

#define MAX_SYSCALL 512
#define NR_RECVFROM 45
#define NR_SENDTO 44

#define MSG_OOB 1
#define MSG_PEEK 2
#define MSG_TRUNC 0x20
#define MSG_MORE 0x8000
#define MSG_ERRQUEUE 0x2000
#define MSG_FASTOPEN 0x20000000

#define X86_64_COMPAT 2 /* thread_info.status: TS_COMPAT, a 32-bit system call */

/* x86-64 numbers */
static const __u8 family_of[MAX_SYSCALL] = {
	[0] = SYS_RECV_BUF,	/* read */
	[1] = SYS_SEND_BUF,	/* write */
	[3] = SYS_CLOSE,	/* close */
	[7] = SYS_WAIT_INPUT,	/* poll */
	[19] = SYS_RECV_IOV,	/* readv */
	[20] = SYS_SEND_IOV,	/* writev */
	[23] = SYS_WAIT_INPUT,	/* select */
	[40] = SYS_SEND_FILE,	/* sendfile */
	[42] = SYS_CONNECT,	/* connect */
	[43] = SYS_ACCEPT,	/* accept */
	[44] = SYS_SEND_BUF,	/* sendto */
	[45] = SYS_RECV_BUF,	/* recvfrom */
	[46] = SYS_SEND_MSG,	/* sendmsg */
	[47] = SYS_RECV_MSG,	/* recvmsg */
	[48] = SYS_SHUTDOWN,	/* shutdown */
	[49] = SYS_BIND,	/* bind */
	[232] = SYS_WAIT_INPUT, /* epoll_wait */
	[270] = SYS_WAIT_INPUT, /* pselect6 */
	[271] = SYS_WAIT_INPUT, /* ppoll */
	[275] = SYS_SPLICE,	/* splice */
	[276] = SYS_TEE,	/* tee */
	[278] = SYS_SEND_IOV,	/* vmsplice; one that takes out of a pipe is not known */
	[281] = SYS_WAIT_INPUT, /* epoll_pwait */
	[288] = SYS_ACCEPT,	/* accept4 */
	[299] = SYS_RECV_MMSG,	/* recvmmsg */
	[307] = SYS_SEND_MMSG,	/* sendmmsg */
	[327] = SYS_RECV_IOV,	/* preadv2 */
	[328] = SYS_SEND_IOV,	/* pwritev2 */
	[425] = SYS_URING,	/* io_uring_setup */
	[426] = SYS_URING,	/* io_uring_enter */
	[441] = SYS_WAIT_INPUT, /* epoll_pwait2 */
};

#endif
