#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What tracing costs a saturated Redis: server and client traced against untraced, in turn, as a
# ratio within one run. Writes build/bench/trace.json. Usage: trace.sh [PAIRS [REQUESTS]]
set -eu
cd "$(dirname "$0")/../.."
pairs=${1:-9} requests=${2:-100000} port=7391
mkdir -p build/bench
work=$(mktemp -d)
redis-server --port $port --save '' --appendonly no --daemonize yes --pidfile "$work/pid" \
	--dir "$work" --logfile "$work/log" >/dev/null
trap 'redis-cli -p $port shutdown nosave >/dev/null 2>&1 || :; rm -rf "$work"' EXIT
until redis-cli -p $port ping >/dev/null 2>&1; do sleep 0.1; done
server=$(cat "$work/pid")

rate() { # requests a second of the run whose output is on standard input
	tr '\r' '\n' | sed -n 's/^SET: \([0-9.]*\) requests per second.*/\1/p' | tail -1
}
load() { redis-benchmark -p $port -t set -n "$requests" -q; }

load >/dev/null
for _ in $(seq "$pairs"); do
	untraced=$(load | rate)
	build/cutset trace "redis=pid:$server" -o "$work/trace" -- \
		redis-benchmark -p $port -t set -n "$requests" -q >"$work/out" 2>"$work/err"
	traced=$(rate <"$work/out")
	echo "$untraced $traced" >>"$work/pairs"
done
build/cutset show "$work/trace" --json >"$work/show.json" || :
bytes=$(stat -c %s "$work/trace")
jq -Rn --slurpfile show "$work/show.json" --argjson bytes "$bytes" '
	def median: sort | .[length / 2 | floor];
	[inputs | split(" ") | map(tonumber)] as $pairs
	| [{name: "redis SET, saturated", ours: ($pairs | map(.[1]) | median),
	    baseline: ($pairs | map(.[0]) | median), rivals: {},
	    ratio: ($pairs | map(.[1] / .[0]) | median), pairs: ($pairs | length),
	    unit: "requests/s"},
	   {name: "trace on disk", ours: ($bytes / $show[0].events), goal: 24,
	    events: $show[0].events, lost: $show[0].lost, unit: "bytes/event"}]' \
	"$work/pairs" >build/bench/trace.json
jq -r '.[] | "\(.name): \(.ours) \(.unit)\(if .ratio then " (\(.ratio) of untraced, \(.pairs) pairs)" else "" end)"' \
	build/bench/trace.json
