#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 420
# lane: twin
# A store of two whose weakness is known: the asynchronous one breaks with the replica's link cut and
# the primary silent, the synchronous one stands. Hunted in, killed, resumed, replayed, injected into.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 minisat jq ss
. "$top/tests/system/programs/twin_lab.sh"

# hunt WANT MODE OUT OPTIONS...
hunt() {
	local want=$1 mode=$2 out=$3 got=0
	shift 3
	"$cutset" hunt "$work/$mode/twin.yaml" -o "$work/$out" "$@" >"$work/$out.log" 2>&1 || got=$?
	[ "$got" -eq "$want" ] || { cat "$work/$out.log"; fail "hunt $mode $out: exit $got, not $want"; }
}
result() { jq -r "$2" "$work/$1/result.json"; }
# the onset of the link lies in the workload: which step depends on what the model saw first
found() { result "$1" '.faults | map(sub("@workload[.][0-9]+"; "@workload")) | sort | join(" ")'; }
broken="link:primary>replica@workload silence:primary@check.0"

scenario async
scenario sync

# 1. found, minimal, and again; the read gives the primary a second, so that is how late messages must be
scenario slow async
sed -i 's/delay: forever/delay: shortest/; s/repeat: 2/repeat: 1/' "$work/slow/twin.yaml"
hunt 1 slow found
same "what breaks the asynchronous one" "$broken" "$(found found)"
same "and with the shortest delay" "$broken" "$(result found '.shortest.faults |
	map(sub("@workload[.][0-9]+"; "@workload") | sub("[+][0-9.]+m?s$"; "")) | sort | join(" ")')"
same "is minimal" true "$(result found .minimal)"
same "the shortest delay: $(result found '.shortest | tojson')" true "$(result found '.shortest |
	.breaks_ns > 1e9 and .breaks_ns <= 2.2e9 and .kept_ns < .breaks_ns and .kept_ns >= 0.8e9 and .rate[0] == 0')"
grep -q "it breaks when that comes .*s late, and is kept with" "$work/found.log" || fail "no words for the delay"
same "without faults" 0 "$(result found '.rate.without[0]')"
grep -q "primary falls silent when the workload has exited" "$work/found.log" || fail "no words for the silence"
got=0
"$cutset" replay "$work/found" --times 2 >"$work/replay.log" 2>&1 || got=$?
same "replay ($(tail -n 1 "$work/replay.log"))" 1 "$got"

# and with one stream of it stalled in place of the link
scenario stalled async
sed -i 's/link: 1/link: 0, stall: 1/; s/repeat: 2/repeat: 1/; s/baseline: 2/baseline: 1/' "$work/stalled/twin.yaml"
hunt 1 stalled stalls
same "which stream breaks it" "silence:primary@check.0 stall:primary>replica/7600@workload" "$(found stalls)"

# 2. killed in the middle of an experiment: nothing is left, and it goes on
"$cutset" hunt "$work/async/twin.yaml" -o "$work/killed" >"$work/killed.log" 2>&1 &
hunter=$!
begun() { [ "$(grep -c '"event":"begin"' "$work/killed/journal.jsonl" 2>/dev/null)" -ge 4 ]; }
wait_for 60 begun || fail "the hunt does not begin"
kill -KILL "$hunter"
wait "$hunter" 2>/dev/null || true
(cd "$work/async" && wait_for 5 ./reset.sh && CUTSET_RUN=x CUTSET_SILENCED= ./write.sh) >/dev/null ||
	fail "after a kill no new connection works"
"$cutset" cleanup >/dev/null || fail "cleanup failed"
hunt 1 async killed --resume
same "what a resumed hunt finds" "$broken" "$(found killed)"
runs=$(grep -c '"event":"end"' "$work/killed/journal.jsonl")
hunt 1 async killed --resume
same "runs of a hunt that had ended" "$runs" "$(grep -c '"event":"end"' "$work/killed/journal.jsonl")"
echo '# changed' >>"$work/async/twin.yaml"
hunt 2 async killed --resume
hunt 2 async killed

# 3. Ctrl-C: undecided, the journal is kept
"$cutset" hunt "$work/async/twin.yaml" -o "$work/stopped" >"$work/stopped.log" 2>&1 &
hunter=$!
begun() { [ "$(grep -c '"event":"begin"' "$work/stopped/journal.jsonl" 2>/dev/null)" -ge 2 ]; }
wait_for 60 begun || fail "the hunt does not begin"
kill -TERM "$hunter"
got=0
wait "$hunter" || got=$?
same "exit code after a signal" 4 "$got"
same "result after a signal" undecided "$(result stopped .result)"
hunt 1 async stopped --resume

# 4. without lineage
hunt 1 async exhaustive --strategy exhaustive
same "what the exhaustive search finds" "$broken" "$(found exhaustive)"
hunt 1 async random --strategy random --seed 3
same "what chance finds" "$broken" "$(found random)"

# 5. the synchronous one stands, and another solver agrees
script -qec "'$cutset' hunt '$work/sync/twin.yaml' -o '$work/stands'" "$work/stands.log" >/dev/null ||
	fail "hunt sync in a terminal: exit $? $(cat "$work/stands.log")"
grep -qE 'candidate: check; [0-9]+ (s|min) left, [0-9]+ candidates?; [{]' "$work/stands.log" || fail "no progress line"
grep -q ' left, .* candidate' "$work/found.log" && fail "a progress line in a file"
same "the synchronous one" tolerant "$(result stands .result)"
got=0
minisat "$(result stands .certificate)" >"$work/minisat.log" 2>&1 || got=$?
same "minisat on the certificate" 20 "$got"

# 6. inject: what fired and what could not
targets="primary=pid:$work/async/primary.pid replica=pid:$work/async/replica.pid"
inject() { # WANT FAULT...
	local want=$1 got=0
	shift
	(cd "$work/async" && ./reset.sh)
	(cd "$work/async" && CUTSET_RUN=9 "$cutset" inject "$@" $targets -- ./write.sh) >"$work/inject.log" 2>&1 || got=$?
	[ "$got" -eq "$want" ] || { cat "$work/inject.log"; fail "inject $*: exit $got, not $want"; }
}
inject 0 'link:primary>replica@workload.0'
grep -q 'fired' "$work/inject.log" || fail "inject does not say that it fired"
inject 4 'link:replica>client@workload.0'
grep -q 'missed: .' "$work/inject.log" || fail "inject does not say that it missed, and why"
inject 2 'link:primary>nobody@workload.0'
inject 2 'silence:primary@yesterday'
