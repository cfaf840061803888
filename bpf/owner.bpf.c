// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose are the sockets of the namespace that nodes share? A TCP socket's owner is whoever makes it
 * connect or listen; the kernel gives the socket itself there. What was open before is found by going
 * through the nodes' open files.
 */
#include "owner.h"

static __always_inline void end_forget(const struct owner *owner)
{
	struct flow_key key = owner->end;
	struct end *end = bpf_map_lookup_elem(&ends, &key);

	if (end && end->sk == owner->sk)
		bpf_map_delete_elem(&ends, &key);
}

static __always_inline void end_note(struct owner *owner, const struct flow_key *key)
{
	struct end end = { .sk = owner->sk, .node = owner->node };

	owner->end = *key;
	if (key->sport)
		bpf_map_update_elem(&ends, key, &end, BPF_ANY);
}

static __always_inline void note_listener(struct owner *owner, const struct sock *sk)
{
	struct flow_key key = {};

	flow_key_of(sk, &key);
	__builtin_memset(&key.dst, 0, sizeof(key.dst));
	key.dport = 0;
	end_note(owner, &key);
}

static __always_inline void note_connection(struct owner *owner, const struct sock *sk)
{
	struct flow_key key = {};

	flow_key_of(sk, &key);
	owner->sk = (__u64)sk;
	end_note(owner, &key);
}

static __always_inline struct owner *own(struct sock *sk, __u16 node)
{
	struct owner *owner = bpf_sk_storage_get(&owners, sk, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (owner) {
		owner->sk = (__u64)sk;
		owner->node = node;
	}
	return owner;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(owner_state, struct sock *sk, int before, int now)
{
	struct task_state *state;
	struct owner *owner;

	if (sk->sk_protocol != IPPROTO_TCP || !is_shared(sk))
		return 0;
	if (now == TCP_SYN_SENT || now == TCP_LISTEN) {
		state = task_current();
		owner = state ? own(sk, state->node) : NULL;
		if (owner && now == TCP_LISTEN)
			note_listener(owner, sk);
		return 0;
	}
	owner = bpf_sk_storage_get(&owners, sk, NULL, 0);
	if (!owner)
		return 0;
	if (now == TCP_ESTABLISHED)
		note_connection(owner, sk);
	else if (now == TCP_CLOSE && owner->sk == (__u64)sk)
		end_forget(owner);
	return 0;
}

/* What is known stays: a child that has it open as well did not make it. */
static __always_inline void snapshot_tcp(struct sock *sk, __u16 node)
{
	struct owner *owner = bpf_sk_storage_get(&owners, sk, NULL, 0);
	int state = BPF_CORE_READ(sk, __sk_common.skc_state);

	if (state == TCP_CLOSE || (owner && owner->sk == (__u64)sk))
		return;
	owner = own(sk, node);
	if (!owner)
		return;
	if (state == TCP_LISTEN)
		note_listener(owner, sk);
	else if (state != TCP_SYN_SENT)
		note_connection(owner, sk);
}

SEC("iter/task_file")
int owner_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket *socket;
	struct sock *sk;
	__u32 kind;
	__u16 node;

	if (!file || !task)
		return 0;
	socket = bpf_sock_from_file(file);
	sk = socket ? socket->sk : NULL;
	if (!sk || !is_shared(sk))
		return 0;
	kind = channel_kind_of_sock(sk, SOCK_STREAM);
	if (!channel_is_network(kind))
		return 0;
	node = node_of_task(task);
	if (!node)
		return 0;
	if (kind == CHANNEL_TCP)
		snapshot_tcp(sk, node);
	else
		claim(sk, inode_of_sock(sk), node);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
