#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Add one to a counter under a lock: increment.sh MEMBER WORK [guarded], in a client's container. MEMBER is
# the address of the only one that it asks; between reading and writing it works for WORK seconds.
# Exit 0: acknowledged; 1: refused; 2: unknown. `outcome` (in this folder) holds how far it came.
. /cutset/settings.sh
export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=$1:2379 ETCDCTL_DIAL_TIMEOUT=10s ETCDCTL_COMMAND_TIMEOUT=10s
work=$2 how=${3:-plain}

# A write is worth nothing when the lock is gone: the key that stands for it.
plain() { etcdctl put counter "$1"; }
guarded() { printf 'version("%s") > "0"\n\nput counter %s\n\n\n' "$ETCD_LOCK_KEY" "$1" | etcdctl txn; }

if [ "$how" != under-lock ]; then
	echo waits >outcome
	etcdctl lock --ttl $lock_ttl counter.lock "$0" "$1" "$work" under-lock "$how"
	case $(cat outcome) in acknowledged) exit 0 ;; refused) exit 1 ;; *) exit 2 ;; esac
fi
how=$4
count=$(etcdctl get --print-value-only counter) || { echo refused >outcome; exit; }
echo holds >outcome
sleep "$work"
case $($how $((count + 1))) in
OK | SUCCESS*) echo acknowledged >outcome ;;
FAILURE*) echo refused >outcome ;;
*) echo unknown >outcome ;;
esac
