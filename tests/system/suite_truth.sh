#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# timeout: 900
# lane: suite
# The programs of the protocol suite do in real time, under real faults, what containers/suite/truth says:
# they keep their promise without faults, break it under a minimal set, and keep it when one fault of
# the set is left out, or under others that they stand. SUITE_ALL=1: each minimal set of the file, at
# the earliest and the latest onset of its silences, and more that must be stood.
set -eu
. "$(dirname "$0")/lib.sh"
need_programs jq
export SUITE_LAB=30
make -s -C "$top" B="$B" suite-programs >/dev/null
at_end "'$top/scripts/suite' down"
lab=$B/lab/suite30 program= spec= transport= runs=0 late=0

begin() { # PROGRAM SPEC TRANSPORT
	program=$1 spec=$2 transport=$3
	"$top/scripts/suite" up "$1" "$2" "$3" >/dev/null
	cd "$lab"
	targets=$(sed -n 's/^targets: \[\(.*\)\]/\1/p' scenario.yaml | tr -d ,)
}
command_of() { sed -n "s/^$1: //p" "$lab/scenario.yaml"; }
silenced() { printf '%s\n' "$@" | sed -n 's/^silence:\(.*\)@.*/\1/p' | tr '\n' ' '; }

# under [FAULT...]: one run; its outcome: kept, broken, refused, late; and with missed if a fault did not fire
under() {
	local got=0 fired=
	runs=$((runs + 1))
	sh -c "$(command_of reset)" || fail "$program: reset failed before {$*}"
	if [ $# -eq 0 ]; then
		sh -c "$(command_of workload)" >run.out || got=$?
	else
		# shellcheck disable=SC2046,SC2086
		"$cutset" inject --json $(printf '%s\n' "$@" | sed 's/@/@workload./') $targets -- \
			sh -c "$(command_of workload)" >inject.json 2>run.out || fired=" missed"
		[ "$(jq .lapsed inject.json)" = false ] || fail "$program: inject {$*}: $(cat inject.json run.out)"
		got=$(jq -r '.command | sub("exit "; "")' inject.json)
	fi
	case $got in
	1) outcome=refused$fired && return ;;
	75) outcome=late && return ;;
	esac
	same "$program: workload under {$*} ($(cat run.out))" 0 "$got"
	CUTSET_SILENCED=$(silenced "$@") sh -c "$(command_of check)" >check.out || got=$?
	case $got in
	0) outcome=kept$fired ;;
	1) outcome=broken$fired ;;
	75) outcome=late ;;
	*) fail "$program: check under {$*}: exit $got: $(cat check.out)" ;;
	esac
}

# expect OUTCOME [FAULT...]: a machine that is too busy gets more chances
expect() {
	local want=$1
	shift
	for _ in 1 2 3; do
		under "$@"
		[ "$outcome" = late ] || break
		late=$((late + 1))
	done
	# shellcheck disable=SC2254
	case $outcome in $want) return ;; esac
	fail "$program $spec $transport: {$*}: expected '$want', got '$outcome': $(cat run.out check.out)"
}

# onsets FIRST|LAST FAULT...: silence:A@2..4 becomes silence:A@2, or silence:A@4
onsets() {
	local which=$1
	shift
	case $which in
	first) printf '%s\n' "$@" | sed 's/\.\..*//' ;;
	last) printf '%s\n' "$@" | sed 's/@.*\.\./@/' ;;
	esac
}

# What the truth says, a spec a line, then a minimal set a line
every_set() {
	local line
	grep -v '^#' "$top/containers/suite/truth" | while read -r line; do
		# shellcheck disable=SC2086
		set -- $line
		case $line in
		'') ;;
		loss* | silence*) echo "set $line" ;;
		*) echo "spec $1 $3 $5" ;;
		esac
	done
}

all_sets() {
	local what rest
	every_set >"$work/sets"
	while read -r what rest <&3; do
		# shellcheck disable=SC2046,SC2086
		case $what in
		spec)
			begin $rest
			expect kept
			;;
		set)
			expect broken $(onsets first $rest)
			# where nothing is sent any more, a silence cannot fire; the node does not count all the same
			[ "$(onsets first $rest)" = "$(onsets last $rest)" ] || expect 'broken*' $(onsets last $rest)
			;;
		esac
	done 3<"$work/sets"
}

# What stands has to stand the worst, too
nasty_sets() {
	begin classic-deliv 6/0/2 udp
	expect kept silence:A@2 silence:B@2
	begin redun-deliv 6/3/1 udp
	expect kept 'loss:A>B@1' 'loss:A>B@2' 'loss:C>B@2' silence:A@3
	begin ack-deliv 6/3/1 tcp
	expect kept 'loss:B>A@1' 'loss:A>B@2' 'loss:C>B@2' silence:A@3
	begin 2pc-timeout 6/0/1 udp
	expect kept silence:a@2
	begin 3pc 8/0/1 udp
	expect kept silence:K@4
	expect kept silence:a@4
	begin kafka-fixed 7/4/1 udp
	expect kept 'loss:b>Z@1' silence:a@6
	expect refused 'loss:b>Z@1' 'loss:c>Z@1' silence:a@5
	begin sync-pb 6/4/1 udp
	expect refused silence:b@3
	begin paxos-synod 7/6/1 udp
	expect kept 'loss:p2>a1@1' silence:a3@5
}

some_sets() {
	begin classic-deliv 5/3/0 udp
	expect kept
	expect broken 'loss:A>B@1' 'loss:C>A@2' 'loss:C>B@2'
	expect kept 'loss:A>B@1' 'loss:C>B@2'
	begin simple-deliv 4/2/0 tcp
	expect broken 'loss:B>A@1'
	begin retry-deliv 6/3/0 stream
	expect broken 'loss:A>B@1'
	begin ack-deliv 6/3/1 udp
	expect kept 'loss:A>B@1' 'loss:A>B@2' silence:A@3
	begin 3pc 9/7/1 udp
	expect broken 'loss:a>K@4' 'loss:K>a@6'
	begin kafka 7/4/1 udp
	expect broken 'loss:b>Z@1' 'loss:c>Z@1' silence:a@5
}

if [ -n "${SUITE_ALL-}" ]; then all_sets; nasty_sets; else some_sets; fi
echo "$runs runs, $late late"
