#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 240
# lane: redis
# A workload that rests proposes no more than one that does not: Redis and its sentinels, whose heartbeats go over every
# link meanwhile, the slowest of them every ten seconds.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq redis-cli
need_docker
. "$top/tests/system/programs/stores.sh"
store_up redis 198.18.45
background=${CUTSET_BACKGROUND:-spare} # with `cut` this test fails

# hunt_in NAME WORKLOAD: baseline runs and one fault set, under which there is no rest
hunt_in() {
	sed "s~^workload: .*~workload: $2~; s/timeout: .*/timeout: {reset: 15s, workload: 30s, check: 20s}/
		s/^runs: .*/runs: {baseline: 2, repeat: 1, max: 1}/" "$store_dir/sentinel.yaml" >"$store_dir/$1.yaml"
	cutset_ends 4 "$1.log" hunt "$store_dir/$1.yaml" -o "$work/$1"
}
# sets NAME BACKGROUND: how many are minimal after the baseline
sets() {
	"$cutset" solve "$work/$1"/runs/000[12]/trace --faults silence=1,link=2 --background "$2" --max 1000 --json |
		jq '.cuts | length'
}
seconds() { jq "select(.event == \"end\" and .run == $2) | .seconds | floor" "$work/$1/journal.jsonl"; } # NAME RUN

hunt_in alone ./write.sh
hunt_in rest './write.sh \&\& { [ "$CUTSET_FAULTS" != "{}" ] || sleep 12; }'
echo "alone: $(sets alone spare) minimal sets, $(sets alone cut) with background cut;" \
	"with the rest: $(sets rest spare), $(sets rest cut)"
[ "$(sets rest cut)" -gt "$(sets alone cut)" ] || fail "no heartbeats came in the rest: nothing is shown"
[ "$(sets rest "$background")" -le "$(sets alone "$background")" ] || {
	"$cutset" solve "$work/rest"/runs/000[12]/trace --faults silence=1,link=2 --background "$background"
	fail "more with the rest"
}

# what a rest holds is known since the second run began with as long a one
[ "$(seconds rest 2)" -ge $(($(seconds rest 1) + 10)) ] || fail "the second run did not begin with a longer rest"
same "what a hunt does with background" spare "$("$cutset" --json hunt "$store_dir/rest.yaml" --dry-run | jq -r .background)"
