#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A program that moves all its bytes by io_uring: where the kernel tells enough they are recorded like any
# others, a send a request, and tile; else the trace says that they were not seen.
# vm: yes
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq
operations=5000 seed=$(date +%s)
is_ready() { grep -qs ready "$work/uring.out"; }

mkfifo "$work/go"
"$B/tests/system/uring" $operations "$seed" <"$work/go" >"$work/uring.out" 2>&1 &
uring=$!
at_end "kill -KILL $uring 2>/dev/null || :"
exec 3>"$work/go"
wait_for 10 is_ready || { wait $uring || [ $? -ne 77 ] || skip "this kernel has no io_uring"; fail "it does not start"; }
"$cutset" -v trace "it=pid:$uring" -o "$work/trace" -- \
	bash -c "echo go >&3; exec 3>&-; while grep -qs '^State:[[:space:]]*[^Z]' /proc/$uring/status; do sleep 0.05; done" \
	>"$work/out" 2>&1 || : # it is gone in the end
exec 3>&-
wait $uring || fail "seed $seed: $(cat "$work/uring.out")"
"$cutset" show "$work/trace" --json >"$work/show.json"
if jq -e '.unseen == ["io_uring"]' "$work/show.json" >/dev/null; then
	grep -q "io_uring named only" "$work/out" || fail "it could be recorded: $(cat "$work/show.json" "$work/out")"
	exit 0
fi
"$cutset" export "$work/trace" | jq -s '(map(select(.kind == "socket" and .carrier == "tcp") | {(.socket | tostring): true}) | add) as $tcp |
	map(select(.len > 0 and $tcp[.socket | tostring])) |
	{sends: map(select(.kind == "send")) | length, sent: map(select(.kind == "send") | .len) | add,
	taken: map(select(.kind == "recv") | .len) | add}' >"$work/counts"
bytes=$(awk '/^received/ { print $2 }' "$work/uring.out")
echo "seed $seed: $(cat "$work/uring.out" | tr '\n' ' ') $(jq -c . "$work/counts") $(jq -c '{events, receives, matched, unseen, complete}' "$work/show.json")"
jq -e --argjson bytes "$bytes" --argjson operations $operations \
	'.sends >= $operations and .sent == $bytes and .taken == $bytes' "$work/counts" >/dev/null ||
	fail "seed $seed: $(cat "$work/uring.out" "$work/counts")"
jq -e '.complete and .unseen == [] and .matched == .receives and .receives > 1000' "$work/show.json" >/dev/null ||
	fail "seed $seed: $(cat "$work/show.json" "$work/out")"
