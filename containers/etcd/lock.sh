#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# c1 takes the lock through etcd1 and works for a while on the counter that it read; meanwhile c2 asks for the
# lock through etcd2, and adds one as well: lock.sh [guarded]. In between the workload itself looks at the lock:
# from its step 1 on c1 is at work.
# Exit 0: c2's increment is acknowledged; 1: refused, or c1 did not get the lock; 2: unknown.
cd "$(dirname "$0")" && . ./client.sh

docker exec -d "$(container c1)" /cutset/increment.sh "$etcd1" 4 "$@"
docker exec "$(container c1)" timeout 4 sh -c 'until grep -qs holds outcome; do sleep 0.05; done' ||
	{ echo "c1 does not get the lock"; exit 1; }
held=$(ask 2 "$etcd3:2379" get --prefix --keys-only counter.lock) && [ -n "$held" ] ||
	{ echo "nobody is seen to hold the lock"; exit 2; }
echo "c1 holds the lock"
docker exec "$(container c2)" timeout 6 /cutset/increment.sh "$etcd2" 0 "$@"
status=$?
echo "c2: $(outcome c2)"
exit $status
