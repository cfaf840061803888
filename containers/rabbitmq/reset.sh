#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# reset.sh [mirrored|quorum]: a known good state, whatever a partition left: all three nodes see each other, and
# the queue is empty, led by q1 and followed by q2 and q3. Exit 0 only when all of it is seen.
# With cluster_partition_handling = ignore nodes that parted stay so until one side begins anew. `rabbit:stop(),
# rabbit:start()` takes 1 s, but waits for ever where Erlang's `global` has not got over the partition.
cd "$(dirname "$0")" && . ./client.sh
kind=${1-mirrored}
deadline=$(($(date +%s) + ${CUTSET_RESET_LIMIT:-60}))

# until_ok WHAT FUNCTION: try until it succeeds, give up at the deadline
until_ok() {
	until "$2"; do
		[ "$(date +%s)" -lt "$deadline" ] || { echo "reset: $1: ${view-}"; exit 1; }
		sleep 0.2
	done
}

running() {
	for node in q1 q2 q3; do
		view="$node $(tell 2 $node 'rabbit:is_running().')"
		[ "$view" = "$node {ok, true}" ] || return 1
	done
}

# parted NODE: those that it does not have to do with. A connection that a cut has stopped is only known to be
# dead after a while: ask over it.
parted() {
	tell 5 "$1" '[M || N <- ["q1", "q2", "q3"], M <- [list_to_atom("rabbit@" ++ N)],
		lists:member(M, rabbit_node_monitor:partitions()) orelse
		not lists:member(M, mnesia:system_info(running_db_nodes)) orelse
		rpc:call(M, rabbit, is_running, [], 1000) =/= true].'
}

# Whoever parted from whom, all begin anew: where one alone did, it sometimes waited for ever for the others.
make_whole() {
	running || return 1
	at1=$(parted q1) at2=$(parted q2) at3=$(parted q3) view="$at1 $at2 $at3"
	[ "$view" = "{ok, []} {ok, []} {ok, []}" ] && return 0
	for node in q1 q2 q3; do
		tell 2 $node 'erlang:halt().' >&2
	done
	return 1
}

declare() { ./declare.py "$kind"; }

followed() {
	view=$(tell 2 q1 '[case rabbit_amqqueue:info(Q, [leader, online, pid, synchronised_slave_pids]) of
		[{leader, L}, {online, O}, _, _] when is_list(O) -> {L, length(O)};
		[_, _, {pid, P}, {_, S}] -> {node(P), length(S) + 1} end || Q <- rabbit_amqqueue:list()].')
	[ "$view" = '{ok, [{rabbit@q1, 3}]}' ]
}

until_ok "the nodes do not see each other" make_whole 2>/dev/null
until_ok "the queue cannot be declared" declare 2>/dev/null
until_ok "q1 does not lead the queue, or q2 and q3 do not follow" followed 2>/dev/null
