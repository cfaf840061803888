#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 300
# `make bench-trace`, `make bench-inject` and `make bench-solve` run to their ends and write every measure whole;
# their figures are of no interest here.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs make gcc jq redis-server redis-benchmark strace python3
[ -e "$top/Kbuild" ] || skip "the sources are not here"
stats=$(cat /proc/sys/kernel/bpf_stats_enabled)

make -s -C "$top" bench-trace BENCH_QUICK=1 >"$work/out" 2>"$work/err" || fail "$(tail -n 20 "$work/err")"
same "kernel.bpf_stats_enabled" "$stats" "$(cat /proc/sys/kernel/bpf_stats_enabled)"
whole() { # FILE
	jq -e 'length > 0 and all(.[];
		(.name | type == "string") and (.unit | type == "string") and
		(.ours | type == "number") and (.pairs | . >= 1) and
		(.baseline | . == null or . > 0) and (.ratio | . == null or . > 0) and
		((.goal == null) == (.met == null)) and (.rivals | type == "object") and
		all(.rivals[]; (.value | type == "number") or (.unable | type == "string")))' "$1" >/dev/null ||
		fail "a measure is not whole: $(cat "$1")"
}
result=$B/bench/trace.json
whole "$result"
# every part of it is there, with its rivals, and what was traced was seen
jq -e 'def one($pattern): [.[] | select(.name | test($pattern))] | length > 0;
	(["saturated, server traced", "server and client", "p99", "^a send or receive by TCP, in a node",
	  "^programs. time, unrelated", "^events without loss", "^show of .*peak", "^lineage of"] as $all |
	 [.[] | .name] as $names | all($all[]; . as $part | any($names[]; test($part)))) and
	(map(select(.name | test("saturated, server traced"))) | length == 2 and
	 all(.[]; (.rivals | has("strace") and has("bpftrace")) and .rivals.strace.value > 0)) and
	all(.[] | select(.name | test("trace on disk")); .ours > 1 and .ours < 64)' "$result" >/dev/null ||
	fail "a part is missing: $(cat "$result")"
grep -q '^redis SET, saturated, server traced' "$work/out" || fail "no table: $(cat "$work/out")"

make -s -C "$top" bench-inject BENCH_QUICK=1 >"$work/out" 2>&1 || fail "$(tail -n 20 "$work/out")"
jq -e 'group_by(.engine) | length > 0 and all(.[]; length == 9) and (flatten | any(.engine == "tap") and
	all(if .stream then .megabytes_per_second > 0 else .packets > 0 and .p50_error_us >= 0 and
	.p99_error_us >= .p50_error_us and (.softirq_share | type == "number") end and
	(.cpu_share | type == "number") and (.retransmits | type == "number")))' \
	"$B/bench/inject.json" >/dev/null || fail "inject: $(cat "$B/bench/inject.json")"

make -s -C "$top" bench-solve BENCH_QUICK=1 >"$work/out" 2>&1 || fail "$(tail -n 20 "$work/out")"
result=$B/bench/solve.json
whole "$result"
# all four k of the small instance, what enumerates beside it, and both large ones with their memory and a first set
jq -e '([.[] | select(.name | test("^all minimal cut sets, 1000 messages"))] |
		length == 4 and all(.[]; .rivals | length == 2) and any(.[]; .found > 0) and
		any(.[]; .goal == "ours <= 1")) and
	([.[] | select(.name | test("^best 100, 100000 messages"))] |
		length == 6 and any(.[]; .found == 100 and .more)) and
	([.[] | select(.unit == "MiB" and .ours > 10)] | length == 6) and
	([.[] | select(.name | test("first candidate"))] | any(.[]; .found == 1)) and
	any(.[]; .name | test("^next candidate of a hunt"))' "$result" >/dev/null || fail "solve: $(cat "$result")"
grep -q '^all minimal cut sets, 1000 messages.*k = 3' "$work/out" || fail "no table: $(cat "$work/out")"
