#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Bytes that move in ways that are not recorded (io_uring, MPTCP, 32-bit system calls, sockmaps; groups
# and segments of UDP, urgent bytes of unix streams) are named: such a trace is not complete. io_uring for files only is nobody's loss.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq

# unseen WAY EXPECTED: what `show` names, as JSON
check() {
	local way=$1 expected=$2 pid status=0
	mkfifo "$work/go.$way"
	"$B/tests/system/unseen" "$way" <"$work/go.$way" &
	pid=$!
	at_end "kill -KILL $pid 2>/dev/null || :"
	exec 3>"$work/go.$way"
	"$cutset" trace "it=pid:$pid" -o "$work/trace" -- \
		bash -c "echo go >&3; exec 3>&-; while grep -qs '^State:[[:space:]]*[^Z]' /proc/$pid/status; do sleep 0.05; done" \
		>"$work/out" 2>&1 || : # the target is gone in the end
	exec 3>&-
	wait $pid || status=$?
	[ $status -ne 77 ] || { echo "$way: not on this kernel"; return; }
	same "$way: exit code" 0 $status
	"$cutset" show "$work/trace" --json >"$work/show.json" || fail "$(cat "$work/show.json" "$work/out")"
	same "$way" "$expected" "$(jq -c .unseen "$work/show.json")"
	[ "$expected" = '[]' ] || same "$way: complete" false "$(jq .complete "$work/show.json")"
	[ "$expected" != '[]' ] || same "$way: complete" true "$(jq .complete "$work/show.json")"
	echo "$way: $(jq -c '{events, unseen, complete}' "$work/show.json")"
}

check plain '[]'
check io_uring '["io_uring"]'
check file '[]'
check mptcp '["mptcp"]'
check compat '["compat"]'
check sockmap '["sockmap"]'
check multicast '["multicast"]'
check segments '["segments"]'
check urgent '["urgent"]'
