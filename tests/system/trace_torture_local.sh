#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Every way to move bytes over UDP, unix sockets and pipes, by threads of two processes: each call is in
# the trace, and what was taken is given to the write that it is of, as the bytes themselves say.
# TORTURE_OPS=N and TORTURE_SEED=N make it another one.
# timeout: 300
# vm: yes
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq
ops=${TORTURE_OPS:-200000} seed=${TORTURE_SEED:-$(date +%s)}
mkdir "$work/truth"
"$B/tests/system/torture_local" "$work/truth/t" "$ops" "$seed" "$work/go" 2>"$work/err" &
torture=$!
at_end "kill -KILL $torture 2>/dev/null || :"

cat >"$work/drive" <<-END
	touch $work/go
	while grep -qs '^State:[[:space:]]*[^Z[:space:]]' /proc/$torture/status; do sleep 0.1; done
END
"$cutset" trace "it=pid:$torture" -o "$work/trace" -- bash "$work/drive" >"$work/out" 2>&1 || : # it is gone in the end
wait $torture || fail "seed $seed: the torture failed: $(cat "$work/err")"
"$cutset" show "$work/trace" --json >"$work/show.json" || fail "$(cat "$work/show.json")"
"$B/tests/system/torture_match" "$work/trace" >"$work/match"
[ -z "${TORTURE_KEEP:-}" ] || cp -r "$work" "$TORTURE_KEEP"
python3 "$top/tests/system/torture_match.py" "$work/match" "$work"/truth/* >"$work/check.json" 2>"$work/differ" ||
	fail "seed $seed: $(cat "$work/differ" "$work/check.json")"
echo "seed $seed: $(cat "$work/check.json") $(jq -c 'del(.names, .links)' "$work/show.json")"
jq -e '.right > 5000 and (.kinds | length) == 8' "$work/check.json" >/dev/null ||
	fail "seed $seed: not everything was tried: $(cat "$work/check.json")"
jq -e '.complete and .lost == 0 and .holes == 0 and .matched == .receives' "$work/show.json" >/dev/null ||
	fail "seed $seed: not complete: $(cat "$work/show.json" "$work/out")"
