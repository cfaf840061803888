// SPDX-License-Identifier: GPL-2.0-only
#include "observe/backend.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "observe/probe_try.h"
#include "../bpf/rule.h"
#include "cutset.skel.h"

static bool has_tracepoint(const char *name)
{
	return libbpf_find_vmlinux_btf_id(name, BPF_TRACE_RAW_TP) > 0;
}

static bool has_function(const char *name)
{
	return libbpf_find_vmlinux_btf_id(name, BPF_TRACE_FENTRY) > 0;
}

static bool has_trampolines(void)
{
	char detail[200] = "";

	return !try_fentry(detail, sizeof(detail));
}

int backend__choose(struct backend *ret, struct err *err)
{
	const char *wanted = getenv("CUTSET_BACKEND");
	const bool tracepoints = wanted && !strcmp(wanted, "tracepoints");
	const bool functions = wanted && !strcmp(wanted, "functions");
	const bool can = has_trampolines();

	if (wanted && !tracepoints && !functions)
		return err__set(err, EXIT_USAGE,
				"CUTSET_BACKEND=%.40s: write tracepoints or functions, or unset it",
				wanted);
	if (functions && !can)
		return err__set(
			err, EXIT_MACHINE,
			"CUTSET_BACKEND=functions: this kernel has no trampolines for fentry; "
			"unset it, tracepoints are used then");
	ret->functions = functions;
	ret->send_tracepoint = has_tracepoint("tcp_sendmsg_locked");
	ret->send_function = !ret->send_tracepoint && can;
	ret->uring = (ret->send_tracepoint || ret->send_function) &&
		     has_tracepoint("io_uring_submit_req") && has_tracepoint("sock_send_length") &&
		     has_tracepoint("sock_recv_length");
	ret->interrupts = !try_variable("pcpu_hot") || !try_variable("__preempt_count");
	return 0;
}

#define SYSTEM_CALL "__x64_sys_"

static const char *system_call_of(const struct bpf_program *prog)
{
	return strstr(bpf_program__section_name(prog), SYSTEM_CALL);
}

/* The type of a kernel function; 0: there is none, as with system calls that were not built in. */
static uint32_t type_of(const struct btf *btf, const char *function)
{
	int id = btf ? btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) : -1;

	return id > 0 ? btf__type_by_id(btf, id)->type : 0;
}

/* See functions.bpf.c: of each hook's two programs the one whose jump is of the function's type. */
static bool fits(const struct bpf_program *prog, const struct btf *btf)
{
	const bool other = strstr(bpf_program__name(prog), "other") != NULL;
	const uint32_t type = type_of(btf, system_call_of(prog));
	const uint32_t first = type_of(btf, SYSTEM_CALL "write");

	return type && (type != first) == other;
}

static bool is_of_beginning(const struct bpf_program *prog)
{
	return bpf_program__expected_attach_type(prog) == BPF_TRACE_FENTRY;
}

static void fit_functions(bool functions, bool recognise, struct cutset_bpf *skel)
{
	struct btf *btf = functions ? btf__load_vmlinux_btf() : NULL;
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, skel->obj)
		if (system_call_of(prog))
			bpf_program__set_autoload(prog,
						  functions && fits(prog, btf) &&
							  (recognise || !is_of_beginning(prog)));
	btf__free(btf);
}

void backend__fit(const struct backend *backend, bool recognise, struct cutset_bpf *skel)
{
	fit_functions(backend->functions, recognise, skel);
	bpf_program__set_autoload(skel->progs.observe_exit, !backend->functions);
	bpf_program__set_autoload(skel->progs.recognise_enter, recognise && !backend->functions);
	bpf_program__set_autoload(skel->progs.position_send, backend->send_tracepoint);
	bpf_program__set_autoload(skel->progs.position_send_call, backend->send_function);
	bpf_program__set_autoload(skel->progs.position_send_pages,
				  backend->send_function && has_function("do_tcp_sendpages"));
	bpf_program__set_autoload(skel->progs.position_send_waited, backend->send_function);
	bpf_program__set_autoload(skel->progs.position_receive,
				  has_tracepoint("tcp_rcv_space_adjust"));
	bpf_program__set_autoload(skel->progs.handoff_waking, backend->interrupts);
	bpf_program__set_autoload(skel->progs.handoff_waking_any, !backend->interrupts);
	bpf_program__set_autoload(skel->progs.position_uring,
				  has_tracepoint("io_uring_submit_req"));
	bpf_program__set_autoload(skel->progs.position_uring_sent, backend->uring);
	bpf_program__set_autoload(skel->progs.position_uring_taken, backend->uring);
}

static bool is_aim(const struct cutset_bpf *skel, const struct bpf_program *prog)
{
	return prog == skel->progs.recognise_function ||
	       prog == skel->progs.recognise_function_other ||
	       prog == skel->progs.observe_function || prog == skel->progs.observe_function_other;
}

bool backend__attaches(const struct cutset_bpf *skel, const struct bpf_program *prog)
{
	return bpf_program__autoload(prog) && !is_aim(skel, prog);
}

static int aim(const struct bpf_map *jump, const struct bpf_program *to, struct err *err)
{
	int fd = bpf_program__fd(to);
	uint32_t zero = 0;

	if (!bpf_program__autoload(to) ||
	    !bpf_map_update_elem(bpf_map__fd(jump), &zero, &fd, BPF_ANY))
		return 0;
	return err__set(
		err, EXIT_MACHINE,
		"cannot connect the functions' hooks: %s; CUTSET_BACKEND=tracepoints does without",
		strerror(errno));
}

int backend__connect(struct cutset_bpf *skel, struct err *err)
{
	if (aim(skel->maps.jump_to_recognise, skel->progs.recognise_function, err) ||
	    aim(skel->maps.jump_to_recognise_other, skel->progs.recognise_function_other, err) ||
	    aim(skel->maps.jump_to_observe, skel->progs.observe_function, err))
		return -1;
	return aim(skel->maps.jump_to_observe_other, skel->progs.observe_function_other, err);
}

const char *backend__text(const struct backend *backend, char *buf, size_t size)
{
	snprintf(buf, size, "system calls by %s, shared sockets' sends %s, io_uring %s",
		 backend->functions ? "function" : "tracepoint",
		 backend->send_tracepoint ? "placed by tracepoint"
		 : backend->send_function ? "placed by function"
					  : "not told apart",
		 backend->uring ? "recorded over TCP" : "named only");
	return buf;
}
