#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Read the key that write.sh put (a linearizable get) at the first member that answers; wait for an
# election. Exit 0: it is there; 1: a member answers without it; 2: none answered in time.
cd "$(dirname "$0")" && . ./client.sh

deadline=$(($(date +%s) + 20))
while [ "$(date +%s)" -lt "$deadline" ]; do
	for member in $(heard); do
		eval "address=\$$member"
		answer=$(ask 2 "$address:2379" get --print-value-only "$key" 2>/dev/null) || continue
		[ "$answer" = "$value" ] && echo "$member: kept" && exit 0
		echo "$member: lost"
		exit 1
	done
	sleep 0.3
done
echo "no member answers"
exit 2
