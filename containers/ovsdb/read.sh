#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Read the row that write.sh inserted, at the leader; wait for an election. Exit 0: it is there; 1: a leader answers
# without it; 2: none answered in time.
cd "$(dirname "$0")" && . ./client.sh

deadline=$(($(date +%s) + 15))
while [ "$(date +%s)" -lt "$deadline" ]; do
	answer=$(ask 3 "{\"op\":\"select\",\"table\":\"t\",\"where\":[[\"v\",\"==\",\"$value\"]],\"columns\":[\"v\"]}")
	case $answer in
	*"$value"*) echo kept; exit 0 ;;
	*rows*) echo "lost: $answer"; exit 1 ;;
	esac
	sleep 0.3
done
echo "no leader answers"
exit 2
