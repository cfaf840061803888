#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 180
# What is known of the stores, by hand with iptables and without cutset: which faults lose a write.
# When this fails, the demos' scenarios no longer say what we think they say.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs redis-server redis-sentinel etcd etcdctl iptables
ip netns list | grep -q '^cutset-lab-' && skip "a lab is up already"

filter() { # NODE ARGS...
	local node=$1
	shift
	ip netns exec "cutset-lab-$store-$node" iptables "$@"
}
cut() { filter "$2" -A INPUT -s "${!1}" -j DROP; }  # cut A B: what A sends to B
mend() { filter "$2" -D INPUT -s "${!1}" -j DROP; }
silence() {
	local other
	filter "$1" -I INPUT -j DROP
	for other in $nodes; do
		[ "$other" = "$1" ] || cut "$1" "$other"
	done
}
heal() { for node in $nodes; do filter "$node" -F INPUT; done; }

# outcome WANT SILENCED [RECEIVER...]: cut etcd1's or redis1's links to the receivers, write, silence,
# mend the links, read: 0 kept, 1 lost
run=100
outcome() {
	local want=$1 silenced=$2 got=0 receiver
	shift 2
	export CUTSET_RUN=$((run += 1)) CUTSET_SILENCED=
	./reset.sh lab || fail "$store: reset failed before {$silenced $*}"
	for receiver; do cut "${store}1" "$receiver"; done
	./write.sh lab >/dev/null || fail "$store: the write was not acknowledged under {$*}"
	[ -z "$silenced" ] || silence "$silenced"
	for receiver; do mend "${store}1" "$receiver"; done
	CUTSET_SILENCED=$silenced ./read.sh lab >"$work/read" || got=$?
	heal
	same "$store: silence {$silenced}, links to {$*} ($(cat "$work/read"))" "$want" "$got"
}

begin() {
	store=$1 nodes=$2 NET=$3
	at_end "'$top/scripts/lab' $store down"
	"$top/scripts/lab" "$store" up
	cd "$top/containers/$store"
	. ./settings.sh
}

begin redis "redis1 redis2 redis3 sentinel1 sentinel2 sentinel3" 198.18.21
outcome 0 ""
outcome 0 redis1
outcome 0 redis1 redis2
outcome 0 redis1 redis3
outcome 0 "" redis2 redis3
outcome 1 redis1 redis2 redis3
./reset.sh lab

begin etcd "etcd1 etcd2 etcd3" 198.18.22
outcome 0 ""
outcome 0 etcd1
outcome 0 etcd2
outcome 0 "" etcd2
outcome 0 "" etcd3
