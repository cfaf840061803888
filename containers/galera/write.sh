#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Insert one row, at the first member that takes it; inserting it twice is the same.
# Exit 0: acknowledged; 2: unknown, it may have happened.
cd "$(dirname "$0")" && . ./client.sh

for member in g1 g2 g3; do
	eval "address=\$$member"
	! silenced "$member" && ask 4 "$address" "insert ignore into d.t values ('$value')" && echo "$member: inserted" && exit 0
done
echo "no member takes it"
exit 2
