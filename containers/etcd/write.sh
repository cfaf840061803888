#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Put one fresh key, at the first member that takes it; putting it twice is the same.
# Exit 0: acknowledged; 2: unknown, it may have happened.
cd "$(dirname "$0")" && . ./client.sh

for member in $(heard); do
	eval "address=\$$member"
	answer=$(ask 3 "$address:2379" put "$key" "$value" 2>&1)
	echo "$member: $answer"
	[ "$answer" = OK ] && exit 0
done
exit 2
