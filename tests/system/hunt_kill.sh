#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 420
# lane: redis
# A hunt in containers is killed three times and interrupted once, with redis1 silent: connections work
# again at once, nothing of ours is left, and the hunt goes on to the violation, its runs numbered on.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq redis-cli python3 nsenter bpftool
need_docker
. "$top/tests/system/programs/stores.sh"
store_up redis 198.18.45
sed -i 's/baseline: 5/baseline: 2/; $aidle: 1s' "$store_dir/sentinel.yaml"
journal=$work/hunt/journal.jsonl
near=$(pid_of redis2)
reach() { nsenter -t "$near" -n "$top/tests/system/programs/reach.py" "$NET.11" 6379 "$@"; }

began() { grep -q '^hunting in' "$work/hunt.log" || ended "$hunter"; }
hunt() { # in the background, its process in $hunter
	while :; do
		"$cutset" hunt "$store_dir/sentinel.yaml" -o "$work/hunt" "$@" >"$work/hunt.log" 2>&1 &
		hunter=$!
		wait_for 30 began || fail "the hunt does not begin"
		! ended "$hunter" || ! at_work "$work/hunt.log" || { sleep 0.5; continue; }
		return 0
	done
}
at_end 'kill -KILL "$hunter" 2>/dev/null'

# What the containers' namespaces show of us, and the programs and links that the hunter holds
view() {
	local node
	for node in redis1 redis2 redis3 sentinel1 sentinel2 sentinel3; do
		nsenter -t "$(pid_of "$node")" -n sh -c 'ip -o link; tc qdisc show; tc filter show dev eth0 ingress
			tc filter show dev eth0 egress' 2>/dev/null # of namespaces that go meanwhile
	done
}
held() { cat "/proc/$hunter"/fdinfo/* 2>/dev/null | awk '/^(prog|link)_id:/ { print $1 $2 }' | sort -u; }
all() {
	bpftool -j prog show | jq -r '.[] | "prog_id:\(.id)"'
	bpftool -j link show | jq -r '.[] | "link_id:\(.id)"'
}
gone() { [ -z "$(all | sort | comm -12 - "$work/held")" ]; }
last_run() { jq -s 'map(.run // 0) | max' "$journal"; }

# stop_it SIGNAL WANT: and all is as before
stop_it() {
	local seconds silent got=0
	held >"$work/held"
	[ "$(wc -l <"$work/held")" -ge 10 ] || fail "the hunt holds only $(cat "$work/held")"
	reach signal "$hunter" "$1" >"$work/reach" || fail "no connection to redis1 works after signal $1"
	read -r seconds silent <"$work/reach"
	wait "$hunter" || got=$?
	same "exit code after signal $1" "$2" "$got"
	echo "signal $1, $3 (redis1 $silent) in run $(last_run): connected after $seconds s"
	awk -v s="$seconds" 'BEGIN { exit !(s <= 2.5) }' || fail "it took $seconds s"
	wait_for 3 gone || fail "programs are left: $(all | sort | comm -12 - "$work/held")"
	same "the containers' interfaces" "$bare" "$(view)"
	"$store_dir/reset.sh" || fail "redis does not come back"
	cutset_ends 0 cleanup.log cleanup
}

sleep_up_to() { sleep "$(awk -v n="$RANDOM" -v max="$1" 'BEGIN { print max * n / 32768 }')"; } # SECONDS
silenced() { reach silent 60 || { cat "$work/hunt.log"; fail "redis1 does not fall silent"; }; }
candidate() { grep -q '"purpose":"candidate"' <(sed "1,${1}d" "$journal"); }

bare=$(view)
hunt
silenced
stop_it 9 137 "at once"
same "what cleanup finds" "nothing of ours was left" "$(tail -n 1 "$work/cleanup.log")"

hunt --resume
silenced
sleep_up_to 2
stop_it 9 137 "up to 2 s later"

lines=$(wc -l <"$journal")
hunt --resume
wait_for 60 candidate "$lines" || fail "no candidate is run"
sleep_up_to 6
stop_it 9 137 "at any moment"

hunt --resume
silenced
sleep_up_to 1
stop_it 2 4 "Ctrl-C"
same "result after Ctrl-C" undecided "$(result hunt .result)"
grep -q '^undecided: interrupted; --resume goes on' "$work/hunt.log" || fail "$(cat "$work/hunt.log")"

# on to the end: no number twice, none of what ended run again
before=$(last_run) ended=$(jq -c 'select(.event == "end" and (.verdict | IN("interrupted", "broken") | not)) | .run' "$journal")
cutset_ends 1 hunt.log hunt "$store_dir/sentinel.yaml" -o "$work/hunt" --resume
same "the verdict" violation "$(result hunt .result)"
result hunt '.faults[]' | grep -q silence:redis1 || fail "other faults: $(result hunt .faults)"
same "numbers begun twice" "" "$(jq -r 'select(.event == "begin") | .run' "$journal" | sort | uniq -d)"
same "the numbers go on" true "$(jq -s --argjson n "$before" 'map(select(.event == "begin") | .run) | max > $n' "$journal")"
same "recalled" "$(wc -w <<<"$ended")" "$(grep -c 'from the journal' "$work/hunt.log")"
tail -n 1 "$work/hunt.log"
