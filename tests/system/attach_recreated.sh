#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A container that is removed while it is traced, and another one of its name: it is the node again once it
# is found, and the trace names what is missing before.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq
need_docker
net=cutset-$test server=$net-server
docker network create --internal --subnet 198.18.50.0/24 $net >/dev/null
at_end "docker network rm $net >/dev/null 2>&1 || :"
at_end "docker rm -f $server >/dev/null 2>&1 || :"
serve='$| = 1; $s = IO::Socket::INET->new(LocalPort => 7000, Listen => 5, ReuseAddr => 1) or die;
	while ($c = $s->accept) { print $c $_ while $_ = <$c>; close $c }'
start() {
	docker run -d --name $server --network $net --ip 198.18.50.2 debian:bookworm-slim \
		perl -MIO::Socket::INET -e "$serve" >"$work/id"
}
cat >"$work/talk" <<'END'
# talk TEXT: once somebody listens
for _ in {1..100}; do
	if exec 3<>/dev/tcp/198.18.50.2/7000; then
		echo "$1" >&3
		read -r answer <&3 && exit
	fi 2>/dev/null
	sleep 0.05
done
exit 1
END
found() { grep -q "found again" "$work/out"; }

start
(
	until [ -e "$work/first" ]; do sleep 0.05; done
	docker rm -f $server >/dev/null
	start
	wait_for 10 found && touch "$work/found"
) >"$work/again.out" 2>&1 &
again=$!
at_end "kill -KILL $again 2>/dev/null || :"
"$cutset" trace "server=docker:$server" -o "$work/trace" -- bash -c "bash '$work/talk' first; touch '$work/first'
	for _ in {1..300}; do [ ! -e '$work/found' ] || exec bash '$work/talk' second; sleep 0.05; done; exit 1" \
	>"$work/out" 2>&1 || fail "$(cat "$work/out" "$work/again.out")"
[ -e "$work/found" ] || fail "it was not found again: $(cat "$work/out" "$work/again.out")"

pid=$(docker inspect -f '{{.State.Pid}}' "$(cat "$work/id")")
"$cutset" export "$work/trace" | jq -s --argjson pid "$pid" '(.[0].meta.nodes | map({(.name): .id}) | add) as $id |
	{blind: map(select(.kind == "blind" and .node == $id.server) | .why),
	second: map(select(.kind == "send" and .node == $id.server and .tgid == $pid)) | length}' >"$work/counts"
echo "$(jq -c . "$work/counts")"
jq -e '.blind == ["restart"] and .second >= 1' "$work/counts" >/dev/null || fail "$(cat "$work/counts")"
"$cutset" show "$work/trace" --json >"$work/show.json"
jq -e '.complete == false and .unseen == ["restart"] and .lost == 0' "$work/show.json" >/dev/null ||
	fail "$(cat "$work/show.json")"
