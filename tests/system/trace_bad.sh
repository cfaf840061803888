#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Traces as they should not be: of a later version, without an event, with a node that never spoke, with a
# clock that goes back, cut off anywhere. One clear message and exit code 2, or what is there, and named
# what is missing.
# vm: yes
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq
"$B/tests/system/bad_traces" "$work"
cd "$work"

# run COMMAND...: the exit code to $code; it neither crashes nor hangs
run() {
	code=0
	timeout 60 "$cutset" "$@" >out 2>err || code=$?
	[ "$code" -lt 124 ] || fail "$*: exit code $code: $(cat err)"
}

# says CODE TEXT COMMAND...: no output, one line on stderr that names the file once
says() {
	local want=$1 text=$2
	shift 2
	run "$@"
	same "exit code of $*" "$want" "$code"
	[ ! -s out ] || fail "$*: wrote $(head -1 out)"
	same "lines of $*" 1 "$(wc -l <err)"
	same "$*" "cutset: $text" "$(cat err)"
}

# shows FILE JQ
shows() {
	run show --json "$1"
	jq -e "$2" out >/dev/null && [ "$code" -eq 0 ] || fail "show $1: $(cat out err)"
}

solve="solve --faults silence=1,link=2"

shows good.trace '.complete and .backward == 0 and .receives == .matched and .receives > 3000'
run lineage --json good.trace
jq -e '.sound and (.members | length) > 500' out >/dev/null || fail "lineage good.trace: $(head -c 500 out)"

for command in show lineage export "$solve"; do
	read -ra words <<<"$command"
	run "${words[@]}" newer.trace
	[ "$code" -eq 2 ] && grep -q '^cutset: newer.trace: written by a newer cutset (format [0-9]*, this one reads [0-9]*)$' err &&
		[ ! -s out ] || fail "$command of a newer version: $code $(cat out err)"
done

shows empty.trace '.complete and .events == 0 and .nodes == 2'
says 2 "empty.trace: the trace has no workload phase" lineage empty.trace
says 2 "empty.trace: the trace has no workload phase" $solve empty.trace
run export empty.trace
same "records of none" "meta ledger" "$(jq -r .kind out | xargs)"

shows silent.trace '.complete and .messages == 0 and .nodes == 3'
run lineage --json silent.trace
jq -e '.sound and .members == []' out >/dev/null || fail "lineage silent.trace: $(cat out err)"
run $solve silent.trace
[ "$code" -eq 2 ] && grep -q 'rested on no message' err || fail "solve silent.trace: $(cat out err)"

# every byte has its sender all the same; nothing that rests on times is called sound
for trace in leap early; do
	shows $trace.trace '(.complete | not) and .backward > 0 and .lost == 0 and .holes == 0 and .receives == .matched'
	run show $trace.trace
	grep -q "^not complete: a thread's clock went back, [0-9]* times$" out || fail "show $trace.trace: $(tail -1 out)"
	run lineage --json $trace.trace
	jq -e '.sound | not' out >/dev/null || fail "lineage $trace.trace is sound"
	run $solve $trace.trace
	grep -q 'no proof$' err || fail "solve $trace.trace: $(cat err)"
done

# the same, or what came before, and the more the later it was cut off
last=0 whole=$(jq .events <<<"$("$cutset" show --json good.trace)")
for cut in $(seq 0 3 63); do
	run show cut-$cut.trace
	if [ "$code" -eq 2 ]; then
		[ "$last" -eq 0 ] || fail "cut-$cut: less than from a shorter file"
		grep -Eq '^cutset: cut-[0-9]+.trace: (cut off before its first record|not a cutset trace, it is empty)$' err ||
			fail "cut-$cut: $(cat err)"
		says 2 "$(sed 's/^cutset: //' err)" export cut-$cut.trace
		continue
	fi
	run show --json cut-$cut.trace
	jq -e --argjson last "$last" --argjson whole "$whole" '(.whole or .complete | not) and .events >= $last and
		.events <= $whole' out >/dev/null || fail "cut-$cut: $(cat out err)"
	last=$(jq .events out)
	run export cut-$cut.trace
	same "records of cut-$cut" $((last + 2)) "$(wc -l <out)"
done
[ "$last" -gt $((whole / 2)) ] || fail "of the longest only $last events are left"
echo "cut off at its end: $last of $whole events"
