#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A container's published port: by the bridge's own address iptables translates (the ends see different
# addresses), by 127.0.0.1 docker-proxy copies. Every receive is matched, also on connections older than
# the trace, and rules are left alone. Names are resolved by dockerd: that is matched, or named.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq iptables-save
need_docker
programs=$top/tests/system/programs
name=cutset-published net=198.18.61

at_end "docker rm -f $name $name-peer >/dev/null 2>&1; docker network rm $name >/dev/null 2>&1"
docker network create --subnet $net.0/24 -o com.docker.network.bridge.enable_ip_masquerade=false \
	$name >/dev/null
docker run -d --name $name --network $name -p $net.1:7701:7000 -p 127.0.0.1:7702:7000 -v "$programs:/programs:ro" \
	debian:bookworm-slim perl /programs/echo_server.pl 7000 >/dev/null
answers() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# start NAME COMMAND...: in the background until the test ends; its pid goes to $NAME
start() {
	local name=$1
	shift
	"$@" >"$work/$name.out" 2>&1 &
	printf -v "$name" %s $!
	at_end "kill -KILL $! 2>/dev/null"
}

# traced WAY ADDRESS PORT: a client that is older than the trace, and a workload
traced() {
	local way=$1 address=$2 port=$3
	start "old" python3 "$programs/echo_client.py" "$port" 0 0.02 "$address"
	sleep 0.5
	"$cutset" trace "server=docker:$name" "old=pid:$old" -o "$work/$way.trace" -- sh -c \
		"for i in 1 2 3 4; do python3 $programs/echo_client.py $port 50 0 $address & done; wait" \
		>"$work/trace.out" 2>&1 || fail "$(cat "$work/trace.out")"
	{ kill -KILL "$old"; wait "$old"; } 2>/dev/null || :
	"$cutset" show "$work/$way.trace" --json >"$work/$way.json" || fail "$(cat "$work/$way.json")"
	echo "$way: $(jq -c '{names, events, receives, matched, early, lost, holes}' "$work/$way.json")"
	jq -e '.complete and .lost == 0 and .holes == 0 and .matched == .receives and .receives >= 400' \
		"$work/$way.json" >/dev/null || fail "$way: $("$cutset" show "$work/$way.trace")"
}

# links WAY: FROM>TO:PORT of all that carried data over TCP
links() {
	jq -r '.links[] | select(.carrier == "tcp" and .messages > 0) | "\(.from)>\(.to):\(.port)"' \
		"$work/$1.json" | sort | paste -sd' '
}

rules() { iptables-save | grep -v '^#' | sed 's/\[.*\]//'; }

wait_for 10 answers $net.1 7701 || fail "the container does not answer"
rules >"$work/rules"
traced translated $net.1 7701
same 'links, translated' 'client>server:7000 old>server:7000 server>client:7000 server>old:7000' \
	"$(links translated)"
traced copied 127.0.0.1 7702
same 'links, copied' "$(echo client'>'server-proxy:7702 old'>'server-proxy:7702 server-proxy'>'client:7702 \
	server-proxy'>'old:7702 server-proxy'>'server:7000 server'>'server-proxy:7000)" "$(links copied)"
same 'kinds' 'server=node old=node server-proxy=proxy client=client' \
	"$(jq -r '[.names, .kinds] | transpose | map(join("=")) | join(" ")' "$work/copied.json")"

# From the container's own network docker-proxy copies, on the bridge's address too.
docker run -d --name $name-peer --network $name debian:bookworm-slim sleep 600 >/dev/null
"$cutset" trace "server=docker:$name" "peer=docker:$name-peer" -o "$work/hairpin.trace" -- \
	docker exec $name-peer bash -c "exec 3<>/dev/tcp/$net.1/7701
		for i in 1 2 3; do echo \$i >&3; read -r back <&3; [ \$back = \$i ]; done" \
	>"$work/trace.out" 2>&1 || fail "$(cat "$work/trace.out")"
"$cutset" show "$work/hairpin.trace" --json >"$work/hairpin.json"
jq -e '.complete and .receives > 0' "$work/hairpin.json" >/dev/null ||
	fail "$("$cutset" show "$work/hairpin.trace")"
same 'links, by the container itself' \
	"$(echo peer'>'server-proxy:7701 server-proxy'>'peer:7701 server-proxy'>'server:7000 \
		server'>'server-proxy:7000)" "$(links hairpin)"

# resolve TARGET...: the peer asks for the server's name
resolve() {
	"$cutset" trace "peer=docker:$name-peer" "$@" -o "$work/names.trace" -- \
		docker exec $name-peer getent hosts $name >"$work/trace.out" 2>&1 ||
		fail "$(cat "$work/trace.out")"
	"$cutset" show "$work/names.trace" --json >"$work/names.json"
}
asked() { jq -c '[.links[] | select(.carrier == "udp") | "\(.from)>\(.to):\(.port)"] | sort' "$work/names.json"; }

resolve
jq -e '.complete and .resolver >= 2' "$work/names.json" >/dev/null || fail "$("$cutset" show "$work/names.trace")"
same 'who was asked' '["peer>outside:53"]' "$(asked)"
dockerd=$(cat /var/run/docker.pid 2>/dev/null || pidof -s dockerd || :)
if [ -n "$dockerd" ]; then
	resolve "dockerd=pid:$dockerd"
	jq -e '.complete and .resolver == 0' "$work/names.json" >/dev/null ||
		fail "$("$cutset" show "$work/names.trace")"
	same 'who was asked, dockerd traced' '["dockerd>peer:53","peer>dockerd:53"]' "$(asked)"
fi
same 'rules of iptables' "$(cat "$work/rules")" "$(rules)"
