#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: yes
# Over a wire between two namespaces, IPv4 and IPv6: every receive is matched to its sends, each link
# carries just the bytes that were sent, with payload and without, also on a connection from before.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq
programs=$top/tests/system/programs
lines=300

# start NAME NAMESPACE COMMAND...: in the background until the test ends; its pid goes to $NAME
start() {
	local name=$1 at=$2
	shift 2
	ip netns exec "cutset-$test-$at" "$@" >"$work/$name.out" 2>&1 &
	printf -v "$name" %s $!
	at_end "kill -KILL $! 2>/dev/null"
}

answers() { inside a python3 -c "import socket; socket.create_connection(('$1', $2), 1)"; }

# what echo_client.py sends in all: `line I`, a blank, I * 37 % 3000 times x, the end of the line
bytes_sent() {
	awk -v n=$lines 'BEGIN { for (i = 1; i <= n; i++) sum += length("line " i) + 2 + i * 37 % 3000; print sum }'
}

check() {
	local address=$1 port=$2 truth
	start server b python3 "$programs/echo_server.py" "$port" "$address"
	wait_for 30 answers "$address" "$port" || fail "no server: $(cat "$work/server.out")"
	start before a python3 "$programs/echo_client.py" "$port" 0 0.02 "$address"
	sleep 1
	"$cutset" trace "server=pid:$server" "before=pid:$before" --payload "$3" -o "$work/trace" -- \
		ip netns exec "cutset-$test-a" python3 "$programs/echo_client.py" "$port" $lines 0 "$address" \
		>"$work/trace.out" 2>&1 || fail "$(cat "$work/trace.out")"
	{ kill -KILL "$before" "$server"; wait "$before" "$server"; } 2>/dev/null || :
	"$cutset" show "$work/trace" --json >"$work/show.json" || fail "$(cat "$work/show.json")"
	jq -e '.complete and .lost == 0 and .holes == 0 and .matched == .receives' "$work/show.json" >/dev/null ||
		fail "$address: $("$cutset" show "$work/trace"; "$cutset" export "$work/trace" | grep -E '"kind":"(socket|blind|lost)"' | tail -n 40)"
	truth=$(bytes_sent)
	jq -e --argjson truth "$truth" 'def link($from; $to): .links[] | select(.from == $from and .to == $to);
		link("client"; "server").bytes == $truth and link("server"; "client").bytes == $truth and
		link("before"; "server").bytes > 0 and link("server"; "before").bytes > 0' \
		"$work/show.json" >/dev/null || fail "$address: $truth bytes each way: $(cat "$work/show.json")"
	echo "$address: $(jq -c '{events, receives, matched, lost, holes}' "$work/show.json")"
}

pair a b 198.18.24
for end in a b; do
	ip -n "cutset-$test-$end" addr add "fd00:24::$end/64" dev eth0 nodad
done
check 198.18.24.2 7411 0
check fd00:24::b 7412 256
