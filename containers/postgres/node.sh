#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Become one node: node.sh p1|p2|p3. p1 begins as the primary; p2 and p3 copy it. SYNCHRONOUS=ANY: p1 waits for one of
# them. node.sh again, in a node that is up: forget all, and copy p1 anew.
set -eu
. "$(dirname "$0")/settings.sh"
data=/tmp/data

if [ "$1" = again ]; then
	touch /tmp/again
	pg_ctl -D $data stop -m immediate >/dev/null 2>&1 || true
	exit 0
fi

be_primary() {
	if [ ! -e $data/PG_VERSION ]; then
		initdb -D $data -A trust -N --wal-segsize=1 --locale=C >/dev/null
		echo "host all,replication all all trust" >>$data/pg_hba.conf
	fi
	exec postgres -D $data -c "synchronous_standby_names=${SYNCHRONOUS:+ANY 1 (p2,p3)}" "${settings[@]}"
}

# A standby that was promoted has a history of its own: it begins again as a copy.
be_standby() {
	while :; do
		rm -rf $data /tmp/again
		until pg_basebackup -h "$p1" -D $data -R -c fast -d "host=$p1 application_name=$1" 2>/dev/null; do
			rm -rf $data
			sleep 0.2
		done
		postgres -D $data "${settings[@]}" || true
		[ -e /tmp/again ] || exit 1
	done
}

# short timeouts make short experiments
settings=(-c listen_addresses='*' -c unix_socket_directories=/tmp -c wal_sender_timeout=2s -c wal_receiver_timeout=2s
	-c wal_retrieve_retry_interval=200ms -c wal_receiver_status_interval=1s -c wal_keep_size=64MB -c max_wal_senders=8
	-c shared_buffers=16MB -c autovacuum=off -c bgwriter_delay=10s -c max_connections=30)
case $1 in
p1) be_primary ;;
p2 | p3) be_standby "$1" ;;
*) echo "node.sh: no node is named $1" >&2; exit 2 ;;
esac
