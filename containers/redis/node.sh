#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Become one node: node.sh redis1|redis2|redis3|sentinel1|sentinel2|sentinel3 [FOLDER]
# FOLDER (default: here) takes the sentinel's file. redis1 begins as the primary.
set -eu
. "$(dirname "$0")/settings.sh"
node=$1
cd "${2:-.}"

be_redis() {
	exec redis-server --bind 0.0.0.0 --protected-mode no --save '' --appendonly no \
		--repl-diskless-sync no --rdb-del-sync-files yes "$@"
}

be_sentinel() {
	cat > sentinel.conf <<-END
	bind 0.0.0.0
	protected-mode no
	sentinel monitor $primary $redis1 6379 $quorum
	sentinel down-after-milliseconds $primary $down_after_ms
	sentinel failover-timeout $primary $failover_timeout_ms
	END
	exec redis-sentinel sentinel.conf
}

case $node in
redis1) be_redis ;;
redis2 | redis3) be_redis --replicaof "$redis1" 6379 ;;
sentinel*) be_sentinel ;;
*) echo "node.sh: no node is named $node" >&2; exit 2 ;;
esac
