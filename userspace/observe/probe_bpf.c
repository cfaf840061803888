// SPDX-License-Identifier: GPL-2.0-only
#include "observe/probe_try.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "observe/kernel.h"

#define INSN(c, d, s, o, i) ((struct bpf_insn){ .code = c, .dst_reg = d, .src_reg = s, .off = o, .imm = i })
#define MOV_IMM(dst, imm) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define MOV_REG(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define LD_MAP(dst, pseudo, fd) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, dst, pseudo, 0, fd), INSN(0, 0, 0, 0, 0)
#define ATOMIC_ADD(dst, src) INSN(BPF_STX | BPF_ATOMIC | BPF_DW, dst, src, 0, BPF_ADD)
#define CALL(id) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, id)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int load(enum bpf_prog_type type, enum bpf_attach_type attach, int btf_id,
		const struct bpf_insn *insns, size_t cnt)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		    .attach_btf_id = btf_id);
	int fd = bpf_prog_load(type, "cutset_probe", "GPL", insns, cnt, &opts);

	return fd < 0 ? -errno : fd;
}

int probe_classifier(void)
{
	const struct bpf_insn pass[] = { MOV_IMM(BPF_REG_0, -1), EXIT() };

	return load(BPF_PROG_TYPE_SCHED_CLS, 0, 0, pass, 2);
}

int try_btf(char *detail, size_t size)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return -errno;
	snprintf(detail, size, "%u types", btf__type_cnt(btf) - 1);
	btf__free(btf);
	return 0;
}

/* Attach a program that counts in the only element of @map_fd; closing *ret_link detaches. */
static int attach_counter(const char *name, enum bpf_attach_type attach, int map_fd, int *ret_link)
{
	const struct bpf_insn count[] = {
		LD_MAP(BPF_REG_1, BPF_PSEUDO_MAP_VALUE, map_fd), MOV_IMM(BPF_REG_2, 1),
		ATOMIC_ADD(BPF_REG_1, BPF_REG_2),		 MOV_IMM(BPF_REG_0, 0), EXIT(),
	};
	int btf_id = libbpf_find_vmlinux_btf_id(name, attach), prog, link;

	if (btf_id < 0)
		return btf_id;
	prog = load(BPF_PROG_TYPE_TRACING, attach, btf_id, count, sizeof(count) / sizeof(count[0]));
	if (prog < 0)
		return prog;
	link = bpf_raw_tracepoint_open(NULL, prog);
	close(prog);
	if (link < 0)
		return -errno;
	*ret_link = link;
	return 0;
}

static int attach_and_count(const char *name, enum bpf_attach_type attach, uint64_t *ret_cnt)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "cutset_probe", 4, 8, 1, NULL), link = -1, failed;
	uint32_t zero = 0;

	if (map < 0)
		return -errno;
	failed = attach_counter(name, attach, map, &link);
	if (!failed) {
		syscall(SYS_getppid); /* something to count */
		close(link);
		if (bpf_map_lookup_elem(map, &zero, ret_cnt))
			failed = -errno;
	}
	close(map);
	return failed;
}

int try_tp_btf(char *detail, size_t size)
{
	uint64_t cnt = 0;
	int failed = attach_and_count("sys_exit", BPF_TRACE_RAW_TP, &cnt);

	if (!failed && !cnt) {
		snprintf(detail, size, "attached, but never ran");
		return -EIO;
	}
	return failed;
}

int try_fentry(char *detail, size_t size)
{
	uint64_t cnt;

	return attach_and_count("tcp_sendmsg", BPF_TRACE_FENTRY, &cnt);
}

int try_variable(const char *name)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf ? btf__find_by_name_kind(btf, name, BTF_KIND_VAR) : -ENOENT, fd;
	struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .src_reg = BPF_PSEUDO_BTF_ID, .imm = id },
		{},
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	btf__free(btf);
	if (id < 0)
		return -ENOENT;
	fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "cutset_probe", "GPL", insns,
			   sizeof(insns) / sizeof(insns[0]), NULL);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int try_sock_tracepoints(char *detail, size_t size)
{
	uint64_t cnt;
	int failed = attach_and_count("sock_send_length", BPF_TRACE_RAW_TP, &cnt);

	return failed ? failed : attach_and_count("sock_recv_length", BPF_TRACE_RAW_TP, &cnt);
}

static int ignore(void *ctx, void *data, size_t size)
{
	return 0;
}

int try_ring_buffer(char *detail, size_t size)
{
	int map = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "cutset_probe", 0, 0, getpagesize(), NULL);
	struct ring_buffer *ring;

	if (map < 0)
		return -errno;
	ring = ring_buffer__new(map, ignore, NULL, NULL);
	if (!ring) {
		int failed = -errno;

		close(map);
		return failed;
	}
	ring_buffer__free(ring);
	close(map);
	return 0;
}

/* Task storage wants to know its types: BTF with an int for the key and the value. */
static int task_storage_map(void)
{
	struct btf *btf = btf__new_empty();
	int id, map = -1;

	if (!btf)
		return -errno;
	id = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	if (id > 0 && !btf__load_into_kernel(btf)) {
		LIBBPF_OPTS(bpf_map_create_opts, opts, .btf_fd = btf__fd(btf),
			    .btf_key_type_id = id, .btf_value_type_id = id,
			    .map_flags = BPF_F_NO_PREALLOC);
		map = bpf_map_create(BPF_MAP_TYPE_TASK_STORAGE, "cutset_probe", 4, 4, 0, &opts);
	}
	if (map < 0)
		map = errno ? -errno : -EINVAL;
	btf__free(btf);
	return map;
}

int try_task_storage(char *detail, size_t size)
{
	int map = task_storage_map(), btf_id, prog;

	if (map < 0)
		return map;
	const struct bpf_insn get[] = {
		CALL(BPF_FUNC_get_current_task_btf), MOV_REG(BPF_REG_2, BPF_REG_0),
		LD_MAP(BPF_REG_1, BPF_PSEUDO_MAP_FD, map), MOV_IMM(BPF_REG_3, 0),
		MOV_IMM(BPF_REG_4, BPF_LOCAL_STORAGE_GET_F_CREATE), CALL(BPF_FUNC_task_storage_get),
		MOV_IMM(BPF_REG_0, 0), EXIT(),
	};
	btf_id = libbpf_find_vmlinux_btf_id("sys_exit", BPF_TRACE_RAW_TP);
	prog = btf_id < 0 ? btf_id : load(BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, btf_id, get,
					  sizeof(get) / sizeof(get[0]));
	close(map);
	if (prog < 0)
		return prog;
	close(prog);
	return 0;
}

/* Run the iterator once over everything: read to its end. */
static int iterate(int prog)
{
	int link = bpf_link_create(prog, 0, BPF_TRACE_ITER, NULL), iter, failed = 0;
	char buf[16];

	if (link < 0)
		return -errno;
	iter = bpf_iter_create(link);
	if (iter < 0 || read(iter, buf, sizeof(buf)) < 0)
		failed = -errno;
	if (iter >= 0)
		close(iter);
	close(link);
	return failed;
}

int try_task_file(char *detail, size_t size)
{
	const struct bpf_insn nothing[] = { MOV_IMM(BPF_REG_0, 0), EXIT() };
	int btf_id = libbpf_find_vmlinux_btf_id("task_file", BPF_TRACE_ITER), prog, failed;

	if (btf_id < 0)
		return btf_id;
	prog = load(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, btf_id, nothing, 2);
	if (prog < 0)
		return prog;
	failed = iterate(prog);
	close(prog);
	return failed;
}

/* With payload: the verifier walks more of them than without. */
int try_programs(char *detail, size_t size)
{
	const struct kernel_opts opts = { .payload_bytes = MAX_PAYLOAD, .cut = true, .recognise = true };
	struct err err = {};
	struct kernel *kernel = kernel__open(&opts, &err);

	if (!kernel) {
		snprintf(detail, size, "%.*s", (int)strcspn(err.msg, ";"), err.msg);
		return -EIO;
	}
	kernel__close(kernel);
	return 0;
}
