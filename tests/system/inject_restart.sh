#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A container that is restarted while a fault is in force, and a network that it joins meanwhile: the fault
# takes what comes by there, too.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq python3
need_docker
net=cutset-$test-$$ a=cutset-$test-a b=cutset-$test-b
for n in 1 2; do
	docker network create --internal --subnet 198.18.4$n.0/24 $net-$n >/dev/null
	at_end "docker network rm $net-$n >/dev/null 2>&1 || :"
done
at_end "docker rm -f $a $b >/dev/null 2>&1 || :"
take='$| = 1; $s = IO::Socket::INET->new(LocalPort => 7000, Proto => "udp") or die;
	while (1) { $p = $s->recv($d, 99); printf "%d\n", (unpack "C4", (sockaddr_in $p)[1])[2] }'
tell='$s = IO::Socket::INET->new(Proto => "udp");
	while (1) { for (41, 42) { $s->send("x", 0, pack_sockaddr_in(7000, inet_aton("198.18.$_.2"))) } select undef, undef, undef, 0.01 }'
docker run -d --name $b --network $net-1 --ip 198.18.41.2 debian:bookworm-slim \
	perl -MIO::Socket::INET -MSocket -e "$take" >/dev/null
docker network connect --ip 198.18.42.2 $net-2 $b
docker run -d --name $a --network $net-1 --ip 198.18.41.3 debian:bookworm-slim \
	perl -MIO::Socket::INET -MSocket -e "$tell" >/dev/null
sleep 0.5
now() { date +%s.%N; }
"$cutset" inject "link:a>b@workload.0" "a=docker:$a" "b=docker:$b" --json -- sh -ec "
	date +%s.%N >'$work/begun'; sleep 0.5
	docker restart -t 0 $a; date +%s.%N >'$work/restarted'; sleep 1
	docker network connect --ip 198.18.42.3 $net-2 $a; date +%s.%N >'$work/joined'; sleep 1
	date +%s.%N >'$work/ending'" >"$work/json" 2>"$work/err" || [ -e "$work/ending" ] || fail "$(cat "$work/err")"
sleep 0.5
docker logs -t $b 2>&1 | python3 -c '
import datetime, sys
for line in sys.stdin:
    at, net = line.split()
    print(net, datetime.datetime.fromisoformat(at[:26].rstrip("Z") + "+00:00").timestamp())' >"$work/taken"
# came NET FROM TO: how many, between 300 ms after the one and the other
came() { awk -v net="$1" -v from="$(cat "$work/$2")" -v to="$(cat "$work/$3")" '$1 == net && $2 > from + 0.3 && $2 < to' "$work/taken" | wc -l; }
echo "restart: $(came 41 begun ending) came by the first network in all, $(came 41 restarted ending) from 0.3 s after it on; joined: $(came 42 joined ending)"
same "before the restart" 0 "$(awk -v from="$(cat "$work/begun")" '$2 > from + 0.1 && $2 < from + 0.4' "$work/taken" | wc -l)"
same "after the restart" 0 "$(came 41 restarted ending)"
same "by the network that was joined" 0 "$(came 42 joined ending)"
now >"$work/end"
[ "$(came 41 ending end)" -gt 0 ] && [ "$(came 42 ending end)" -gt 0 ] || fail "nothing passes at the end"
grep -q 'the node goes on' "$work/err" || fail "that it was restarted is not said: $(cat "$work/err")"
jq -e '.faults[0].fired and .faults[0].dropped > 100' "$work/json" >/dev/null || fail "$(cat "$work/json")"
