#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 240
# lane: twin
# A hunt that is stopped while it repeats what survived says undecided, not violation; killed between
# a run's line in the journal and its folder, or before either, it goes on.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq ss
. "$top/tests/system/programs/twin_lab.sh"
scenario sync
sed -i 's/repeat: 2/repeat: 4/' "$work/sync/twin.yaml"

hunt() { # WANT OPTIONS...
	local want=$1 got=0
	shift
	"$cutset" hunt "$work/sync/twin.yaml" -o "$work/out" "$@" >"$work/log" 2>&1 || got=$?
	[ "$got" -eq "$want" ] || { cat "$work/log"; fail "exit $got, not $want"; }
}
result() { jq -r "$1" "$work/out/result.json"; }
line() { jq -r "select(.event == \"$1\" and .purpose == \"repeat\") | .run" "$work/out/journal.jsonl" 2>/dev/null; }
repeats() { [ -n "$(line begin)" ]; }

"$cutset" hunt "$work/sync/twin.yaml" -o "$work/out" >"$work/log" 2>&1 &
hunter=$!
wait_for 90 repeats || { cat "$work/log"; fail "the hunt repeats nothing"; }
kill -TERM "$hunter"
got=0
wait "$hunter" || got=$?
same "exit code when stopped in a repeat" 4 "$got"
same "result when stopped in a repeat" "undecided 0" "$(result '"\(.result) \(.faults | length)"')"

# as a kill leaves it: a run that has begun and has no folder, then a folder less than the journal says
last=$(jq -s 'map(.run // 0) | max' "$work/out/journal.jsonl")
echo '{"event":"begin","run":'$((last + 1))',"purpose":"repeat","faults":[]}' >>"$work/out/journal.jsonl"
hunt 0 --resume
same "the result after all" tolerant "$(result .result)"
same "no number was given out twice" "" "$(jq -r 'select(.event == "begin") | .run' "$work/out/journal.jsonl" | sort | uniq -d)"
while read -r faults cnt; do
	[ "$cnt" -ge 4 ] || fail "$faults survived in $cnt runs only, not 4"
done < <(jq -rs 'map(select(.event == "end" and .kept and (.faults | length) > 0)) | group_by(.faults) |
	.[] | "\(.[0].faults | join("+")) \(length)"' "$work/out/journal.jsonl")
