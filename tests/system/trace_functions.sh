#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# The back-end of fentry and fexit sees on a wire what the tracepoints see.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq
"$cutset" doctor --json >"$work/doctor.json" || :
[ "$(jq -r '.probes[] | select(.id == "fentry").ok' "$work/doctor.json")" = true ] ||
	skip "this kernel has no fentry"
CUTSET_BACKEND=functions "$top/tests/system/trace_wire.sh"
