#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A container that is restarted while it is traced is the same node, from its first call on; so is what
# `docker exec` runs in it, also where its first process is in a cgroup below (systemd, Docker in Docker).
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq
need_docker
net=cutset-$test server=$net-server client=$net-client
docker network create --internal --subnet 198.18.49.0/24 $net >/dev/null
at_end "docker network rm $net >/dev/null 2>&1 || :"
at_end "docker rm -f $server $client >/dev/null 2>&1 || :"

serve='$| = 1; $s = IO::Socket::INET->new(LocalPort => 7000, Listen => 5, ReuseAddr => 1) or die;
	while ($c = $s->accept) { print $c $_ while $_ = <$c>; close $c }'
ask='while (1) { $s = IO::Socket::INET->new(PeerAddr => "198.18.49.2:7000", Timeout => 1);
	if ($s) { print $s "ask\n"; <$s>; close $s } select undef, undef, undef, 0.05 }'
docker run -d --name $server --network $net --ip 198.18.49.2 debian:bookworm-slim \
	perl -MIO::Socket::INET -e "$serve" >/dev/null
docker run -d --init --name $client --network $net --ip 198.18.49.3 debian:bookworm-slim \
	perl -MIO::Socket::INET -e "$ask" >/dev/null
sleep 1
group=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)$(
	sed -n 's/^0:://p' "/proc/$(docker inspect -f '{{.State.Pid}}' $client)/cgroup")
mkdir "$group/below"
for pid in $(cat "$group/cgroup.procs"); do echo "$pid" >"$group/below/cgroup.procs"; done
once='$s = IO::Socket::INET->new("198.18.49.2:7000") or die; print $s "exec\n"; <$s>'
"$cutset" trace "server=docker:$server" "asks=docker:$client" -o "$work/trace" -- sh -ec "
	sleep 0.3
	docker restart -t 0 $server >/dev/null
	sleep 1
	docker exec $client perl -MIO::Socket::INET -e '$once'
	docker exec $server perl -e 'print STDERR \"said by exec\"'
	sleep 0.3" >"$work/out" 2>&1 || fail "$(cat "$work/out")"
grep -q 'the node goes on' "$work/out" || fail "that it was restarted is not said: $(cat "$work/out")"
"$cutset" show "$work/trace" --json >"$work/show.json"
"$cutset" export "$work/trace" >"$work/records"
jq -s '(.[0].meta.nodes | map({(.name): .id}) | add) as $id |
	(map(select(.kind == "socket" and .carrier == "tcp") | {(.socket | tostring): true}) | add) as $tcp |
	def talkers($node; $kind): map(select(.node == $node and .kind == $kind and .len > 0 and
		$tcp[.socket | tostring]) | .tgid) | unique | length;
	{servers: talkers($id.server; "recv"), execs: talkers($id.asks; "send"),
	said: map(select(.node == $id.server and .kind == "log" and .payload == "736169642062792065786563")) | length}' \
	"$work/records" >"$work/counts"
echo "$(jq -c . "$work/counts") $(jq -c '{events, receives, matched, early, lost, holes}' "$work/show.json")"
jq -e '.servers == 2 and .execs == 2 and .said == 1' "$work/counts" >/dev/null || fail "$(cat "$work/counts")"
jq -e '.complete and .lost == 0 and .holes == 0 and .matched == .receives and .receives > 10' \
	"$work/show.json" >/dev/null || fail "$(cat "$work/show.json" "$work/out")"
