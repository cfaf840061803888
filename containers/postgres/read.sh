#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# read.sh fixed|better: read the row that write.sh inserted, at the primary; where that is silent, promote p2,
# or the standby that has more, and read it there. Exit 0: it is there; 1: it is not; 2: nobody knows.
cd "$(dirname "$0")" && . ./client.sh

# what is received is kept: a standby that asks nobody any more has it all
place() { eval "ask 3 \$$1 \"select pg_last_wal_receive_lsn() - '0/0'\""; }

choose() {
	[ "$1" = better ] || { echo p2; return; }
	at2=$(place p2) && at3=$(place p3) && [ -n "$at2" ] && [ -n "$at3" ] || return 1
	[ "$at3" -gt "$at2" ] && echo p3 || echo p2
}

node=p1
if silenced p1; then
	node=$(choose "$1") || { echo "a standby does not say what it has"; exit 2; }
	eval "address=\$$node"
	[ "$(ask 10 "$address" 'select pg_promote(true, 8)')" = t ] || { echo "$node is not promoted"; exit 2; }
fi
eval "address=\$$node"
cnt=$(ask 3 "$address" "select count(*) from t where v = '$value'") || { echo "$node does not answer"; exit 2; }
[ "$cnt" -gt 0 ] && echo "$node: kept" && exit 0
echo "$node: lost"
exit 1
