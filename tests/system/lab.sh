#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The stores come up in namespaces, take a write and give it back, and go without a trace.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs redis-server redis-sentinel etcd etcdctl
ip netns list | grep -q '^cutset-lab-' && skip "a lab is up already"

# what a lab makes and must not leave in the root namespace
links() { ip -o link | cut -d: -f2 | cut -d@ -f1 | grep -E '^ (redis|sentinel|etcd|client|br0)' || true; }

# its pid file names the daemon itself, in its node's namespace
is_daemon() { # STORE NODE COMM
	local pid
	pid=$(cat "$B/lab/$1/$2.pid")
	same "the process of $2" "$3" "$(cat "/proc/$pid/comm")"
	same "the namespace of $2" "cutset-lab-$1-$2" "$(ip netns identify "$pid")"
}

works() { # STORE NODE COMM
	local folder=$top/containers/$1
	at_end "'$top/scripts/lab' $1 down"
	"$top/scripts/lab" "$1" up
	is_daemon "$@"
	pid=$(cat "$B/lab/$1/$2.pid")
	"$top/scripts/lab" "$1" up
	same "the pid of $2 after a second up" "$pid" "$(cat "$B/lab/$1/$2.pid")"
	CUTSET_RUN=1 "$folder/read.sh" lab >/dev/null && fail "$1: a key that was never written is there"
	CUTSET_RUN=1 "$folder/write.sh" lab >/dev/null || fail "$1: the write was not acknowledged"
	CUTSET_RUN=1 "$folder/read.sh" lab >/dev/null || fail "$1: the key is not there"
}

is_gone() { # STORE
	"$top/scripts/lab" "$1" down
	"$top/scripts/lab" "$1" down
	same "namespaces of $1" "" "$(ip netns list | grep "^cutset-lab-$1-" || true)"
	wait_for 2 ended "$pid" || fail "$1: process $pid is still there"
	[ ! -e "$B/lab/$1" ] || fail "$1: $B/lab/$1 is still there"
}

works redis sentinel3 redis-sentinel
is_gone redis
works etcd etcd2 etcd
is_gone etcd
same "links in the root namespace" "" "$(links)"
