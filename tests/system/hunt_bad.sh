#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 420
# lane: twin
# What goes wrong around a hunt ends with one clear message and the right exit code.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq ss
. "$top/tests/system/programs/twin_lab.sh"
scenario async
scenario sync
cd "$work/async"
command_of() { printf '#!/bin/sh\n%s\n' "$2" >"$1"; chmod +x "$1"; }
command_of no.sh 'exit 1'
command_of hang.sh 'sleep 100'
command_of kill.sh './write.sh; status=$?; kill -KILL $(cat replica.pid); sleep 0.1; exit $status'
./reset.sh

# hunts WANT MESSAGE SED [OPTIONS...]: the scenario changed by SED
count=0
hunts() {
	local want=$1 message=$2 got=0
	count=$((count + 1)) out=out$count
	sed "$3" twin.yaml >"v$count.yaml"
	shift 3
	"$cutset" hunt "v$count.yaml" -o "$out" "$@" >log 2>&1 || got=$?
	[ "$got" -eq "$want" ] || { cat log; fail "'$message': exit $got, not $want"; }
	grep -q "$message" log || { cat log; fail "no word of '$message'"; }
}

hunts 4 "as many fault sets as allowed" "" --max 1
same "candidates left" true "$(jq '.candidates_left > 0' "$out/result.json")"
hunts 4 "the time was up" 's/time: 4m/time: 2s/'
hunts 1 "the workload does not succeed" '/^check/d; s/, check: 5s//'
hunts 4 "never said kept or broken" 's/read.sh/hang.sh/; s/check: 5s/check: 300ms/'
hunts 4 "the promise was never made" 's/write.sh/no.sh/'
# it breaks by itself: always, and that is all there is to find, also for replay
hunts 1 "broken without any fault" 's/read.sh/no.sh/'
same "broken by itself" '[[],[5,5],[5,5],true]' "$(jq -c '[.faults, .rate.without, .rate.with, .minimal]' "$out/result.json")"
"$cutset" replay "$out" >log 2>&1 && fail "a replay without faults kept the promise"
grep -q '^broken in 1 of 1 runs' log || fail "$(cat log)"
# ... in one run of five: what breaks it each time is still found, but it is never tolerant
counted='checks=$CUTSET_RUN_DIR/../checks; echo >>"$checks"; n=$(wc -l <"$checks")'
command_of fifth.sh "$counted; [ \$((n % 5)) != 2 ] || exit 1; exec ./read.sh"
command_of second.sh "$counted; [ \$n != 2 ] || exit 1; exec ./read.sh"
hunts 1 "broke in 1 of 5 runs without any fault" 's/read.sh/second.sh/'
same "rates" true "$(jq '.rate.without == [1, 5] and .rate.with[0] >= 4 and (.faults | length) == 2' "$out/result.json")"
cp second.sh fifth.sh ../sync
cd ../sync
./reset.sh
hunts 4 "undecided: the promise broke in 1 of 5 runs without any fault" 's/read.sh/second.sh/; s/workload: 5s/workload: 1s/'
hunts 4 "undecided: the promise broke in 1 of 5 runs without any fault" 's/read.sh/fifth.sh/; s/workload: 5s/workload: 1s/'
same "no certificate" '[null,true]' "$(jq -c '[.certificate, .parked > 0]' "$out/result.json")"
cd ../async
./reset.sh
hunts 5 "the reset failed: exit 1" 's/reset.sh/no.sh/'
hunts 5 "replica.*has ended" 's/write.sh/kill.sh/'
hunts 2 "spare.*nobody" '$aspare: [nobody]'
[ ! -e "$out" ] || fail "a hunt that cannot begin left $out"
hunts 2 "v$((count + 1)).yaml:10: .*unknown key .color" '$acolor: red'
hunts 5 "nowhere.pid" 's/=pid:replica.pid/=pid:nowhere.pid/'

json=$("$cutset" --json hunt "v$count.yaml" -o again) && fail "a hunt without its target succeeds"
same "the error's code as JSON" 5 "$(jq .code <<<"$json")"
got=0
setpriv --reuid=65534 --clear-groups "$cutset" hunt /dev/null -o none >log 2>&1 || got=$?
same "exit code of an empty scenario" 2 "$got"

# nothing stays behind: the two can talk, no program of ours holds their interfaces
./reset.sh
CUTSET_RUN=1 ./write.sh >/dev/null || fail "the store does not work after the hunts"
"$cutset" cleanup >/dev/null || fail "cleanup failed"
