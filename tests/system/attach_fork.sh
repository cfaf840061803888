#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A target that forks all the time: children from before the trace, from while it attaches and from after
# all belong to it, and nothing that they send is missing. Target and server talk over lo.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq
programs=$top/tests/system/programs
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

python3 "$programs/echo_server.py" 7461 >"$work/server.out" 2>&1 &
server=$!
at_end "kill -KILL $server 2>/dev/null || :"
wait_for 10 answers 7461 || fail "no server: $(cat "$work/server.out")"
for round in 1 2; do
	python3 "$programs/forker.py" 7461 >"$work/forker.out" 2>&1 &
	forker=$!
	at_end "kill -KILL $forker 2>/dev/null || :"
	sleep 0.4
	"$cutset" trace "server=pid:$server" "forker=pid:$forker" -o "$work/trace" -- \
		bash -c "sleep 0.7; kill -TERM $forker
			while grep -qs '^State:[[:space:]]*[^Z]' /proc/$forker/status; do sleep 0.05; done" \
		>"$work/out" 2>&1 || : # the target is gone in the end
	wait $forker || fail "the forker: $(cat "$work/forker.out")"
	"$cutset" show "$work/trace" --json >"$work/show.json" || fail "$(cat "$work/show.json" "$work/out")"
	echo "$(jq -c '{events, streams, receives, matched, lost, holes}' "$work/show.json")"
	# each child sends one line, which the server takes; a few may have been on their way as the trace began
	"$cutset" export "$work/trace" | jq -s '(.[0].meta.nodes | map({(.name): .id}) | add) as $id |
		{sent: map(select(.kind == "send" and .node == $id.forker)) | length,
		taken: map(select(.kind == "recv" and .node == $id.server and .len > 0)) | length}' >"$work/counts"
	jq -e '.taken - .sent <= 3 and .sent > 20' "$work/counts" >/dev/null || fail "children are missing: $(cat "$work/counts")"
	jq -e '.complete and .lost == 0 and .holes == 0 and .matched == .receives and .streams > 40' \
		"$work/show.json" >/dev/null || fail "$(cat "$work/show.json" "$work/out")"
done
