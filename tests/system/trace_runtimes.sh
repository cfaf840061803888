#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Python (a thread a connection) and Node.js (an event loop): every receive between traced nodes is
# matched to its sends, also on a connection that was open before tracing began.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 node jq
programs=$top/tests/system/programs

# start NAME COMMAND...: in the background until the test ends; its pid goes to $NAME
start() {
	local name=$1
	shift
	"$@" >"$work/$name.out" 2>&1 &
	printf -v "$name" %s $!
	at_end "kill -KILL $! 2>/dev/null"
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# runs LANGUAGE PORT SERVER... -- CLIENT...: the client's COUNT and pause are the last arguments here
check() {
	local language=$1 port=$2 server_command=$3 client_command=$4 pause=$5
	start server $server_command "$port"
	wait_for 10 answers "$port"
	start before $client_command "$port" 0 "$pause"
	sleep 0.5
	"$cutset" trace "server=pid:$server" "before=pid:$before" -o "$work/$language.trace" -- \
		$client_command "$port" 300 >"$work/trace.out" 2>&1 || fail "$(cat "$work/trace.out")"
	{ kill -KILL "$before" "$server"; wait "$before" "$server"; } 2>/dev/null || :
	"$cutset" show "$work/$language.trace" --json >"$work/show.json" || fail "$(cat "$work/show.json")"
	jq -e '.complete and .lost == 0 and .holes == 0 and .matched == .receives and .receives >= 600' \
		"$work/show.json" >/dev/null || fail "$language: $(cat "$work/show.json")"
	jq -e '[.links[]? | select(.from == "before" or .to == "before")] | length >= 2' \
		"$work/show.json" >/dev/null || fail "$language: nothing of the older connection"
	echo "$language: $(jq -c '{events, receives, matched, lost, holes}' "$work/show.json")"
}

check python 7411 "python3 $programs/echo_server.py" "python3 $programs/echo_client.py" 0.02
check node 7412 "node $programs/echo_server.js" "node $programs/echo_client.js" 20
