#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A known good state, whatever an election left: no client is at work, etcd1 leads, all three members are
# healthy, in one term and at one index, and nothing is stored, no lease either. Exit 0 only when all of it is seen.
cd "$(dirname "$0")" && . ./client.sh
all=$etcd1:2379,$etcd2:2379,$etcd3:2379
deadline=$(($(date +%s) + ${CUTSET_RESET_LIMIT:-30}))

# until_ok WHAT FUNCTION: try until it succeeds, give up at the deadline
until_ok() {
	until "$2"; do
		[ "$(date +%s)" -lt "$deadline" ] || { echo "reset: $1"; exit 1; }
		sleep 0.1
	done
}

# "ADDRESS ID IS-LEADER TERM INDEX" of each member; fails when one does not answer
status() {
	view=$(ask 1 "$all" endpoint status -w simple | sed 's/, /,/g' | cut -d, -f1,2,5,7,8 | tr , ' ') &&
		[ "$(echo "$view" | grep -c ':2379 ')" = 3 ]
}

etcd1_leads() {
	status || return 1
	leader=$(echo "$view" | awk '$3 == "true" { print $1 }')
	[ "$leader" = "$etcd1:2379" ] && return 0
	[ -n "$leader" ] && ask 2 "$leader" move-leader "$(echo "$view" | awk -v a="$etcd1:2379" '$1 == a { print $2 }')" >&2
	return 1
}

empty() { ask 2 "$etcd1:2379" del '' --prefix >&2; }

# One term and one index: nobody is behind, and no late candidate is about to call an election.
agreed() {
	etcd1_leads && [ "$(echo "$view" | cut -d' ' -f4,5 | uniq | wc -l)" = 1 ]
}

healthy() { ask 2 "$all" endpoint health >&2; }

# Where clients run, none does.
end_clients() {
	for c in $clients; do
		docker exec "$(container "$c")" sh -c 'kill -9 -1; rm -f outcome' || return 1
	done
}

no_lease() {
	for lease in $(ask 2 "$etcd1:2379" lease list | sed 1d); do
		ask 2 "$etcd1:2379" lease revoke "$lease" >&2 || return 1
	done
}

fetch_certificate() {
	[ "$scheme" = http ] || { mkdir -p "$tls" && docker cp "$(container etcd1):/cutset/tls/." "$tls" >&2; }
}

clients=
case ${COMPOSE_PROFILES-} in *clients*) clients="c1 c2" ;; esac
until_ok "there is no certificate" fetch_certificate 2>/dev/null
until_ok "a client cannot be ended" end_clients
until_ok "etcd1 does not become the leader" etcd1_leads 2>/dev/null
until_ok "a member is not healthy" healthy 2>/dev/null
until_ok "the old leases cannot be revoked" no_lease 2>/dev/null
until_ok "the old keys cannot be deleted" empty 2>/dev/null
until_ok "the members do not agree" agreed 2>/dev/null
