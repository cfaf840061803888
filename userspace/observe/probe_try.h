/* SPDX-License-Identifier: GPL-2.0-only */
/* The single attempts behind probe.h. Each returns 0 or -errno and may write what it found. */
#ifndef CUTSET_OBSERVE_PROBE_TRY_H
#define CUTSET_OBSERVE_PROBE_TRY_H

#include <stddef.h>

/* probe.c: files and sockets */
int try_privilege(char *detail, size_t size);
int try_cgroup(char *detail, size_t size);
int try_docker(char *detail, size_t size);
int try_io_uring(char *detail, size_t size);

/* probe_bpf.c */
int try_btf(char *detail, size_t size);
int try_tp_btf(char *detail, size_t size);
int try_fentry(char *detail, size_t size);
int try_variable(const char *name); /* can a program read this variable of each CPU? */
int try_sock_tracepoints(char *detail, size_t size);
int try_ring_buffer(char *detail, size_t size);
int try_task_storage(char *detail, size_t size);
int try_task_file(char *detail, size_t size);
int try_programs(char *detail, size_t size);
/* A classifier that lets everything pass: its fd, or -errno. */
int probe_classifier(void);

/* probe_net.c */
int try_tcx(char *detail, size_t size);
int try_clsact(char *detail, size_t size);
int try_tap(char *detail, size_t size);
int try_chamber(char *detail, size_t size);
int try_fq(char *detail, size_t size);
int try_netem(char *detail, size_t size);

#endif
