#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A container that the client reaches by a published port is silenced, whether iptables translates or
# docker-proxy copies; the proxy itself is no node that could be.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs python3 jq
need_docker
programs=$top/tests/system/programs
name=cutset-published net=198.18.61

at_end "docker rm -f $name >/dev/null 2>&1; docker network rm $name >/dev/null 2>&1"
docker network create --subnet $net.0/24 -o com.docker.network.bridge.enable_ip_masquerade=false \
	$name >/dev/null
docker run -d --name $name --network $name -p $net.1:7701:7000 -p 127.0.0.1:7702:7000 \
	-v "$programs:/programs:ro" debian:bookworm-slim perl /programs/echo_server.pl 7000 >/dev/null
answers() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }
wait_for 10 answers $net.1 7701 || fail "the container does not answer"

# inject FAULT ADDRESS PORT: three lines, of which the first alone comes back
inject() {
	"$cutset" inject "$1" "server=docker:$name" -o "$work/$3" --json -- timeout 3 \
		python3 "$programs/echo_client.py" "$3" 3 0.1 "$2" >"$work/$3.json" 2>"$work/err" ||
		fail "inject $1: $(cat "$work/$3.json" "$work/err")"
	same "how the client on port $3 ended" 'exit 124' "$(jq -r .command "$work/$3.json")"
	jq -e '.leaked == 0 and .lost == 0 and .faults[0].fired and .faults[0].dropped > 0' \
		"$work/$3.json" >/dev/null || fail "inject $1: $(cat "$work/$3.json")"
}

# seen PORT FILTER: of the trace
seen() { "$cutset" show "$work/$1/trace" -m --json | jq -c "$2"; }

inject 'silence:server@workload.1' $net.1 7701
same 'cut, translated' '["client>server"]' \
	"$(seen 7701 '[.list[] | select(.cut and .class == "data") | .from + ">" + .to] | unique')"
inject 'silence:server@workload.1' 127.0.0.1 7702
same 'cut, copied' '["server-proxy>server"]' \
	"$(seen 7702 '[.list[] | select(.cut and .class == "data") | .from + ">" + .to] | unique')"
inject 'link:client>server@workload.1' $net.1 7701

status=0
"$cutset" inject 'silence:server-proxy@workload.1' "server=docker:$name" -- true 2>"$work/err" || status=$?
same 'exit code of a fault at the proxy' 2 $status
grep -q 'name the container' "$work/err" || fail "$(cat "$work/err")"
