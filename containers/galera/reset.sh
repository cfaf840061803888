#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A known good state, whatever a cut left: three members that are one cluster and have all of it, and the table is
# empty at each. Exit 0 only when all of it is seen.
cd "$(dirname "$0")" && . ./client.sh
deadline=$(($(date +%s) + ${CUTSET_RESET_LIMIT:-30}))

# until_ok WHAT FUNCTION: try until it succeeds, give up at the deadline
until_ok() {
	until "$2"; do
		[ "$(date +%s)" -lt "$deadline" ] || { echo "reset: $1"; exit 1; }
		sleep 0.1
	done
}

synced() {
	for address in $g1 $g2 $g3; do
		[ "$(ask 2 "$address" "select group_concat(variable_value order by variable_name) from
			information_schema.global_status where variable_name in ('wsrep_cluster_size', 'wsrep_cluster_status',
			'wsrep_local_state_comment')")" = 3,Primary,Synced ] || return 1
	done
}

empty() { ask 4 "$g1" "create database if not exists d; create table if not exists d.t (v varchar(40) primary key); delete from d.t"; }

empty_everywhere() {
	for address in $g1 $g2 $g3; do
		[ "$(ask 2 "$address" "select count(*) from d.t")" = 0 ] || return 1
	done
}

until_ok "the members are not one cluster" synced 2>/dev/null
until_ok "the table cannot be emptied" empty 2>/dev/null
until_ok "a member is behind" empty_everywhere 2>/dev/null
