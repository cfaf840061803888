#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A search that takes long says how far it is, on a terminal only, and ends with SIGINT or SIGTERM: the best sets so
# far are printed, and that they are not all. However many sets there are, no more are kept than are asked for.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq script timeout
make_trace=$B/tests/bench/make_trace
for seed in $(seq 20); do
	"$make_trace" "$work/$seed.trace" 8000 12 400 "$seed"
done
# millions of sets, of which all are to be printed: minutes
long="$cutset --json solve $work/*.trace --faults link=any,loss=any --max 1000000"

for signal in INT TERM; do
	status=0
	timeout -s $signal 2 $long >"$work/$signal.json" 2>"$work/err" || status=$?
	same "exit code after SIG$signal" 124 "$status" # timeout's own: the signal was needed
	[ ! -s "$work/err" ] || fail "it talks where no terminal is: $(cat "$work/err")"
	jq -e '.interrupted and .more and (.complete | not) and (.cuts | length > 0) and
		all(.cuts | group_by(.faults | length)[] | map(.score); . == (sort | reverse))' \
		"$work/$signal.json" >/dev/null || fail "SIG$signal: $(head -c 1000 "$work/$signal.json")"
done
status=0
timeout --preserve-status -s INT 2 $long >"$work/out" || status=$?
same "exit code of the interrupted program" 4 "$status"
status=0
timeout --preserve-status -s INT 2 ${long/--json/} >"$work/out" 2>"$work/err" || status=$?
same "exit code of the interrupted program" 4 "$status"
grep -q '^[01]\.[0-9]*  {.*}$' "$work/out" || fail "no set: $(head "$work/out")"
same "what it says" "cutset: interrupted: there may be more, and better ones" "$(cat "$work/err")"

# a terminal gets a line, and it is gone in the end
script -qec "timeout --foreground -s INT 3 $long >/dev/null" "$work/typescript" >/dev/null || :
tr '\r' '\n' <"$work/typescript" | grep -Eq 'sets of [0-9]+ faults: [0-9]+ nodes in [12] s, [0-9]+ found, the best 0\.[0-9]+;' ||
	fail "no progress: $(cat -v "$work/typescript")"
tail -c 200 "$work/typescript" | tr -d '\n' | grep -Pq '\r\e\[K[^\r\e]*$' ||
	fail "the line stays: $(cat -v "$work/typescript")"

# the same sets, but a hundred of them in the memory of a hundred
(
	ulimit -v 200000
	${long/1000000/100} >"$work/best.json"
) || fail "it takes more than 200 MB"
jq -e '(.cuts | length == 100) and .more and .complete and (.interrupted | not)' "$work/best.json" >/dev/null ||
	fail "the best hundred: $(head -c 1000 "$work/best.json")"
