#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# write-wait.sh N: set one fresh key at the primary that the sentinels name, and wait for N replicas to have it.
# Exit 0: they have; 1: refused; 2: unknown, fewer have said so.
cd "$(dirname "$0")" && . ./client.sh

for sentinel in $sentinel1 $sentinel2 $sentinel3; do
	primary_by "$sentinel" && break
	address=
done
[ -n "$address" ] || { echo "no sentinel names a primary"; exit 1; }

answer=$(printf 'SET %s %s\nWAIT %s 2000\n' "$key" "$value" "$1" | ask 4 "$address" 6379) ||
	{ echo "$address does not answer"; exit 2; }
echo "$address:" $answer
case $answer in
"OK
"*) [ "${answer##*
}" -ge "$1" ] || exit 2 ;;
*) exit 1 ;;
esac
