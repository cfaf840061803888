#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A request that one thread receives and another answers: each hand-off between them is in the trace, and
# the request is known as the answer's cause, the heartbeats that came in between are not.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq
driver=$B/tests/system/handoff
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
is_ready() { grep -qs ready "$work/front.out"; }

"$driver" back 7472 >"$work/back.out" 2>&1 &
back=$!
at_end "kill -KILL $back 2>/dev/null || :"
sleep 0.3
"$driver" front 7471 7472 "$work/truth" >"$work/front.out" 2>&1 &
front=$!
at_end "kill -KILL $front 2>/dev/null || :"
wait_for 10 is_ready || fail "front does not start: $(cat "$work/front.out" "$work/back.out")"

check_hand_offs() { # LETTER: what the program wrote down is in the trace, in that order
	jq -r 'select(.kind == "wake") | "\(.by) \(.tid) \(.other_tid)"' "$work/records" >"$work/seen"
	jq -r 'select(.kind == "signal") | "signal \(.tid) \(.other_tid)"' "$work/records" >>"$work/seen"
	while read -r line; do
		grep -qxF "$line" "$work/seen" || fail "$1: '$line' is not in the trace: $(cat "$work/seen")"
	done <"$work/told"
}

for letter in f r e p u s c x; do
	lines=$(wc -l <"$work/truth")
	"$cutset" trace "front=pid:$front" "back=pid:$back" -o "$work/trace" -- \
		"$driver" client 7471 7472 $letter >"$work/out" 2>&1 || fail "$letter: $(cat "$work/out")"
	tail -n "+$((lines + 1))" "$work/truth" >"$work/told"
	"$cutset" export "$work/trace" >"$work/records"
	check_hand_offs $letter
	"$cutset" lineage "$work/trace" --json >"$work/lineage" || fail "$letter: $(cat "$work/lineage")"
	# the request and, as it came on the connection that is answered, one heartbeat; order alone for the rest
	jq -e '.members | map(select(.label == "1 bytes")) |
		(map(select(.from == "client" and .to == "front")) | length == 1 and .[0].confidence > 0.2) and
		(map(select(.from == "back" and .to == "front" and .confidence > 0.02)) | length <= 1)' \
		"$work/lineage" >/dev/null || fail "$letter: $(jq -c '.members | map([.from, .to, .label, .confidence])' "$work/lineage")"
	"$cutset" show "$work/trace" --json | jq -e '.complete' >/dev/null || fail "$letter: $("$cutset" show "$work/trace")"
done
