#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# A target ends, and a process that has nothing to do with it gets its number: it is not the target.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq
port=7464 last=/proc/sys/kernel/ns_last_pid
[ -w $last ] || skip "this kernel does not let us choose numbers ($last)"
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

python3 "$top/tests/system/programs/echo_server.py" $port >"$work/server.out" 2>&1 &
server=$!
at_end "kill -KILL $server 2>/dev/null || :"
wait_for 10 answers $port || fail "no server: $(cat "$work/server.out")"

cat >"$work/talk" <<'END'
# talk PORT TEXT SECONDS: say it, and stay a while
exec 3<>"/dev/tcp/127.0.0.1/$1"
echo "$2" >&3
read -r answer <&3
exec sleep "$3"
END
bash "$work/talk" $port target 600 >"$work/target.out" 2>&1 &
target=$!
at_end "kill -KILL $target 2>/dev/null || :"
(
	until [ -e "$work/go" ]; do sleep 0.05; done
	kill -KILL -- $target
	while [ -e /proc/$target ]; do sleep 0.01; done
	for _ in {1..200}; do
		echo $((target - 1)) >$last
		bash "$work/talk" $port foreign 0 &
		[ $! != $target ] || { wait $!; touch "$work/done"; break; }
		wait $!
	done
	touch "$work/tried"
) >"$work/talks.out" 2>&1 &
talks=$!
at_end "kill -KILL $talks 2>/dev/null || :"
"$cutset" trace "server=pid:$server" "target=pid:$target" -o "$work/trace" --payload 16 -- \
	bash -c "touch '$work/go'; for _ in {1..600}; do [ ! -e '$work/tried' ] || exit 0; sleep 0.05; done; exit 1" \
	>"$work/out" 2>&1 || : # the target is gone
[ -e "$work/tried" ] || fail "not done: $(cat "$work/talks.out" "$work/out")"
[ -e "$work/done" ] || skip "the number $target was never given again"

"$cutset" export "$work/trace" | jq -s --argjson pid $target '(.[0].meta.nodes | map({(.name): .id}) | add) as $id |
	{target: map(select(.node == $id.target and .kind == "send")) | length,
	taken: map(select(.node == $id.server and .kind == "recv" and .len > 0)) | length,
	ended: map(select(.node == $id.target and .kind == "exit")) | length}' >"$work/counts"
echo "$(jq -c . "$work/counts")"
jq -e '.target == 0 and .taken >= 1 and .ended >= 1' "$work/counts" >/dev/null || fail "$(cat "$work/counts")"
