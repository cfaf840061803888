#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A known good state, whatever an election left: three members that are connected and have the same entries, one of
# which leads (roles.sh says which), and nothing is stored. Exit 0 only when all of it is seen.
cd "$(dirname "$0")" && . ./client.sh
deadline=$(($(date +%s) + ${CUTSET_RESET_LIMIT:-20}))

# until_ok WHAT FUNCTION: try until it succeeds, give up at the deadline
until_ok() {
	until "$2"; do
		[ "$(date +%s)" -lt "$deadline" ] || { echo "reset: $1"; exit 1; }
		sleep 0.1
	done
}

empty() { ask 2 '{"op":"delete","table":"t","where":[]}' | grep -q count; }

agreed() {
	states=$(state "$o1"; state "$o2"; state "$o3")
	[ "$(echo "$states" | grep -c '^true ')" = 3 ] && [ "$(echo "$states" | grep -c ' true ')" = 1 ] &&
		[ "$(echo "$states" | cut -d' ' -f3 | uniq | wc -l)" = 1 ]
}

until_ok "the old rows cannot be deleted" empty
until_ok "the members do not agree" agreed
