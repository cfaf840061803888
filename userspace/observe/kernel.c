// SPDX-License-Identifier: GPL-2.0-only
#include "observe/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/log.h"
#include "cutset.skel.h"
#include "observe/backend.h"
#include "target/process.h"
#include "target/share.h"

#define DEFAULT_RING_BYTES (16U << 20)

struct kernel {
	struct cutset_bpf *skel;
	struct backend backend;
	size_t payload_bytes;
};

static int libbpf_log(enum libbpf_print_level level, const char *fmt, va_list args)
{
	enum log_level ours = level == LIBBPF_WARN ? LOG_VERBOSE : LOG_DEBUG;
	char *line;
	int len;

	if (!log__on(ours, LOG_BPF))
		return 0;
	len = vasprintf(&line, fmt, args);
	if (len < 0)
		return 0;
	while (len && line[len - 1] == '\n')
		line[--len] = 0;
	log__print(ours, LOG_BPF, "%s", line);
	free(line);
	return 0;
}

static int fail_to_load(int err_no, struct err *err)
{
	if (geteuid())
		return err__set(err, EXIT_MACHINE,
				"cannot load the tracing programs: %s; run as root or grant CAP_BPF, "
				"CAP_PERFMON and CAP_NET_ADMIN",
				strerror(err_no));
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return err__set(err, EXIT_MACHINE,
				"cannot load the tracing programs: this kernel has no BTF "
				"(/sys/kernel/btf/vmlinux); boot one built with CONFIG_DEBUG_INFO_BTF");
	return err__set(err, EXIT_MACHINE,
			"cannot load the tracing programs: %s; `cutset doctor` tells what this kernel "
			"lacks, --debug=bpf what the verifier said",
			strerror(err_no));
}

/* Channels are named by scrambled kernel addresses; without randomness they are just scrambled less. */
static void set_secret(struct cutset_bpf *skel)
{
	__u64 secret = 0;

	if (getrandom(&secret, sizeof(secret), GRND_NONBLOCK) != sizeof(secret))
		secret = 0x2545f4914f6cdd1dULL;
	skel->rodata->name_secret = secret;
}

struct kernel *kernel__open(const struct kernel_opts *opts, struct err *err)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	char text[100];
	int ret;

	if (!kernel) {
		err__set(err, EXIT_MACHINE, "out of memory");
		return NULL;
	}
	libbpf_set_print(libbpf_log);
	if (backend__choose(&kernel->backend, err))
		goto free_kernel;
	log__verbose("back-end: %s", backend__text(&kernel->backend, text, sizeof(text)));
	kernel->payload_bytes = opts->payload_bytes > MAX_PAYLOAD ? MAX_PAYLOAD : opts->payload_bytes;
	kernel->skel = cutset_bpf__open();
	if (!kernel->skel) {
		fail_to_load(errno, err);
		goto free_kernel;
	}
	kernel->skel->rodata->payload_max = kernel->payload_bytes;
	backend__fit(&kernel->backend, opts->recognise, kernel->skel);
	bpf_program__set_autoload(kernel->skel->progs.cut_egress, opts->cut);
	bpf_program__set_autoload(kernel->skel->progs.cut_ingress, opts->cut);
	bpf_program__set_autoload(kernel->skel->progs.cut_shared_egress, opts->cut);
	bpf_program__set_autoload(kernel->skel->progs.cut_shared_ingress, opts->cut);
	bpf_program__set_autoload(kernel->skel->progs.cut_release, opts->cut);
	bpf_program__set_autoload(kernel->skel->progs.cut_chamber, opts->cut);
	bpf_program__set_autoload(kernel->skel->progs.cut_return, opts->cut);
	bpf_program__set_autoload(kernel->skel->progs.cut_schedule, opts->cut);
	bpf_program__set_autoload(kernel->skel->progs.owner_state, opts->cut);
	bpf_program__set_autoload(kernel->skel->progs.owner_file, opts->cut);
	kernel->skel->rodata->sees_uring = bpf_program__autoload(kernel->skel->progs.position_uring);
	set_secret(kernel->skel);
	ret = bpf_map__set_max_entries(kernel->skel->maps.ring,
				       opts->ring_bytes ? opts->ring_bytes : DEFAULT_RING_BYTES);
	if (!ret)
		ret = cutset_bpf__load(kernel->skel);
	if (ret) {
		fail_to_load(-ret, err);
		goto free_kernel;
	}
	if (backend__connect(kernel->skel, err))
		goto free_kernel;
	kernel->skel->bss->control.generation = 1;
	return kernel;
free_kernel:
	kernel__close(kernel);
	return NULL;
}

struct cutset_bpf *kernel__skel(struct kernel *kernel)
{
	return kernel->skel;
}

size_t kernel__payload_bytes(const struct kernel *kernel)
{
	return kernel->payload_bytes;
}

volatile struct control *kernel__control(struct kernel *kernel)
{
	return &kernel->skel->bss->control;
}

static int map_put(const struct bpf_map *map, const void *key, const void *value, const char *what,
		   const char *node, struct err *err)
{
	if (!bpf_map_update_elem(bpf_map__fd(map), key, value, BPF_ANY))
		return 0;
	return err__set(err, EXIT_MACHINE, "cannot tell the kernel the %s of %s: %s", what, node,
			strerror(errno));
}

static int add_level(struct cutset_bpf *skel, uint32_t level, struct err *err)
{
	struct levels *levels = &skel->bss->levels;

	for (uint32_t i = 0; i < levels->cnt; i++)
		if (levels->level[i] == level)
			return 0;
	if (levels->cnt == sizeof(levels->level) / sizeof(levels->level[0]))
		return err__set(err, EXIT_USAGE,
				"the targets' cgroups lie at more than %zu different depths; name "
				"fewer of them, or cgroups of equal depth",
				sizeof(levels->level) / sizeof(levels->level[0]));
	levels->level[levels->cnt] = level;
	levels->cnt++;
	return 0;
}

/* One that has ended meanwhile is left out: its number may be another's soon. */
static int set_process(struct cutset_bpf *skel, pid_t pid, const struct node *node, struct err *err)
{
	struct member member = { .node = node->id };
	struct process process;
	uint32_t tgid = pid;

	if (process__read(pid, &process))
		return 0;
	member.start = process.start;
	return map_put(skel->maps.processes, &tgid, &member, "process", node->name, err);
}

static int set_cgroup(struct cutset_bpf *skel, const struct node *node, struct err *err)
{
	if (add_level(skel, node->cgroup_level, err) ||
	    map_put(skel->maps.cgroups, &node->cgroup_id, &node->id, "cgroup", node->name, err))
		return -1;
	return node->cgroup_path[0] ? map_put(skel->maps.cgroup_paths, node->cgroup_path, &node->id,
					      "cgroup's path", node->name, err) :
				      0;
}

static bool is_cgroup(const struct node *node)
{
	return node->kind == TARGET_DOCKER || node->kind == TARGET_CGROUP;
}

static int set_node(struct cutset_bpf *skel, const struct node *node, struct err *err)
{
	struct node_state state = { .flags = node->client ? NODE_IS_CLIENT : 0 };
	const uint32_t shared = skel->bss->control.shared_netns;
	const uint16_t owner = shared && node->netns == shared ? NODE_SHARED : node->id;
	uint32_t id = node->id;

	if (map_put(skel->maps.node_states, &id, &state, "role", node->name, err))
		return -1;
	if (is_cgroup(node)) {
		if (set_cgroup(skel, node, err))
			return -1;
	} else {
		for (size_t i = 0; i < node->pid_cnt; i++)
			if (set_process(skel, node->pids[i], node, err))
				return -1;
	}
	for (size_t i = 0; i < node->addr_cnt; i++)
		if (map_put(skel->maps.addresses, &node->addrs[i], &owner, "address",
			    node->name, err))
			return -1;
	return 0;
}

/* Take out what is in the map and not of a node any more; what stays was never away. */
static void forget(const struct bpf_map *map, const struct nodes *nodes,
		   bool (*holds)(const struct node *node, const void *key))
{
	int fd = bpf_map__fd(map), more;
	unsigned char key[CGROUP_PATH_BYTES], next[CGROUP_PATH_BYTES]; /* the longest */
	bool held;

	for (more = !bpf_map_get_next_key(fd, NULL, key); more; memcpy(key, next, sizeof(key))) {
		more = !bpf_map_get_next_key(fd, key, next);
		held = false;
		for (size_t i = 0; i < nodes->cnt && !held; i++)
			held = holds(&nodes->v[i], key);
		if (!held)
			bpf_map_delete_elem(fd, key);
	}
}

static bool has_cgroup(const struct node *node, const void *key)
{
	return is_cgroup(node) && !memcmp(&node->cgroup_id, key, sizeof(node->cgroup_id));
}

static bool has_cgroup_path(const struct node *node, const void *key)
{
	return is_cgroup(node) && !memcmp(node->cgroup_path, key, sizeof(node->cgroup_path));
}

static bool has_address(const struct node *node, const void *key)
{
	for (size_t i = 0; i < node->addr_cnt; i++)
		if (!memcmp(&node->addrs[i], key, sizeof(node->addrs[i])))
			return true;
	return false;
}

int kernel__set_nodes(struct kernel *kernel, const struct nodes *nodes, struct err *err)
{
	struct cutset_bpf *skel = kernel->skel;

	skel->bss->control.shared_netns = share__netns(nodes);
	for (size_t i = 0; i < nodes->cnt; i++)
		if (set_node(skel, &nodes->v[i], err))
			return -1;
	forget(skel->maps.cgroups, nodes, has_cgroup);
	forget(skel->maps.cgroup_paths, nodes, has_cgroup_path);
	forget(skel->maps.addresses, nodes, has_address);
	__atomic_fetch_add(&skel->bss->control.generation, 1, __ATOMIC_SEQ_CST);
	return 0;
}

bool kernel__knows(struct kernel *kernel, const struct node *node)
{
	struct cutset_bpf *skel = kernel->skel;
	uint32_t tgid = node->pid_cnt ? node->pids[0] : 0;
	struct member member;
	uint16_t id;

	if (node->kind == TARGET_COMMANDS)
		return true;
	if (is_cgroup(node))
		return !bpf_map_lookup_elem(bpf_map__fd(skel->maps.cgroups), &node->cgroup_id, &id) &&
		       id == node->id;
	return !bpf_map_lookup_elem(bpf_map__fd(skel->maps.processes), &tgid, &member) &&
	       member.node == node->id && (!member.start || member.start == node->start);
}

int kernel__add_process(struct kernel *kernel, pid_t pid, uint16_t node, struct err *err)
{
	struct member member = { .node = node };
	uint32_t tgid = pid;

	if (map_put(kernel->skel->maps.processes, &tgid, &member, "process", "a command", err))
		return -1;
	__atomic_fetch_add(&kernel->skel->bss->control.generation, 1, __ATOMIC_SEQ_CST);
	return 0;
}

void kernel__reset_clock(struct kernel *kernel)
{
	int fd = bpf_map__fd(kernel->skel->maps.node_states);
	struct control *control = &kernel->skel->bss->control;
	struct node_state state;

	__atomic_store_n(&control->counting, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&control->now, NOW_IDLE, __ATOMIC_SEQ_CST);
	for (uint32_t id = 0; id < MAX_NODES; id++) {
		if (bpf_map_lookup_elem(fd, &id, &state) || !state.received)
			continue;
		state.received = 0;
		bpf_map_update_elem(fd, &id, &state, BPF_ANY);
	}
}

void kernel__close(struct kernel *kernel)
{
	if (!kernel)
		return;
	cutset_bpf__destroy(kernel->skel);
	free(kernel);
}
