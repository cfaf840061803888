#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Read the row that write.sh inserted at each member that is not silent and is of the cluster; wait until one is.
# Exit 0: it is at all of them; 1: one answers without it; 2: none answered in time.
cd "$(dirname "$0")" && . ./client.sh

deadline=$(($(date +%s) + 20))
while [ "$(date +%s)" -lt "$deadline" ]; do
	answers=
	for member in g1 g2 g3; do
		eval "address=\$$member"
		silenced "$member" && continue
		cnt=$(ask 3 "$address" "select count(*) from d.t where v = '$value'" 2>/dev/null) || continue
		answers="$answers $cnt"
		[ "$cnt" -gt 0 ] || { echo "$member: lost"; exit 1; }
	done
	[ -n "$answers" ] && echo "kept:$answers" && exit 0
	sleep 0.3
done
echo "no member answers"
exit 2
