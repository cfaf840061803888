#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 420
# lane: redis
# The demo's hunt: Redis in containers loses an acknowledged write, is found at it, and again.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq redis-cli
need_docker
. "$top/tests/system/programs/stores.sh"
store_up redis 198.18.43
sed -i 's/baseline: 5/baseline: 2/' "$store_dir/sentinel.yaml"

cutset_ends 1 hunt.log hunt "$store_dir/sentinel.yaml" -o "$work/hunt"
same "the result" violation "$(result hunt .result)"
same "at most 25 experiments and 40 runs ($(tail -n 1 "$work/hunt.log"))" true \
	"$(result hunt '.experiments <= 25 and .runs <= 40')"
same "one to three faults, minimal" true "$(result hunt '.minimal and (.faults | length >= 1 and length <= 3)')"
same "broken every time with the faults, never without" true \
	"$(result hunt '.rate.with[0] >= 2 and .rate.with[0] == .rate.with[1] and .rate.without == [0, 2]')"
grep -q 'falls silent' "$work/hunt.log" || fail "no words for the silence: $(cat "$work/hunt.log")"

# what was expected; another set may break it as truly, and the replay below judges that
expected='link:redis1>redis2@workload link:redis1>redis3@workload silence:redis1@check.0'
found=$(result hunt '.faults | map(sub("@workload[.][0-9]+"; "@workload")) | sort | join(" ")')
[ "$found" = "$expected" ] || echo "not the set that was expected: $found"
seen=$(result hunt .seen)
grep -q lost "$work/hunt/$seen/check.out" || fail "$seen/check.out: $(cat "$work/hunt/$seen/check.out")"
same "runs with a verdict in the journal" "$(result hunt .runs)" \
	"$(grep -c '"event":"end"' "$work/hunt/journal.jsonl")"

cutset_ends 1 replay.log replay "$work/hunt" --times 2
"$store_dir/reset.sh" || fail "redis is not whole after the hunt"
tail -n 1 "$work/hunt.log" "$work/replay.log"
