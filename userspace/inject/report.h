/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of each fault: the kernel's counters, read and put into words. */
#ifndef CUTSET_INJECT_REPORT_H
#define CUTSET_INJECT_REPORT_H

#include "inject/injector.h"

struct cutset_bpf;

/* All counters to zero. */
int report__reset(struct cutset_bpf *skel, struct err *err);

/* @reports has room for the set's count. */
int report__read(struct cutset_bpf *skel, const struct fault_set *faults,
		 const struct name_table *names, struct fault_report *reports, struct err *err);

#endif
