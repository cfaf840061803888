// SPDX-License-Identifier: GPL-2.0-only
/*
 * What there was when tracing began; userspace drives it (observe/snapshot.c). Of unix streams and
 * pipes what lay in them: the end that reads has taken that much less than was sent. And the nodes'
 * threads: one that makes no call that we look at still wakes others.
 */
#include "local.h"
#include "node.h"

#define QUEUE_MAX 256 /* packets of a socket's queue, buffers of a pipe */

static __always_inline __u32 unix_queued(struct sock *sk)
{
	struct sk_buff *end = (struct sk_buff *)&sk->sk_receive_queue, *skb;
	struct unix_skb_parms parms;
	__u32 bytes = 0;

	skb = BPF_CORE_READ(sk, sk_receive_queue.next);
	for (int i = 0; i < QUEUE_MAX && skb && skb != end; i++) {
		if (bpf_core_read(&parms, sizeof(parms), &skb->cb))
			break;
		bytes += BPF_CORE_READ(skb, len) - parms.consumed;
		skb = BPF_CORE_READ(skb, next);
	}
	return bytes;
}

static __always_inline __u32 pipe_queued(struct pipe_inode_info *pipe)
{
	__u32 head = BPF_CORE_READ(pipe, head), tail = BPF_CORE_READ(pipe, tail), bytes = 0;
	__u32 mask = BPF_CORE_READ(pipe, ring_size) - 1;
	struct pipe_buffer *buffers = BPF_CORE_READ(pipe, bufs);

	for (int i = 0; i < QUEUE_MAX && tail != head; i++, tail++)
		bytes += BPF_CORE_READ(&buffers[tail & mask], len);
	return bytes;
}

/* The end that reads @channel has @queued bytes before it; what is known already is counted. */
static __always_inline void note_queued(const struct channel *reader, struct identity *writer,
					__u32 queued)
{
	struct known_socket fresh = {};
	struct identity identity;
	int is_stale;

	if (!queued)
		return;
	local_identity(reader, !is_unix(reader->kind), &identity);
	if (identity_known(&identity, &is_stale) || bpf_map_lookup_elem(&known_sockets, &writer->key))
		return;
	fresh.inode = identity.inode;
	fresh.peer = identity.peer;
	fresh.trace = trace_number - 1;
	fresh.taken = -queued;
	bpf_map_update_elem(&known_sockets, &identity.key, &fresh, BPF_NOEXIST);
}

static __always_inline int is_eventfd(struct file *file)
{
	static const char name[] = "[eventfd]";
	__u64 text = 0, wanted;

	__builtin_memcpy(&wanted, name, sizeof(wanted));
	bpf_probe_read_kernel(&text, sizeof(text), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return text == wanted;
}

/* Rings are files without a type, as eventfds are. */
static __always_inline int is_ring(struct file *file)
{
	static const char name[] = "[io_urin";
	__u64 text = 0, wanted;

	if (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT)
		return 0;
	__builtin_memcpy(&wanted, name, sizeof(wanted));
	bpf_probe_read_kernel(&text, sizeof(text), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return text == wanted;
}

SEC("iter/task_file")
int snapshot_file(struct bpf_iter__task_file *ctx)
{
	struct file *file = ctx->file;
	struct identity writer = {};
	struct channel channel;

	if (!file)
		return 0;
	if (!eventfd_operations && is_eventfd(file))
		eventfd_operations = (__u64)BPF_CORE_READ(file, f_op);
	if (is_ring(file))
		found_uring = 1;
	switch (channel_of_file(file, &channel)) {
	case CHANNEL_UNIX_STREAM:
		writer.key = (__u64)unix_peer_of(&channel);
		note_queued(&channel, &writer, unix_queued(channel_sock(&channel)));
		break;
	case CHANNEL_FIFO:
		local_identity(&channel, 0, &writer);
		note_queued(&channel, &writer,
			    pipe_queued((struct pipe_inode_info *)channel.object));
		break;
	}
	return 0;
}

SEC("iter/task")
int snapshot_task(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct task_state fresh = {};

	if (!task || bpf_task_storage_get(&tasks, task, NULL, 0))
		return 0;
	fresh.node = node_of_task(task);
	if (!fresh.node)
		return 0;
	fresh.inherited = member_of(task) != NULL;
	fresh.generation = control.generation;
	bpf_task_storage_get(&tasks, task, &fresh, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
