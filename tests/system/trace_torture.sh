#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every way to move bytes over TCP, by many threads at once, over v4, v6 and v4-mapped: the trace says
# of each thread and system call what the thread wrote down itself, and every byte is matched.
# TORTURE_OPS=N and TORTURE_SEED=N make it another one.
# timeout: 600
# vm: yes
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq
ops=${TORTURE_OPS:-200000} seed=${TORTURE_SEED:-$(date +%s)} port=7430
torture=$B/tests/system/torture
mkdir "$work/truth"

"$torture" server $port "$work/truth/server" &
server=$!
at_end "kill -KILL $server 2>/dev/null || :"
wait_for 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$((port + 2))"
"$torture" client $port "$work/truth/client" "$ops" "$seed" "$work/go" &
client=$!
at_end "kill -KILL $client 2>/dev/null || :"
sleep 0.5

# settled: the client is done, and the server with what it had
cat >"$work/drive" <<-END
	touch $work/go
	while grep -qs '^State:[[:space:]]*[^Z[:space:]]' /proc/$client/status; do sleep 0.1; done
	kill $server
	while grep -qs '^State:[[:space:]]*[^Z[:space:]]' /proc/$server/status; do sleep 0.1; done
END
"$cutset" -v trace "server=pid:$server" "load=pid:$client" -o "$work/trace" --payload "${TORTURE_PAYLOAD:-0}" \
	-- bash "$work/drive" >"$work/out" 2>&1 || : # its targets are gone in the end
wait $client $server || fail "a program of the torture failed"

"$cutset" show "$work/trace" --json >"$work/show.json" || fail "$(cat "$work/show.json")"
"$B/tests/system/trace_dump" "$work/trace" >"$work/dump"
python3 "$top/tests/system/torture_check.py" "$work/dump" "$work"/truth/* >"$work/check.json" \
	2>"$work/differ" || fail "seed $seed: $(cat "$work/differ" "$work/check.json")"
[ -z "${TORTURE_KEEP:-}" ] || cp -r "$work" "$TORTURE_KEEP"
echo "seed $seed: $(cat "$work/check.json") $(jq -c 'del(.names, .links)' "$work/show.json")"
jq -e '.lost == 0 and .receives > 1000' "$work/show.json" >/dev/null ||
	fail "seed $seed: $(cat "$work/show.json" "$work/out")"
jq -e '.wraps > 0 and .shared_bytes > 100000 and .syscalls == 15' "$work/check.json" >/dev/null ||
	fail "seed $seed: not everything was tried: $(cat "$work/check.json")"
# neither the tracepoint of 6.16 nor fentry: threads that share a socket are not told apart
! grep -q "shared sockets' sends not told apart" "$work/out" || exit 0
jq -e '.misplaced == 0' "$work/check.json" >/dev/null ||
	fail "seed $seed: misplaced: $(head -3 "$work/differ") $(cat "$work/check.json")"
jq -e '.complete and .holes == 0 and .matched == .receives' "$work/show.json" >/dev/null ||
	fail "seed $seed: not complete: $(cat "$work/show.json" "$work/out")"
