#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Read the key that write.sh wrote, at the primary that the sentinels name; wait for a failover.
# Exit 0: it is there; 1: a primary answers without it; 2: no primary answered in time.
cd "$(dirname "$0")" && . ./client.sh

# 0 there, 1 not there, 2 $address is no primary or does not answer
read_at() {
	answer=$(printf 'ROLE\nGET %s\n' "$key" | ask 1 "$address" 6379) || return 2
	case $answer in
	master*"$value") return 0 ;;
	master*) return 1 ;;
	esac
	return 2
}

deadline=$(($(date +%s) + 15))
while :; do
	for sentinel in $sentinel1 $sentinel2 $sentinel3; do
		if primary_by "$sentinel" && ! silenced "$address"; then
			read_at
			status=$?
			[ $status -eq 2 ] || break 2
		fi
		[ "$(date +%s)" -lt "$deadline" ] || { echo "no primary answers"; exit 2; }
		sleep 0.3
	done
done
[ $status -eq 0 ] && echo "$address: kept" || echo "$address: lost"
exit $status
