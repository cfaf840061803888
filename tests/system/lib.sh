# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the system tests. Brings $top, $B, wait_for, docker_answers and compose of scripts/lib.sh.
# A test exits 0, or 77 when it was skipped (its last line says why), or else it failed.

. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
test=$(basename "$0" .sh)
cutset=$B/cutset
work=$(mktemp -d)

fail() { echo "$test: $*" >&2; exit 1; }
skip() { echo "$*"; exit 77; }
same() { [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"; } # same WHAT EXPECTED GOT

# at_end 'COMMAND': done when the test ends, however it ends; the last one first
at_end_commands="rm -rf --one-file-system '$work'"
at_end() { at_end_commands="$1; $at_end_commands"; }
trap 'status=$?; trap - EXIT; set +e; eval "$at_end_commands"; exit $status' EXIT
trap 'exit 130' INT TERM HUP

need_programs() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
}
need_docker() { docker_answers || skip "Docker does not answer"; }

# namespace NAME: cutset-TEST-NAME, with lo up; it and what runs in it go at the end
namespace() {
	local name=cutset-$test-$1
	ip netns add "$name"
	at_end "ip netns pids $name | xargs -r kill -KILL; ip netns delete $name"
	ip -n "$name" link set lo up
}

# pair A B NET: two namespaces joined by a wire, eth0 at both ends, NET.1 and NET.2
pair() {
	namespace "$1"
	namespace "$2"
	ip link add eth0 netns "cutset-$test-$1" type veth peer name eth0 netns "cutset-$test-$2"
	ip -n "cutset-$test-$1" addr add "$3.1/24" dev eth0
	ip -n "cutset-$test-$2" addr add "$3.2/24" dev eth0
	ip -n "cutset-$test-$1" link set eth0 up
	ip -n "cutset-$test-$2" link set eth0 up
}

# inside NAME COMMAND...: in the namespace of that name
inside() {
	local name=$1
	shift
	ip netns exec "cutset-$test-$name" "$@"
}
