// SPDX-License-Identifier: GPL-2.0-only
#include "observe/probe.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/privilege.h"
#include "observe/probe_try.h"
#include "target/cgroup.h"
#include "target/docker.h"

#define KERNEL_ENOTSUPP 524 /* not in libc */

static const struct probe {
	const char *id, *title;
	enum probe_need need;
	int (*try)(char *detail, size_t size);
	const char *good, *bad, *mend;
} probes[] = {
	{ "privilege", "privilege", PROBE_NEEDED, try_privilege,
	  "may load programs and enter namespaces", "may not load programs or enter namespaces",
	  "run as root, or grant what is missing" },
	{ "btf", "BTF", PROBE_NEEDED, try_btf, "one build fits this kernel",
	  "programs cannot be fitted to this kernel", "use a kernel with CONFIG_DEBUG_INFO_BTF=y" },
	{ "tp_btf", "tp_btf", PROBE_NEEDED, try_tp_btf, "system calls can be observed",
	  "system calls cannot be observed", "use a kernel of 5.11 or later with CONFIG_BPF_SYSCALL=y" },
	{ "ring_buffer", "ring buffer", PROBE_NEEDED, try_ring_buffer, "events come out in order",
	  "events cannot be taken out", "use a kernel of 5.8 or later" },
	{ "task_storage", "task storage", PROBE_NEEDED, try_task_storage,
	  "the node of a thread is remembered", "the node of a thread cannot be remembered",
	  "use a kernel of 5.11 or later" },
	{ "task_file", "socket snapshot", PROBE_NEEDED, try_task_file,
	  "connections that are open already are found",
	  "connections that are open already are not found", "use a kernel of 5.8 or later" },
	{ "programs", "programs", PROBE_NEEDED, try_programs, "cutset's own pass this kernel's verifier",
	  "this kernel's verifier refuses cutset's own",
	  "tell us the kernel and what `cutset --debug=bpf doctor` prints" },
	{ "tcx", "tcx", PROBE_CUTTER, try_tcx, "cuts vanish with the process",
	  "clsact is used instead; `cutset cleanup` after a crash", "use a kernel of 6.6 or later" },
	{ "clsact", "clsact", PROBE_CUTTER, try_clsact, "the fallback where tcx is missing",
	  "no fallback where tcx is missing", "use a kernel with CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF" },
	{ "tap", "TAP device", PROBE_HELPS, try_tap, "the tap engine for finite delays, the default",
	  "no tap engine", "modprobe tun" },
	{ "chamber", "veth and tbf", PROBE_HELPS, try_chamber,
	  "the chamber engine: more exact, costs CPU time while it holds", "no chamber engine",
	  "modprobe veth; modprobe sch_tbf" },
	{ "fentry", "fentry", PROBE_HELPS, try_fentry,
	  "threads that share a socket are told apart before 6.16; CUTSET_BACKEND=functions is possible",
	  "tracepoints are used; from 6.16 nothing is lost by it", NULL },
	{ "sock_tracepoints", "socket tracepoints", PROBE_HELPS, try_sock_tracepoints,
	  "io_uring traffic can be seen", "io_uring traffic of targets is not seen",
	  "use a kernel of 6.3 or later" },
	{ "io_uring", "io_uring", PROBE_HELPS, try_io_uring,
	  "targets may use it; only socket tracepoints see that", "targets cannot use it either", NULL },
	{ "fq", "fq qdisc", PROBE_HELPS, try_fq, "the edt engine; it lets nothing go early", "no edt engine",
	  "modprobe sch_fq" },
	{ "netem", "netem qdisc", PROBE_HELPS, try_netem, "for comparison, cutset does not use it",
	  "cutset does not use it", NULL },
	{ "cgroup", "cgroup v2", PROBE_HELPS, try_cgroup, "containers and cgroups can be targets",
	  "only pid: and pgid: can be targets",
	  "mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified" },
	{ "docker", "Docker", PROBE_HELPS, try_docker, "docker: and compose: can be targets",
	  "docker: and compose: cannot be targets",
	  "start dockerd, be root or in the group docker, or set DOCKER_HOST=unix:///PATH" },
};

size_t probe__cnt(void)
{
	return sizeof(probes) / sizeof(probes[0]);
}

static void say_why(int failed, char *detail, size_t size)
{
	if (*detail)
		return;
	if (failed == -KERNEL_ENOTSUPP)
		snprintf(detail, size, "Operation not supported by this kernel");
	else
		snprintf(detail, size, "%s", strerror(-failed));
}

/* Without privilege everything fails, and says nothing of the kernel. */
static const char *how_to_mend(const struct probe *probe, int failed)
{
	char ignored[200] = "";

	if (failed == -EPERM && probe->try != try_privilege && try_privilege(ignored, sizeof(ignored)))
		return "get the privilege first";
	return probe->mend;
}

void probe__try(size_t i, struct probe_result *ret)
{
	const struct probe *probe = &probes[i];
	libbpf_print_fn_t talk = libbpf_set_print(NULL);
	int failed;

	*ret = (struct probe_result){ .id = probe->id, .title = probe->title, .need = probe->need };
	failed = probe->try(ret->detail, sizeof(ret->detail));
	libbpf_set_print(talk);
	if (failed)
		say_why(failed, ret->detail, sizeof(ret->detail));
	ret->ok = !failed;
	ret->meaning = failed ? probe->bad : probe->good;
	ret->mend = failed ? how_to_mend(probe, failed) : NULL;
}

bool probe__enough(const struct probe_result *results, size_t cnt)
{
	bool cutter = false;

	for (size_t i = 0; i < cnt; i++) {
		if (results[i].need == PROBE_NEEDED && !results[i].ok)
			return false;
		cutter |= results[i].need == PROBE_CUTTER && results[i].ok;
	}
	return cutter;
}

const char *probe__need_name(enum probe_need need)
{
	static const char *const names[] = { "needed", "one-of", "optional" };

	return names[need];
}

int try_privilege(char *detail, size_t size)
{
	char missing[200];

	if (privilege__missing(JOB_INJECT, missing, sizeof(missing))) {
		snprintf(detail, size, "no %.190s", missing);
		return -EPERM;
	}
	snprintf(detail, size, geteuid() ? "capabilities" : "root");
	return 0;
}

int try_cgroup(char *detail, size_t size)
{
	struct cgroup_mount mount;
	struct err err = { 0 };

	if (cgroup__mount(&mount, &err)) {
		snprintf(detail, size, "%.*s", (int)size - 1, err.msg);
		return -EIO;
	}
	snprintf(detail, size, "layout %s%s%.120s", cgroup__layout_name(mount.layout),
		 mount.path[0] ? ", v2 at " : "", mount.path);
	return cgroup__check(&mount, NULL) ? -ENOENT : 0;
}

int try_docker(char *detail, size_t size)
{
	struct err err = { 0 };
	struct docker *docker = docker__new(&err);
	int failed = docker ? docker__version(docker, detail, size, &err) : -1;

	if (failed)
		snprintf(detail, size, "%.*s", (int)strcspn(err.msg, ";"), err.msg);
	docker__free(docker);
	return failed ? -ENOENT : 0;
}

int try_io_uring(char *detail, size_t size)
{
	struct io_uring_params params = { 0 };
	int fd = syscall(SYS_io_uring_setup, 1, &params);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}
