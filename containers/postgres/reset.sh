#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A known good state, whatever a promotion left: p1 is the primary, p2 and p3 stream from it, all at one
# place of one timeline, and the table is empty. Exit 0 only when all of it is seen.
cd "$(dirname "$0")" && . ./client.sh
project=${CUTSET_PROJECT:-cutset-postgres}
deadline=$(($(date +%s) + ${CUTSET_RESET_LIMIT:-20}))

# until_ok WHAT FUNCTION: try until it succeeds, give up at the deadline
until_ok() {
	until "$2"; do
		[ "$(date +%s)" -lt "$deadline" ] || { echo "reset: $1"; exit 1; }
		sleep 0.1
	done
}

primary() { [ "$(ask 2 "$p1" 'select pg_is_in_recovery()')" = f ]; }

# copy_anew NODE: unless it still follows, or has not begun
copy_anew() {
	eval "address=\$$1"
	[ "$(ask 2 "$address" 'select pg_is_in_recovery()')" = f ] || return 0
	docker exec "${project}_$1_1" /cutset/node.sh again
}

# connections that a cut has stopped are known to be dead only after a while
reconnect() { ask 2 "$p1" "select pg_terminate_backend(pid) from pg_stat_replication" >/dev/null; }

streaming() {
	[ "$(ask 2 "$p1" "select count(distinct application_name) from pg_stat_replication where state = 'streaming'")" = 2 ]
}

# the last write of the reset, a synchronous one does not end before a standby has it
empty() {
	ask 3 "$p1" "create table if not exists t (v text); truncate t" >/dev/null
}

# both have applied all that there is
same_place() {
	[ "$(ask 2 "$p1" "select count(*) from pg_stat_replication where state = 'streaming' and
		replay_lsn = pg_current_wal_lsn()")" = 2 ]
}

until_ok "p1 is no primary" primary 2>/dev/null
copy_anew p2 2>/dev/null
copy_anew p3 2>/dev/null
until_ok "p1 does not answer" reconnect 2>/dev/null
until_ok "p2 and p3 do not follow p1" streaming 2>/dev/null
until_ok "the table cannot be emptied" empty 2>/dev/null
until_ok "p2 and p3 are behind" same_place 2>/dev/null
