#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A ring buffer that is far too small: what was lost is counted by the kernel, and what it left out
# is found by the streams' ranges alone, without the counters. Nothing of it is called complete.
# timeout: 300
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq
port=7440 torture=$B/tests/system/torture
mkdir "$work/truth"

"$torture" server $port "$work/truth/server" &
server=$!
at_end "kill -KILL $server 2>/dev/null || :"
wait_for 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$((port + 2))"
"$torture" client $port "$work/truth/client" 5000 1 "$work/go" &
client=$!
at_end "kill -KILL $client 2>/dev/null || :"
sleep 0.5
cat >"$work/drive" <<-END
	touch $work/go
	while grep -qs '^State:[[:space:]]*[^Z[:space:]]' /proc/$client/status; do sleep 0.1; done
END
"$cutset" trace "server=pid:$server" "load=pid:$client" -o "$work/trace" --ring-bytes 16384 --json \
	-- bash "$work/drive" >"$work/out" 2>"$work/err" || :
"$cutset" show "$work/trace" --json >"$work/show.json" || fail "$(cat "$work/show.json")"
"$cutset" show "$work/trace" >"$work/text"

jq -e '.lost > 0 and (.complete | not)' "$work/show.json" >/dev/null ||
	fail "the ledger found nothing: $(cat "$work/show.json")"
jq -e '.holes > 0' "$work/show.json" >/dev/null ||
	fail "tiling found nothing: $(cat "$work/show.json")"
grep -q '^not complete: [0-9]* events were lost; [0-9]* holes in streams' "$work/text" ||
	fail "show does not say so: $(cat "$work/text")"
grep -q '^  hole: ' "$work/text" || fail "show names no hole: $(cat "$work/text")"
# what the trace lacks of what the programs did is lost, no more and no less
"$B/tests/system/trace_dump" "$work/trace" >"$work/dump"
python3 "$top/tests/system/torture_check.py" "$work/dump" "$work"/truth/* >"$work/check.json" \
	2>"$work/differ" && fail "nothing was lost: $(cat "$work/check.json")"
echo "$(jq -c '{events, receives, matched, lost, holes}' "$work/show.json") $(cat "$work/check.json")"
