#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# A daemon that is known by the file with its number is started anew while it is traced, as another
# process: it is found again, and the trace names what is missing of it. One that ends for good is lost.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq
port=7465
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
start() { # a server that is nobody's child here
	python3 "$top/tests/system/programs/echo_server.py" $port >"$work/server.out" 2>&1 &
	echo $! >"$work/pid"
	wait_for 10 answers $port || fail "no server: $(cat "$work/server.out")"
}
found() { grep -q "found again" "$work/out"; }

cat >"$work/talk" <<'END'
# talk PORT TEXT
exec 3<>"/dev/tcp/127.0.0.1/$1"
echo "$2" >&3
read -r answer <&3
END
at_end 'kill -KILL "$(cat "$work/pid")" 2>/dev/null || :'
start
(
	until [ -e "$work/first" ]; do sleep 0.05; done
	kill -KILL "$(cat "$work/pid")"
	while answers $port; do sleep 0.05; done
	start
	wait_for 10 found && touch "$work/found"
) >"$work/again.out" 2>&1 &
again=$!
at_end "kill -KILL $again 2>/dev/null || :"
"$cutset" trace "server=pid:$work/pid" -o "$work/trace" -- bash -c "bash '$work/talk' $port first; touch '$work/first'
	for _ in {1..300}; do [ ! -e '$work/found' ] || exec bash '$work/talk' $port second; sleep 0.05; done; exit 1" \
	>"$work/out" 2>&1 || fail "$(cat "$work/out" "$work/again.out")"
[ -e "$work/found" ] || fail "it was not found again: $(cat "$work/out" "$work/again.out")"
grep -q 'the node goes on' "$work/out" || fail "$(cat "$work/out")"

"$cutset" export "$work/trace" | jq -s --argjson pid "$(cat "$work/pid")" '(.[0].meta.nodes | map({(.name): .id}) |
	add) as $id | {blind: map(select(.kind == "blind" and .node == $id.server) | .why),
	second: map(select(.kind == "send" and .node == $id.server and .tgid == $pid)) | length}' >"$work/counts"
echo "$(jq -c . "$work/counts")"
jq -e '.blind == ["restart"] and .second >= 1' "$work/counts" >/dev/null || fail "$(cat "$work/counts")"
"$cutset" show "$work/trace" --json >"$work/show.json"
jq -e '.complete == false and .unseen == ["restart"] and .lost == 0' "$work/show.json" >/dev/null ||
	fail "$(cat "$work/show.json")"
"$cutset" show "$work/trace" | grep -q 'found again' || fail "show does not say what is missing"

status=0
"$cutset" trace "server=pid:$work/pid" -o "$work/trace" -- bash -c "bash '$work/talk' $port first
	kill -KILL $(cat "$work/pid"); sleep 0.5" >"$work/out" 2>&1 || status=$?
same "exit code where the target has ended" 5 $status
grep -q 'has ended' "$work/out" || fail "$(cat "$work/out")"
"$cutset" show "$work/trace" --json | jq -e '.complete' >/dev/null || fail "a target that has ended is taken for a hole"
