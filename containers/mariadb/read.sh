#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Read the row that write.sh inserted, at the primary; where that is silent at the replica that would be promoted:
# the one that has more. Exit 0: it is there; 1: it is not; 2: nobody knows.
cd "$(dirname "$0")" && . ./client.sh

# how far a replica is that takes nothing more from the primary, and has applied what it took
place() {
	ask 4 "$1" "stop slave io_thread" || return 1
	i=0
	until ask 2 "$1" "show slave status\G" 2>/dev/null | grep -q 'Slave has read all relay log'; do
		i=$((i + 1))
		[ $i -lt 40 ] || return 1
		sleep 0.1
	done
	ask 2 "$1" "select substring_index(@@gtid_slave_pos, '-', -1)"
}

node=m1
if silenced m1; then
	at2=$(place "$m2") && at3=$(place "$m3") && [ -n "$at2" ] && [ -n "$at3" ] ||
		{ echo "a replica does not say what it has"; exit 2; }
	[ "$at3" -gt "$at2" ] && node=m3 || node=m2
fi
eval "address=\$$node"
cnt=$(ask 3 "$address" "select count(*) from d.t where v = '$value'") || { echo "$node does not answer"; exit 2; }
[ "$cnt" -gt 0 ] && echo "$node: kept" && exit 0
echo "$node: lost"
exit 1
