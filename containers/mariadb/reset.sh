#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A known good state: m2 and m3 replicate from m1 and have all that it has, m1 waits for one of them, and the
# table is empty. Exit 0 only when all of it is seen.
cd "$(dirname "$0")" && . ./client.sh
deadline=$(($(date +%s) + ${CUTSET_RESET_LIMIT:-20}))

# until_ok WHAT FUNCTION: try until it succeeds, give up at the deadline
until_ok() {
	until "$2"; do
		[ "$(date +%s)" -lt "$deadline" ] || { echo "reset: $1"; exit 1; }
		sleep 0.1
	done
}

# the fallback would be one for ever while no replica has come
patient() { ask 2 "$m1" "set global rpl_semi_sync_master_timeout = 4000000000"; }

# connections that a cut has stopped are known to be dead only after a while
end_dumps() {
	for id in $(ask 2 "$m1" "select id from information_schema.processlist where command like 'Binlog Dump%'"); do
		ask 2 "$m1" "kill $id" || true
	done
}

follow() {
	for address in $m2 $m3; do
		ask 4 "$address" "stop slave; change master to master_host='$m1', master_user='root', master_use_gtid=slave_pos,
			master_connect_retry=1, master_heartbeat_period=1; start slave" || return 1
	done
}

waits_for_two() {
	[ "$(ask 2 "$m1" "select group_concat(variable_value order by variable_name) from information_schema.global_status
		where variable_name in ('rpl_semi_sync_master_clients', 'rpl_semi_sync_master_status')")" = 2,ON ]
}

empty() {
	ask 3 "$m1" "create database if not exists d; create or replace table d.t (v varchar(40))"
}

same_place() {
	at=$(ask 2 "$m1" "select @@gtid_binlog_pos") && [ "$(ask 2 "$m2" "select @@gtid_slave_pos")" = "$at" ] &&
		[ "$(ask 2 "$m3" "select @@gtid_slave_pos")" = "$at" ]
}

impatient() { ask 2 "$m1" "set global rpl_semi_sync_master_timeout = $TIMEOUT_MS"; }

until_ok "m1 does not answer" patient 2>/dev/null
end_dumps 2>/dev/null
until_ok "a replica does not answer" follow 2>/dev/null
until_ok "m1 does not wait for two replicas" waits_for_two 2>/dev/null
until_ok "the table cannot be emptied" empty 2>/dev/null
until_ok "a replica is behind" same_place 2>/dev/null
until_ok "the timeout cannot be set" impatient 2>/dev/null
