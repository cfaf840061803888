#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Set one fresh key at the primary that the sentinels name.
# Exit 0: acknowledged; 1: refused; 2: unknown, it may have happened.
cd "$(dirname "$0")" && . ./client.sh

for sentinel in $sentinel1 $sentinel2 $sentinel3; do
	primary_by "$sentinel" && break
	address=
done
[ -n "$address" ] || { echo "no sentinel names a primary"; exit 1; }

answer=$(ask 3 "$address" 6379 SET "$key" "$value") || { echo "$address does not answer"; exit 2; }
echo "$address: $answer"
[ "$answer" = OK ]
