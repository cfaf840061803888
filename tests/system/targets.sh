#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What targets turn out to be: containers, a compose project, a cgroup, process trees and groups, in
# namespaces of their own; what happens when they stop, restart or never were.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
cutset=$B/cutset driver=$B/tests/system/nodes_driver
net=cutset-targets prefix=cutset-targets ns=cutset-targets
work=$(mktemp -d)
pids=()

clean_up() {
	trap - EXIT
	for pid in "${pids[@]}"; do
		kill -9 -- "-$pid" 2>/dev/null || kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	docker ps -aq --filter "name=^$prefix-" | xargs -r docker rm -f >/dev/null 2>&1 || true
	docker network rm $net >/dev/null 2>&1 || true
	for one in $ns-1 $ns-2; do
		for pid in $(ip netns pids $one 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done
		ip netns del $one 2>/dev/null || true
	done
	[ -z "${group:-}" ] || for _ in 1 2 3 4 5 6 7 8 9 10; do
		rmdir "$group/below" "$group" 2>/dev/null || true
		[ -d "$group" ] || break
		sleep 0.1
	done
	rm -rf --one-file-system "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

fail() { printf '%s: FAILED: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
same() { [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"; }

# code CODE TEXT TARGET...: doctor ends with the code, and its one error line holds the text
code() {
	local want=$1 text=$2 got=0
	shift 2
	"$cutset" doctor "$@" >/dev/null 2>"$work/err" || got=$?
	same "exit code of doctor $* ($(cat "$work/err"))" "$want" "$got"
	[ -z "$text" ] || grep -qF -- "$text" "$work/err" || fail "doctor $*: no '$text' in: $(cat "$work/err")"
	[ "$want" = 0 ] || same "lines of error of doctor $*" 1 "$(wc -l <"$work/err")"
}

# node FILTER TARGET...: what jq finds in the first node
node() {
	local filter=$1
	shift
	"$cutset" doctor --json "$@" >"$work/json" || fail "doctor $*: $(cat "$work/json")"
	jq -c ".nodes[0] | $filter" "$work/json"
}

run() { # NAME OPTION... : a container that listens on 7000
	local name=$1
	shift
	docker run -d --name "$prefix-$name" "$@" debian:bookworm-slim perl -MIO::Socket::INET -e \
		'$s = IO::Socket::INET->new(LocalPort => 7000, Listen => 5, ReuseAddr => 1) or die; sleep 1e6' \
		>/dev/null
}
cgroup2() { awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo; }
inspect() { docker inspect -f "$2" "$prefix-$1"; }
listening() { [ "$("$cutset" doctor --json "$1" | jq -c '.nodes[0].listen')" = "[7000]" ]; }

# the kernel frees programs a little after their last user has gone
no_probe_left() { ! bpftool prog show 2>/dev/null | grep cutset_probe; }

the_machine() {
	code 0 ''
	"$cutset" doctor --json | jq -e '.can_hunt and (.probes | length > 10) and
		(.probes[] | select(.need == "needed") | .ok)' >/dev/null || fail "the machine's --json"
	wait_for 5 no_probe_left || fail "a probe's program is left"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$cutset" doctor --json >"$work/json" &&
		fail "doctor without root ends with 0"
	same "probes without root" '[false,false]' "$(jq -c '[.can_hunt, (.probes[] |
		select(.id == "privilege") | .ok)]' "$work/json")"
	DOCKER_HOST=unix:///nowhere code 3 'start dockerd' docker:x
}

a_container() {
	local pid v2
	run a --network $net --ip 198.18.13.11
	wait_for 10 listening docker:$prefix-a || fail "nothing listens in container a"
	pid=$(inspect a '{{.State.Pid}}')
	v2=$(cgroup2)$(sed -n 's/^0:://p' /proc/"$pid"/cgroup)
	same pids "[$pid]" "$(node .pids docker:$prefix-a)"
	same name "\"$prefix-a\"" "$(node .name docker:$prefix-a)"
	same 'given name' '"n1"' "$(node .name n1=docker:$prefix-a)"
	same 'by id' "\"$prefix-a\"" "$(node .name docker:"$(inspect a '{{.Id}}')")"
	same container "\"$(inspect a '{{.Id}}')\"" "$(node .container docker:$prefix-a)"
	same cgroup "$(stat -c %i "$v2")" "$(node .cgroup_id docker:$prefix-a)"
	same addresses '["198.18.13.11"]' "$(node .addresses docker:$prefix-a)"
	same interfaces '["lo","eth0"]' "$(node '[.interfaces[].name]' docker:$prefix-a)"
	same netns "$(stat -Lc %i /proc/"$pid"/ns/net)" "$(node .netns docker:$prefix-a)"
	same host_netns false "$(node .host_netns docker:$prefix-a)"
	code 5 "$prefix-a" docker:$prefix-nix
	code 2 'same cgroup' docker:$prefix-a x=docker:$prefix-a
	code 2 'in two nodes' x=docker:$prefix-a y=pid:"$pid"
}

stopped_and_odd_containers() {
	docker create --name $prefix-created debian:bookworm-slim true >/dev/null
	code 5 'not running (created)' docker:$prefix-created
	docker pause $prefix-a >/dev/null
	code 5 'unpause it' docker:$prefix-a
	docker unpause $prefix-a >/dev/null
	docker run -d --name $prefix-host --network host debian:bookworm-slim sleep 600 >/dev/null
	same host_netns true "$(node .host_netns docker:$prefix-host)"
	same addresses-6 '["198.18.13.12"]' "$(run two --network $net --ip 198.18.13.12 &&
		node .addresses docker:$prefix-two)"
}

a_project() {
	local labels=com.docker.compose
	for one in web:2 web:10 db:1; do
		run "c-${one%:*}-${one#*:}" --network $net --label $labels.project=$prefix \
			--label $labels.service="${one%:*}" --label $labels.container-number="${one#*:}"
	done
	docker run --name $prefix-c-init --label $labels.project=$prefix --label $labels.service=init \
		--label $labels.container-number=1 debian:bookworm-slim true
	"$cutset" doctor --json compose:$prefix >"$work/json" || fail "compose:$prefix"
	same 'nodes of a project' '["db","web-2","web-10"]' "$(jq -c '[.nodes[].name]' "$work/json")"
	same 'nodes of a service' '"db"' "$(node .name compose:$prefix/db)"
	code 5 "$prefix" compose:$prefix-nix
	code 5 'services: db, init, web' compose:$prefix/nix
	code 5 'is not running' compose:$prefix/init
	docker kill $prefix-c-db-1 >/dev/null
	code 5 'service db' compose:$prefix
	code 0 '' compose:$prefix/web
}

a_cgroup() {
	group=$(cgroup2)/cutset-targets
	mkdir -p "$group/below"
	code 5 'no process runs' cgroup:/cutset-targets
	sleep 600 & pids+=($!)
	echo $! >"$group/below/cgroup.procs"
	same 'cgroup pids' "[$!]" "$(node .pids cgroup:"$group")"
	same 'cgroup id' "$(stat -c %i "$group")" "$(node .cgroup_id cgroup:/cutset-targets)"
	same 'cgroup level' '[1,2]' "[$(node .cgroup_level cgroup:cutset-targets/),$(
		node .cgroup_level cgroup:/cutset-targets/below)]"
	same 'cgroup name' '"below"' "$(node .name cgroup:/cutset-targets/below)"
	code 5 'no cgroup /cutset-nix' cgroup:/cutset-nix
	code 2 '' cgroup:/
	code 2 '' cgroup:/cutset-targets/../cutset-targets
	same 'cgroup id where one mount is hidden' "$(stat -c %i "$group")" "$(unshare -m sh -ec "
		mount -t tmpfs none /sys/fs/cgroup
		mkdir /sys/fs/cgroup/again
		mount -t cgroup2 none /sys/fs/cgroup/again
		$cutset doctor --json cgroup:/cutset-targets" | jq '.nodes[0].cgroup_id')"
}

# tree NAMESPACE FILE: a process with two children, in a group of its own; its number in FILE
tree() {
	setsid ip netns exec "$1" sh -c 'echo $$ >"$0"; sleep 601 & sleep 602 & wait' "$2" &
	wait_for 5 test -s "$2" || fail "the tree did not start"
	pids+=("$(cat "$2")")
}

processes() {
	local one two pid
	for one in 1 2; do
		ip netns add $ns-$one
		ip -n $ns-$one link add dummy0 type dummy 2>/dev/null ||
			ip -n $ns-$one link add dummy0 type veth peer name dummy1
		ip -n $ns-$one addr add 198.18.13.20$one/24 dev dummy0
		ip -n $ns-$one addr add fd13::$one/64 dev dummy0 nodad 2>/dev/null || true
		ip -n $ns-$one link set dummy0 up
		ip -n $ns-$one link set lo up
		tree $ns-$one "$work/$one.pid"
	done
	one=$(cat "$work/1.pid") two=$(cat "$work/2.pid")
	wait_for 5 sh -c "[ \$(pgrep -P $one | wc -l) = 2 ]" || fail "no children"
	same 'pids of a tree' "[$one,$(pgrep -P "$one" | sort -n | paste -sd,)]" "$(node .pids pid:"$one")"
	same 'pids of a group' "$(node .pids pid:"$one")" "$(node .pids pgid:"$one")"
	same 'its name' '["sh",false]' "$(node '[.name, .host_netns]' pid:"$one")"
	same 'v4 address' '"198.18.13.201"' "$(node '.addresses[0]' pid:"$one")"
	same 'by file' "$one" "$(node '.pids[0]' pid:"$work/1.pid")"
	same 'by relative file' "$two" "$(cutset=$(realpath "$cutset"); cd "$work" && node '.pids[0]' pgid:2.pid)"
	"$cutset" doctor --json pid:"$one" pid:"$two" >"$work/json"
	same 'names of two' '["sh","sh-2"]' "$(jq -c '[.nodes[].name]' "$work/json")"
	for pid in $(pgrep -P "$two"); do kill -9 "$pid"; done
	wait_for 5 sh -c "! kill -0 $two" || fail "the tree did not end"
	code 5 "no process $two" pid:"$two"
	code 5 'no process group' pgid:"$two"
	code 5 'has ended' pid:"$work/2.pid"
	code 5 'cannot read' pid:"$work/3.pid"
	code 2 'holds cutset itself' pid:$$
	setsid sh -c "echo \$\$ >$work/both.pid; ip netns exec $ns-1 sleep 603 & sleep 604 & wait" &
	wait_for 5 test -s "$work/both.pid" || fail "the split tree did not start"
	pids+=("$(cat "$work/both.pid")")
	wait_for 5 sh -c "$cutset doctor pid:$work/both.pid 2>&1 | grep -q 'different network namespaces'" ||
		fail "a node in two namespaces is taken"
}

# ask COMMAND: the driver's answer
ask() {
	echo "$*" >&"${DRIVER[1]}"
	read -r -t 30 answer <&"${DRIVER[0]}" || fail "no answer to $*"
}

restarts() {
	local before us
	coproc DRIVER { "$driver"; }
	ask add n=docker:$prefix-a
	same 'nodes' 1 "$answer"
	ask client docker:$prefix-two
	ask add docker:$prefix-two
	same 'a client that is a target too' 2 "$answer"
	ask show
	before=$answer
	ask alive
	us=${answer#alive }
	[ "$us" -lt 1000 ] || fail "alive takes $us us"
	ask refresh
	same 'refresh of what did not change' same "$answer"
	docker restart -t 0 $prefix-a >/dev/null
	ask alive
	same 'alive after a restart' "error 5 node n (n=docker:$prefix-a)" "${answer%%:\ its*}"
	ask refresh
	same 'refresh after a restart' changed "$answer"
	ask show
	same 'names and ids' "$(sed 's/\(n [01]\) [0-9]* [0-9]*/\1/' <<<"$before")" \
		"$(sed 's/\(n [01]\) [0-9]* [0-9]*/\1/' <<<"$answer")"
	same 'the new process' "$(inspect a '{{.State.Pid}}')" "$(cut -d, -f1 <<<"$answer" | cut -d' ' -f4)"
	docker rm -f $prefix-a >/dev/null
	ask refresh
	same 'refresh of what is gone' 'error 5 node n' "${answer%%: *}"
	echo "alive takes $us us for two containers"
}

[ "$(id -u)" -eq 0 ] || { echo "skipped: needs root"; exit 77; }
make --no-print-directory B="$B" "$driver" >/dev/null
the_machine
processes
a_cgroup
docker_answers || { echo "skipped: the container part, Docker does not answer"; exit 77; }
scripts/base-image
docker network create --internal --subnet 198.18.13.0/24 $net >/dev/null
a_container
stopped_and_odd_containers
a_project
restarts
